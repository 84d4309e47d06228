"""What parts is told of a customer: by who pays for him, and by who has a supplier solve his problem."""

import json
from datetime import timedelta
from uuid import uuid4

import httpx

from shared.contracts import parts
from support import payment_gateway
from support.canaries import Canary
from support.company import ANY_VERSION, Company
from support.repairs import Repair
from testkit.clients import Document, Json, items, text

SUPPLIER: dict[str, Json] = {"name": "恒通配件", "supplies": "主板", "contact_name": "周", "phone": "02188888888"}


def paid_and_called_off(company: Company, canary: Canary, *, of: Repair) -> Repair:
    """A part is ordered for him that he pays for and a supplier answers for; then he does not want it any more."""
    known, code = of.read(), company.part(on_hand=0)
    himself: dict[str, Json] = {"customer": None, "customer_id": known["customer_id"]}
    himself |= {"site": None, "site_id": known["site_id"]}
    case = company.register(company.unit(), parts=[{"part_code": code, "quantity": 1}], **himself)
    paid(company, case, canary=canary)
    reported_in_vain(company, canary)
    solved_by_his_supplier(company, case, code=code, canary=canary)
    case.cancel()
    company.time.settle()
    return case


def paid(company: Company, case: Repair, *, canary: Canary) -> None:
    """A provider reports who paid."""
    deposit_id = str(case.heard(parts.DepositRequired).deposit_id)
    company.time.settle()
    deposit = company.storekeeper.read(f"/v1/deposits/{deposit_id}")
    report: dict[str, Json] = {"payment_id": uuid4().hex, "deposit_id": deposit_id, "amount": deposit["amount"]}
    report |= {"currency": "CNY", "status": "succeeded", "payer": payer(canary)}
    answer = reported(company, json.dumps(report, ensure_ascii=False))
    assert answer.is_success, answer.text
    case.heard(parts.DepositPaid)


def reported_in_vain(company: Company, canary: Canary) -> None:
    """A report that breaks off is kept until somebody looked into it."""
    answer = reported(company, json.dumps({"payer": payer(canary)}, ensure_ascii=False)[:-1])
    assert answer.is_client_error
    unreadable = [one for one in items(company.storekeeper.read("/v1/payments")) if one["deposit_id"] is None]
    path = f"/v1/payments/{text(unreadable[0], 'id')}"
    assert canary.number in json.dumps(company.storekeeper.read(f"{path}/report"))
    company.storekeeper.change(f"{path}/settlement", {"ending": "nothing_due", "reference": "P-1"}, of=path)


def reported(company: Company, report: str) -> httpx.Response:
    """What the provider is told."""
    body = report.encode()
    provider = company.clients.stranger("parts")
    return provider.post(payment_gateway.PATH, content=body, headers=payment_gateway.signed(body))


def payer(canary: Canary) -> Json:
    """As providers like to tell it, though nobody asked."""
    return {"name": canary.text("name"), "phone": canary.number}


def solved_by_his_supplier(company: Company, case: Repair, *, code: str, canary: Canary) -> None:
    """A supplier is told in writing where he has to come, and it is reported what he did there."""
    number, buyer = f"S-{uuid4().hex[:8]}", company.person("parts", role="buyer")
    company.storekeeper.create("/v1/suppliers", {**SUPPLIER, "number": number, "part_codes": [code]})
    trouble: dict[str, Json] = {"supplier_number": number, "part_code": code, "case_id": str(case.id)}
    trouble |= {"problem": canary.text("problem"), "model": "RS-60", "quantity": 1}
    trouble["solve_by"] = (company.time.now() + timedelta(days=2)).isoformat()
    path = f"/v1/supplier-cases/{text(company.storekeeper.create('/v1/supplier-cases', trouble), 'id')}"
    costs: Document = {"costs": [{"kind": "material", "amount": "520.00", "bearer": "supplier"}]}
    buyer.client.put(f"{path}/costs", json=costs, headers=ANY_VERSION).raise_for_status()
    buyer.change(f"{path}/contact", {}, of=path)
    notice = buyer.client.get(f"{path}/notice", params={"purpose": "supplier_notice", "format": "text"})
    assert canary.text("address") in notice.text
    assert canary.number in notice.text
    buyer.change(f"{path}/notification", {}, of=path)
    report: dict[str, Json] = {"quality": "poor", "course": canary.text("course")}
    buyer.change(f"{path}/reports", report, of=path)
    words = buyer.read(f"{path}/words", purpose="supplier_service")
    assert words["problem"] == canary.text("problem")
