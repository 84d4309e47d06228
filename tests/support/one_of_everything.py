"""One of everything there is: what can be named by an id in the address of a request."""

import json
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID, uuid4

from shared.contracts.feedback import SurveyRequested
from shared.contracts.notifier import EscalationRaised
from shared.contracts.parts import DepositRequired
from support import payment_gateway
from support.company import Company
from testkit.clients import Document, Json, items, text

OVER_AN_HOUR = timedelta(minutes=65)
"""Until the first promise of a case is broken, and the questions about a repair are asked."""

NAMES: Mapping[str, Json] = {"name_zh": "甲", "name_en": "A"}
SUPPLIER: Mapping[str, Json] = {"name": "恒通配件", "supplies": "主板", "contact_name": "周", "phone": "02188888888"}
SHIPMENT: Mapping[str, Json] = {"factory": "一厂", "carrier": "顺丰", "project_manager": "M1", "commercial_by": "M2"}


def ids_of(company: Company) -> dict[str, str]:
    """A case with a hold and an open quote, one whose visit is agreed, one whose unit is in the workshop and waits for
    a part, one that is done, one that was forgotten.
    """
    ids = aftercare_of(company) | repairs_of(company) | workshop_of(company) | records_of(company) | store_of(company)
    unknown = {name: str(uuid4()) for name in ("call_id", "clock_id", "discrepancy_id", "report_id")}
    return ids | unknown | {"department": "engineering"}


def aftercare_of(company: Company) -> dict[str, str]:
    """A customer to be called and asked, and a promise that was broken, about which somebody holds a link."""
    supervisor = company.member("cs_supervisor")
    company.technician()
    done = company.register()
    done.repaired()
    forgotten = company.register()
    company.time.advance(OVER_AN_HOUR)
    survey, raised = done.heard(SurveyRequested), forgotten.heard(EscalationRaised)
    (revisit,) = items(company.caller.read("/v1/revisits", case_id=str(done.id)))
    sent = {"escalation_id": str(raised.escalation_id), "staff_number": supervisor.partition("@")[0]}
    (message,) = items(company.admins["notifier"].read("/v1/messages", **sent))
    (link,) = (link for mail in company.mails_to(supervisor) for link in mail.links if "/acknowledge/" in link)
    return {
        "revisit_id": text(revisit, "id"),
        "survey_id": str(survey.survey_id),
        "feedback_token": survey.link.rpartition("/")[2],
        "escalation_id": str(raised.escalation_id),
        "message_id": text(message, "id"),
        "notifier_token": link.rpartition("/")[2].partition("?")[0],
    }


def repairs_of(company: Company) -> dict[str, str]:
    """A visit that is agreed, and cases with everything that the desk can do about them."""
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
    (offer,) = items(company.dispatcher.read("/v1/offers", work_order_id=str(order["id"])))
    return {
        "case_id": str(case.id),
        "hold_id": text(items(quoted, "holds")[0], "id"),
        "quote_id": text(items(quoted, "quotes")[0], "id"),
        "approval_id": text(items(refused.read(), "approvals")[0], "id"),
        "customer_id": text(quoted, "customer_id"),
        "unit_id": text(quoted, "unit_id"),
        "technician_id": str(technician.id),
        "order_id": text(order, "id"),
        "offer_id": text(offer, "id"),
        "visit_id": text(visit, "id"),
    }


def workshop_of(company: Company) -> dict[str, str]:
    """What a technician took in on his visit, and the papers about the part that it waits for."""
    code = company.part(on_hand=0)
    company.technician()
    case = company.register()
    technician = case.assigned()
    visit = case.visit(company.time.now() + timedelta(minutes=1))
    technician.arrive(visit)
    taken: Mapping[str, Json] = {"description": "热水器一台", "signer": "客户", "signature": "c2lnbmVk"}
    technician.work.step(UUID(text(visit, "id")), "take-in", taken)
    technician.work.come_back(UUID(text(visit, "id")))
    lines: Mapping[str, Json] = {"lines": [{"part_code": code, "quantity": 1}]}
    order_id = text(case.order(), "id")
    request = company.dispatcher.create(f"/v1/work-orders/{order_id}/parts-requests", lines)
    (item,) = items(company.dispatcher.read("/v1/items", work_order_id=order_id))
    required = case.heard(DepositRequired)
    goods: Mapping[str, Json] = {"kind": "return", "origin": "direct_shop", "reason": "unwanted"}
    goods = {**goods, **taken_from_the_shelf(company)}
    return {
        "item_id": text(item, "id"),
        "request_id": text(request, "id"),
        "work_order_id": order_id,
        "part_code": code,
        "claim_order_id": str(required.claim_order_id),
        "deposit_id": str(required.deposit_id),
        "payment_id": refused_payment_of(company, deposit_id=str(required.deposit_id)),
        "goods_return_id": text(company.storekeeper.create("/v1/goods-returns", goods), "id"),
    }


def refused_payment_of(company: Company, *, deposit_id: str) -> str:
    """Money that came for a deposit and was not what had been asked for."""
    told = {"payment_id": uuid4().hex, "deposit_id": deposit_id, "amount": "0.01", "currency": "CNY"}
    body = json.dumps({**told, "status": "succeeded"}).encode()
    provider = company.clients.stranger("parts")
    answer = provider.post(payment_gateway.PATH, content=body, headers=payment_gateway.signed(body))
    assert answer.is_client_error, answer.text
    (payment,) = items(company.storekeeper.read("/v1/payments", deposit_id=deposit_id))
    return text(payment, "id")


