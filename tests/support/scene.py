"""A company with one of everything, of which requests are made that are right but for one thing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import httpx

from shared.http.problems import PROBLEM_MEDIA_TYPE
from shared.security.roles import SCOPES
from support.colleagues import colleague
from support.company import Company
from support.footprint import Footprint
from support.operations import SHEET, Operation
from testkit.clients import Json, items, text


@dataclass
class Scene:
    """One of everything there is, and somebody who may do everything."""

    company: Company
    footprint: Footprint
    ids: dict[str, str]
    bodies: Mapping[str, Json]
    before: Mapping[str, str] = field(default_factory=dict)

    def ask(
        self,
        one: Operation,
        *,
        method: str | None = None,
        path: str | None = None,
        body: Json | bytes = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = "",
    ) -> httpx.Response:
        """Send the operation with everything right, but for what is given. `token=None` sends none."""
        right = {"Idempotency-Key": uuid4().hex, "If-Match": "*", "X-Purpose": "callback"}
        if token != "":
            right["Authorization"] = f"Bearer {token}" if token else ""
        if one.body:
            right["Content-Type"] = one.body
            body = self.body(one) if body is None else body
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if one.body else b""
        sent = {name: value for name, value in (right | dict(headers or {})).items() if value}
        client = self.company.clients.of(one.service, role="machine", subject="all", scope=" ".join(SCOPES))
        if token is None:
            client = self.company.clients.stranger(one.service)
        return client.request(
            (method or one.method).upper(), path or one.at(self.ids), content=content or None, headers=sent
        )

    def body(self, one: Operation) -> Json | bytes:
        """A body that is right."""
        return b"staff_number\n" if one.body == SHEET else self.bodies[one.name]


def require_refused(scene: Scene, answer: httpx.Response, *, status: int, one: Operation) -> dict[str, object]:
    """The status, the documented form of a problem, and a footprint as it was before."""
    assert answer.status_code == status, f"{one}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE
    problem: dict[str, object] = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["expected"]
    assert problem["correlation_id"] == answer.headers["x-correlation-id"]
    after = scene.footprint.take()
    before, scene.before = scene.before, after
    assert {name: rows for name, rows in after.items() if before[name] != rows} == {}
    return problem


def ids_of(company: Company) -> dict[str, str]:
    """A case with a hold and an open quote, one whose visit is agreed, and one whose unit is in the workshop."""
    technician = company.technician()
    visited = company.register()
    visited.assigned()
    visit = visited.visit(company.at(15))
    order = visited.order()
    case = company.register(company.unit(months=0))
    case.hold("customer")
    case.quote("380.00")
    quoted = case.read()
    refused = company.register(company.unit(months=0))
    refused.step(f"{refused.quote('380.00')}/refusal", {"by": "customer"})
    item_id, request_id = workshop_of(company)
    source: dict[str, Json] = {"name": f"s-{uuid4().hex[:8]}", "adapter": "zammad", "secret": "secret-of-the-scene"}
    source |= {"public_base": "https://push.example", "country": "CN"}
    dispatch_admin = company.admins["dispatch"]
    certificate: dict[str, Json] = {"code": "electrician", "valid_from": "2020-01-01", "valid_until": "2099-01-01"}
    absence: dict[str, Json] = {"reason": "leave", "away_from": company.at(9, days=9).isoformat()}
    absence["until"] = company.at(10, days=9).isoformat()
    (offer,) = items(company.dispatcher.read("/v1/offers", work_order_id=str(order["id"])))
    return {
        "case_id": str(case.id),
        "hold_id": text(items(quoted, "holds")[0], "id"),
        "quote_id": text(items(quoted, "quotes")[0], "id"),
        "approval_id": text(items(refused.read(), "approvals")[0], "id"),
        "customer_id": text(quoted, "customer_id"),
        "unit_id": text(quoted, "unit_id"),
        "member_id": text(colleague(company), "id"),
        "source_id": text(company.admins["intake"].create("/v1/push-sources", source), "id"),
        "technician_id": str(technician.id),
        "certificate_id": text(
            dispatch_admin.create(f"/v1/technicians/{technician.id}/certificates", certificate), "id"
        ),
        "absence_id": text(dispatch_admin.create(f"/v1/technicians/{technician.id}/absences", absence), "id"),
        "order_id": text(order, "id"),
        "offer_id": text(offer, "id"),
        "visit_id": text(visit, "id"),
        "item_id": item_id,
        "request_id": request_id,
        "call_id": str(uuid4()),
        "clock_id": str(uuid4()),
        "department": "engineering",
    }


def workshop_of(company: Company) -> tuple[str, str]:
    """What a technician took in on his visit, and the request for parts that its order made."""
    company.technician()
    case = company.register()
    technician = case.assigned()
    visit = case.visit(company.time.now() + timedelta(minutes=1))
    technician.arrive(visit)
    path = f"/v1/visits/{visit['id']}"
    taken: Mapping[str, Json] = {"description": "热水器一台", "signer": "客户", "signature": "c2lnbmVk"}
    technician.person.change(f"{path}/take-in", taken, of=path)
    technician.person.change(f"{path}/return", {}, of=path)
    lines: Mapping[str, Json] = {"lines": [{"part_code": "PCB", "quantity": 1}]}
    order_id = text(case.order(), "id")
    request = company.dispatcher.create(f"/v1/work-orders/{order_id}/parts-requests", lines)
    (item,) = items(company.dispatcher.read("/v1/items", work_order_id=order_id))
    return text(item, "id"), text(request, "id")


def bodies_of(company: Company) -> Mapping[str, Json]:
    """A body that is right for every operation that reads one."""
    unit: Mapping[str, Json] = {
        "serial_number": f"SN-{uuid4().hex[:12]}",
        "product_family": "boiler",
        "product_model": "B-24",
        "sold_on": "2020-01-15",
        "warranty_months": 24,
    }
    place: Mapping[str, Json] = {"public_base": "https://push.example", "country": "CN"}
    source: Mapping[str, Json] = {**place, "name": "another", "adapter": "zammad", "secret": "another-secret-12"}
    technician: Mapping[str, Json] = {
        "staff_number": "T-another",
        "name": "王伟",
        "department": "engineering",
        "zones": ["city"],
        "skills": ["general"],
    }
    window = company.window(company.at(10, days=1))
    line: Mapping[str, Json] = {"kind": "labour", "text": "检修", "price": "1.00"}
    away: Mapping[str, Json] = {"away_from": window["starts_at"], "until": window["ends_at"], "reason": "leave"}
    report: Mapping[str, Json] = {"work_minutes": 45, "travel_minutes": 30}
    signed: Mapping[str, Json] = {"signer": "客户", "signature": "c2lnbmVk"}
    return {
        "POST /v1/cases": company.form(),
        "POST /v1/cases/{case_id}/owner": {"owner_id": colleague(company)["staff_number"]},
        "POST /v1/cases/{case_id}/holds": {"reason": "customer"},
        "POST /v1/cases/{case_id}/cancellation": {"reason": "mistake"},
        "POST /v1/cases/{case_id}/resolution": {"resolution": "solved_by_phone"},
        "POST /v1/cases/{case_id}/reopening": {"reason": "fault_is_back"},
        "POST /v1/customers/{customer_id}/erasure": {"reason": "customer_request"},
        "POST /v1/cases/{case_id}/quotes": {"solution": "更换", "lines": [line]},
        "POST /v1/cases/{case_id}/quotes/{quote_id}/acceptance": {"by": "customer"},
        "POST /v1/cases/{case_id}/quotes/{quote_id}/refusal": {"by": "customer"},
        "POST /v1/approvals/{approval_id}/decision": {"decision": "approved"},
        "POST /v1/customers": {"name": "王小明", "phones": [company.number()]},
        "POST /v1/customers/{customer_id}/sites": {"district": "xuhui", "address": "一号"},
        "POST /v1/units": unit,
        "PUT /v1/units/{unit_id}": unit,
        "POST /v1/push-sources": source,
        "PUT /v1/push-sources/{source_id}": place,
        "POST /v1/push-sources/{source_id}/secret": {"secret": "another-secret-12"},
        "POST /v1/work-orders/{order_id}/visits": window,
        "POST /v1/offers/{offer_id}/refusal": {"reason": "other"},
        "POST /v1/visits/{visit_id}/reschedule": {**window, "reason": "customer"},
        "POST /v1/visits/{visit_id}/arrival": {},
        "POST /v1/visits/{visit_id}/completion": {
            **report,
            "findings": "E4",
            "resolution": "repaired",
            "test_run": "passed",
        },
        "POST /v1/visits/{visit_id}/unfinished": {**report, "reason": "customer_away", "explanation": "无人在家"},
        "POST /v1/visits/{visit_id}/take-in": {**signed, "description": "热水器一台"},
        "POST /v1/work-orders/{order_id}/sign-off": {**signed, "opinion": "satisfied"},
        "POST /v1/work-orders/{order_id}/parts-requests": {"lines": [{"part_code": "PCB", "quantity": 1}]},
        "POST /v1/items/{item_id}/repair": {"work_minutes": 90, "findings": "更换密封圈"},
        "POST /v1/items/{item_id}/inspection": {"result": "passed"},
        "POST /v1/items/{item_id}/return": {**signed, "opinion": "satisfied", "receipt_number": "L1-1"},
        "POST /v1/technicians": technician,
        "PUT /v1/technicians/{technician_id}": technician,
        "POST /v1/technicians/{technician_id}/certificates": {
            "code": "electrician",
            "valid_from": "2020-01-01",
            "valid_until": "2099-01-01",
        },
        "POST /v1/technicians/{technician_id}/absences": away,
    }
