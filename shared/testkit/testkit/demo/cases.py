"""Chapter two: repairs are registered and cleared, by warranty, by consent, or by a waiver."""

from uuid import UUID

from shared.contracts import intake
from testkit.clients import Document, Json, Person, items, text
from testkit.demo.cast import Cast


def repair_in_warranty(cast: Cast, call: Document) -> Document:
    """In warranty nothing stands in the way."""
    parts: list[Json] = [{"part_code": "PCB-77", "quantity": 1}]
    case = cast.register("WH-1001", phone="13800138000", call_id=call["id"], urgency="urgent", parts=parts)
    basis = cast.cleared(case).basis
    cast.step(
        "in_warranty", f"{case['number']} on the call of {call['customer_label']}, basis {basis}", service="intake"
    )
    return case


def quote_accepted(cast: Cast, call: Document) -> Document:
    """Out of warranty, the customer agrees to the fee."""
    case, quote = _quoted(cast, "AC-2001", price="380.00", phone="13900139000", call_id=call["id"])
    cast.agent.change(f"{quote}/acceptance", {"by": "customer"}, of=f"/v1/cases/{case['id']}")
    cleared = cast.cleared(case)
    cast.step("quote_accepted", f"{case['number']}: 380 yuan, basis {cleared.basis}", service="intake")
    return case


def waiver_approved(cast: Cast) -> Document:
    """He refuses, and the fee is just small enough for the marketing vice-president."""
    case, asked = _waiver(cast, "AC-2002", price="10000.00")
    _decide(cast, asked, decision="approved")
    basis = cast.cleared(case).basis
    cast.accept(cast.offered(case))
    what = f"{case['number']}: {asked.amount} yuan, decided by {asked.approver_role}, basis {basis}"
    if asked.approver_role == "marketing_vp":
        cast.step("waiver_approved", what, service="intake")
    return case


def waiver_rejected(cast: Cast) -> None:
    """He refuses, and the fee is one cent above what the vice-president may waive."""
    case, asked = _waiver(cast, "BO-3001", price="10000.01")
    _decide(cast, asked, decision="rejected")
    case_id = UUID(text(case, "id"))
    cancelled = cast.watcher.wait_for(intake.CaseCancelled, where=lambda event: event.case_id == case_id)
    what = f"{case['number']}: {asked.amount} yuan, decided by {asked.approver_role}, {cancelled.reason}"
    if asked.approver_role == "general_manager":
        cast.step("waiver_rejected", what, service="intake")


def _quoted(
    cast: Cast, serial_number: str, *, price: str, phone: str | None = None, **more: Json
) -> tuple[Document, str]:
    """A case out of warranty with a quote; the case, and the path of the quote."""
    case = cast.register(serial_number, phone=phone, **more)
    path = f"/v1/cases/{case['id']}"
    lines: list[Json] = [{"kind": "labour", "text": "检修", "price": price}]
    case = cast.agent.change(f"{path}/quotes", {"solution": "更换主板", "lines": lines}, of=path)
    (quote,) = items(case, "quotes")
    return case, f"{path}/quotes/{quote['id']}"


def _waiver(cast: Cast, serial_number: str, *, price: str) -> tuple[Document, intake.ApprovalRequested]:
    case, quote = _quoted(cast, serial_number, price=price)
    cast.agent.change(f"{quote}/refusal", {"by": "customer"}, of=f"/v1/cases/{case['id']}")
    case_id = UUID(text(case, "id"))
    asked = cast.watcher.wait_for(intake.ApprovalRequested, where=lambda event: event.case_id == case_id)
    return case, asked


def _decide(cast: Cast, asked: intake.ApprovalRequested, *, decision: str) -> None:
    approver = Person(cast.suite.client("intake", role=asked.approver_role))
    path = f"/v1/approvals/{asked.approval_id}"
    approver.change(f"{path}/decision", {"decision": decision}, of=path)
