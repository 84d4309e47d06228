"""Chapter five: parts and visits, from packing the van to the signature."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from shared.contracts import dispatch, parts
from shared.contracts.facts import PartNeed
from testkit.clients import Document, Json, Refused
from testkit.demo.cast import SHANGHAI, Cast

BOARD: Json = {"part_code": "PCB-77", "quantity": 1}
EXCHANGER: Json = {"part_code": "HX-9", "quantity": 1}


def happy_repair(cast: Cast, case: Document) -> None:
    """The part is there: drawn against the started order, fitted, signed for."""
    reserved = cast.heard(parts.PartsReserved, case)
    cast.step("parts_reserved", f"{_lines(reserved.lines)} for {case['number']}", service="parts")
    visit = cast.heard(dispatch.VisitScheduled, case)
    request = f"/v1/requests/{reserved.request_id}"
    issue: dict[str, Json] = {"lines": [BOARD], "issued_to": cast.staff[str(visit.technician_id)]}
    try:
        cast.storekeeper.change(f"{request}/issues", issue, of=request)
    except Refused as refused:
        title = refused.answer.json()["detail"]
        cast.step("issue_refused", f"{refused.answer.status_code} {title}", service="parts")
    technician = cast.at_work(visit.technician_id)
    technician.step(visit.visit_id, "preparation")
    started = cast.heard(dispatch.WorkOrderStarted, case)
    cast.time.settle()
    cast.storekeeper.change(f"{request}/issues", issue, of=request)
    cast.heard(parts.PartsIssued, case)
    cast.step("parts_issued", f"{_lines(reserved.lines)} to {started.staff_number}", service="parts")
    cast.time.advance_to(visit.starts_at)
    technician.go(visit.visit_id)
    arrived = cast.heard(dispatch.TechnicianArrived, case)
    cast.step("arrived", f"{arrived.arrived_at.astimezone(SHANGHAI):%H:%M}", service="dispatch")
    technician.complete(visit.visit_id, resolution="part_replaced", fitted=[BOARD])
    hours = cast.heard(dispatch.HoursPosted, case)
    what = f"{hours.work_minutes} minutes of work, {hours.travel_minutes} of travel, {hours.expenses} yuan"
    cast.step("completed", what, service="dispatch")
    technician.sign_off(visit.work_order_id, opinion="very_satisfied")
    signed = cast.heard(dispatch.WorkOrderSignedOff, case)
    cast.step("signed_off", f"{signed.work_order_number}: {signed.opinion}", service="dispatch")


def paid_repair(cast: Cast, case: Document) -> None:
    """Out of warranty, and done like any other."""
    visit = cast.visited(case)
    technician = cast.at_work(visit.technician_id)
    technician.complete(visit.visit_id)
    technician.sign_off(visit.work_order_id)
    signed = cast.heard(dispatch.WorkOrderSignedOff, case)
    cast.step("out_of_warranty", f"{signed.work_order_number}: {signed.opinion}", service="dispatch")


def short_part(cast: Cast) -> Document:
    """The part is missing: deposit, claim order, arrival, and only then the visit."""
    case = cast.register("WH-1006", parts=[EXCHANGER])
    short = cast.heard(parts.PartsShort, case)
    required = cast.heard(parts.DepositRequired, case)
    what = f"{_lines(short.missing)} missing, a deposit of {required.amount} yuan asked for"
    cast.step("parts_short", what, service="parts")
    cast.accept(cast.offered(case))
    cast.time.settle()
    try:
        cast.agree_visit(case, begin=cast.next_day_at(9))
    except Refused as refused:
        detail = refused.answer.json()["detail"]
        cast.step("no_visit_without_parts", f"{refused.answer.status_code} {detail}", service="dispatch")
    _pay_and_order(cast, case, required=required)
    _arrive_and_fit(cast, case, order=required.claim_order_id)
    return case


def unfinished_visit(cast: Cast) -> Document:
    """Nobody was at home: explained, written down, and agreed again."""
    case = cast.register("WH-1007")
    first = cast.visited(case)
    technician = cast.at_work(first.technician_id)
    technician.leave_unfinished(first.visit_id, reason="customer_away")
    unfinished = cast.heard(dispatch.VisitUnfinished, case)
    second = cast.agree_visit(case, begin=cast.next_day_at(9))
    cast.walk(second)
    technician.complete(second.visit_id)
    technician.sign_off(second.work_order_id)
    begin = second.starts_at.astimezone(SHANGHAI)
    what = f"{unfinished.work_order_number}: {unfinished.reason}, again on {begin:%a at %H:%M}"
    cast.step("unfinished", what, service="dispatch")
    return case


def taken_in(cast: Cast) -> Document:
    """It has to go to the workshop, and comes back against the same receipt."""
    case = cast.register("WH-1008")
    visit = cast.visited(case)
    technician = cast.at_work(visit.technician_id)
    words: dict[str, Json] = {"signer": "客户本人", "signature": "c2lnbmVk"}
    promised = (cast.time.now() + timedelta(days=2)).isoformat()
    technician.step(visit.visit_id, "take-in", {"description": "热水器一台", "promised_at": promised, **words})
    taken = cast.heard(dispatch.ItemTakenIn, case)
    path = f"/v1/items/{taken.item_id}"
    repair: dict[str, Json] = {"work_minutes": 90, "fitted": [], "findings": "更换密封圈"}
    technician.person.change(f"{path}/repair", repair, of=path)
    cast.workshop.change(f"{path}/inspection", {"result": "passed"}, of=path)
    back: dict[str, Json] = {"receipt_number": taken.receipt_number, "opinion": "satisfied", **words}
    technician.person.change(f"{path}/return", back, of=path)
    cast.heard(dispatch.ItemReturned, case)
    what = f"receipt {taken.receipt_number} is void again"
    cast.step("taken_in", what, service="dispatch")
    return case


def _pay_and_order(cast: Cast, case: Document, *, required: parts.DepositRequired) -> None:
    deposit, order = f"/v1/deposits/{required.deposit_id}", f"/v1/claim-orders/{required.claim_order_id}"
    payment: dict[str, Json] = {"amount": str(required.amount), "method": "cash"}
    cast.storekeeper.change(f"{deposit}/payment", payment, of=deposit)
    cast.heard(parts.DepositPaid, case)
    cast.workshop_at_parts.change(f"{order}/approval", {"decision": "approve"}, of=order)
    cast.heard(parts.ClaimOrderApproved, case)
    expected = cast.next_day_at(15)
    placement: dict[str, Json] = {"supplier": "恒通配件", "expected_at": expected.isoformat()}
    cast.storekeeper.change(f"{order}/placement", placement, of=order)
    placed = cast.heard(parts.ClaimOrderPlaced, case)
    what = f"{required.amount} yuan, expected {placed.expected_at.astimezone(SHANGHAI):%a %H:%M}"
    cast.step("deposit_paid", what, service="parts")


def _arrive_and_fit(cast: Cast, case: Document, *, order: UUID) -> None:
    cast.time.advance_to(cast.next_day_at(15))
    path = f"/v1/claim-orders/{order}"
    cast.storekeeper.change(f"{path}/arrival", {}, of=path)
    reserved = cast.heard(parts.PartsReserved, case)
    visit = cast.agree_visit(case, begin=cast.time.now().astimezone(SHANGHAI) + timedelta(minutes=30))
    begin = visit.starts_at.astimezone(SHANGHAI)
    cast.step("part_arrived", f"reserved, and the visit is agreed for {begin:%a %H:%M}", service="parts")
    technician = cast.at_work(visit.technician_id)
    technician.step(visit.visit_id, "preparation")
    cast.heard(dispatch.WorkOrderStarted, case)
    cast.time.settle()
    request = f"/v1/requests/{reserved.request_id}"
    issue: dict[str, Json] = {"lines": [EXCHANGER], "issued_to": cast.staff[str(visit.technician_id)]}
    cast.storekeeper.change(f"{request}/issues", issue, of=request)
    cast.time.advance_to(visit.starts_at)
    technician.go(visit.visit_id)
    technician.complete(visit.visit_id, resolution="part_replaced", fitted=[EXCHANGER])
    technician.sign_off(visit.work_order_id)
    refunded = cast.heard(parts.DepositRefunded, case)
    cast.step("deposit_refunded", f"{refunded.amount} yuan, {refunded.reason}", service="parts")


def _lines(lines: Sequence[PartNeed]) -> str:
    return ", ".join(f"{line.quantity} x {line.part_code}" for line in lines)