def taken_from_the_shelf(company: Company) -> dict[str, Json]:
    """A piece that somebody asked purchasing for and got, and the paper with which it left."""
    piece: dict[str, Json] = {"part_code": company.part(on_hand=1), "quantity": 1}
    wanted: dict[str, Json] = {
        "wanted_at": (company.time.now() + timedelta(days=2)).isoformat(),
        "destination": "store",
    }
    request = company.storekeeper.create("/v1/purchase-requests", {**wanted, "lines": [{**piece, "model": "B-24"}]})
    path = f"/v1/purchase-requests/{text(request, 'id')}"
    company.person("parts", role="buyer").change(f"{path}/allocation", {}, of=path)
    return {**piece, "left_with": f"purchase_request/{text(request, 'id')}"}


def store_of(company: Company) -> dict[str, str]:
    """A place that is counted; a supplier, what was bought from him and what is wrong with it; a tool that is lent."""
    store, code = company.storekeeper, f"X-{uuid4().hex[:8]}"
    piece: Mapping[str, Json] = {"part_code": company.part(on_hand=0), "quantity": 1}
    soon, case_id = (company.time.now() + timedelta(days=2)).isoformat(), str(company.register().id)
    bodies = {
        "supplier": {**SUPPLIER, "number": code, "part_codes": [piece["part_code"]]},
        "place": {**NAMES, "code": code, "kind": "warehouse", "department": "aftersales"},
        "tool": {**NAMES, "code": code, "model": "M-1", "price": "300.00"},
    }
    store.create("/v1/suppliers", bodies["supplier"])
    store.create("/v1/locations", bodies["place"])
    store.create("/v1/tools", bodies["tool"])
    lines: list[Json] = [{**piece, "unit_price": "80.00"}]
    wanted: Mapping[str, Json] = {"lines": [{**piece, "model": "B-24"}], "wanted_at": soon, "destination": "store"}
    asked: list[Json] = [text(store.create("/v1/purchase-requests", wanted), "id")]
    order = {"supplier_number": code, "lines": lines, "expected_at": soon, "request_ids": asked}
    order_id = text(store.create("/v1/purchase-orders", order), "id")
    urged = {"department": "warehouse", "task": "ship", "due_at": soon, "order_id": order_id}
    trouble = {"supplier_number": code, "part_code": piece["part_code"], "case_id": case_id, "problem": "漏水"}
    bought = {**NAMES, "bought_by": "T-1", "bought_at": company.time.now().isoformat(), "model": "M-1"}
    shipped = {"item_id": str(uuid4()), "work_order_id": str(uuid4()), "case_id": case_id, **SHIPMENT}
    later = (company.time.now() + timedelta(days=9)).isoformat()
    shipped |= {"arrival_expected_at": soon, "return_expected_at": later}
    return {
        "code": code,
        "number": code,
        "take_id": text(store.create("/v1/stock-takes", {"location": code}), "id"),
        "purchase_order_id": order_id,
        "purchase_request_id": text(store.create("/v1/purchase-requests", wanted), "id"),
        "action_item_id": text(store.create("/v1/action-items", urged), "id"),
        "supplier_case_id": text(store.create("/v1/supplier-cases", trouble), "id"),
        "shipment_id": text(store.create("/v1/return-shipments", shipped), "id"),
        "loan_id": text(store.create("/v1/tool-loans", {"tool_code": code, "borrower": "T-1"}), "id"),
        "purchase_id": text(store.create("/v1/tool-purchases", {**bought, "price": "90.00"}), "id"),
    }


def records_of(company: Company) -> dict[str, str]:
    """What is entered before anything can happen."""
    member = member_of(company)
    technician_path = f"/v1/technicians/{company.technician().id}"
    source: dict[str, Json] = {"name": f"s-{uuid4().hex[:8]}", "adapter": "zammad", "secret": "secret-of-the-scene"}
    source |= {"public_base": "https://push.example", "country": "CN"}
    certificate: dict[str, Json] = {"code": "electrician", "valid_from": "2020-01-01", "valid_until": "2099-01-01"}
    absence: dict[str, Json] = {"reason": "leave", "away_from": company.at(9, days=9).isoformat()}
    absence["until"] = company.at(10, days=9).isoformat()
    admins = company.admins
    return {
        "staff_id": text(member, "id"),
        "member_id": text(heard_of(company, member), "id"),
        "source_id": text(admins["intake"].create("/v1/push-sources", source), "id"),
        "certificate_id": text(admins["dispatch"].create(f"{technician_path}/certificates", certificate), "id"),
        "absence_id": text(admins["dispatch"].create(f"{technician_path}/absences", absence), "id"),
    }


def member_of(company: Company) -> Document:
    """An agent who has just joined, as the directory has him."""
    number = company.member("agent").partition("@")[0]
    (member,) = items(company.admins["notifier"].read("/v1/staff", search=number))
    return member


def heard_of(company: Company, member: Document) -> Document:
    """The same agent, as intake knows him once it heard of him."""
    company.time.settle()
    (known,) = items(company.agent.read("/v1/staff", search=text(member, "staff_number")))
    return known
