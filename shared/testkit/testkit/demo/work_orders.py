"""Chapter three: technicians in turn, offers, visits, and what becomes of an order that goes another way."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from shared.contracts import dispatch
from testkit.clients import Document, Json, Refused, text
from testkit.demo.cast import SHANGHAI, Cast


def find_technician(cast: Cast, case: Document) -> None:
    """A work order is opened, offered in turn, refused by one and accepted by the next."""
    case_id = UUID(text(case, "id"))
    opened = cast.watcher.wait_for(dispatch.WorkOrderOpened, where=lambda event: event.case_id == case_id)
    what = f"{opened.work_order_number}, {opened.department}, zone {opened.zone}"
    cast.step("work_order", what, service="dispatch")
    first = cast.offered(case)
    reasons = ", ".join(f"{cast.name(one.technician_id)}: {one.reason}" for one in first.passed_over)
    cast.step("passed_over", f"{cast.name(first.technician_id)} is asked; {reasons}", service="dispatch")
    cast.technician(first).create(f"/v1/offers/{first.offer_id}/refusal", {"reason": "still_busy"})
    second = cast.offered(case, turn=2)
    what = f"{cast.name(first.technician_id)} refuses, {cast.name(second.technician_id)} is asked"
    cast.step("offer_refused", what, service="dispatch")
    assigned = cast.accept(second)
    cast.step("assigned", f"{cast.name(assigned.technician_id)} takes {opened.work_order_number}", service="dispatch")
    _visit(cast, assigned)


def nobody_fits(cast: Cast) -> None:
    """No technician has learnt this product family."""
    case = cast.register("EL-4001")
    case_id = UUID(text(case, "id"))
    failed = cast.watcher.wait_for(dispatch.AssignmentFailed, where=lambda event: event.case_id == case_id)
    reasons = ", ".join(sorted({one.reason for one in failed.passed_over}))
    again = failed.retry_at.astimezone(SHANGHAI)
    cast.step("nobody_fits", f"{failed.work_order_number} ({reasons}), again at {again:%H:%M}", service="dispatch")
    cast.call_off(case)


def cancelled(cast: Cast) -> None:
    """The customer withdraws while a technician is asked."""
    case = cast.register("WH-1003")
    cast.offered(case)
    cast.call_off(case)
    case_id = UUID(text(case, "id"))
    cancelled = cast.watcher.wait_for(dispatch.WorkOrderCancelled, where=lambda event: event.case_id == case_id)
    cast.step("cancelled", f"{cancelled.work_order_number}, {cancelled.reason}", service="dispatch")


def offer_expired(cast: Cast) -> None:
    """A technician says nothing in time."""
    case = cast.register("WH-1004")
    first = cast.offered(case)
    cast.time.advance_to(first.expires_at + timedelta(seconds=1))
    second = cast.offered(case, turn=2)
    cast.accept(second)
    what = f"{cast.name(first.technician_id)} says nothing, {cast.name(second.technician_id)} is asked"
    cast.step("offer_expired", what, service="dispatch")


def _visit(cast: Cast, assigned: dispatch.TechnicianAssigned) -> None:
    """A window is agreed once the parts are known to be there, and nobody is booked twice."""
    cast.time.settle()
    order = f"/v1/work-orders/{assigned.work_order_id}"
    begin = cast.time.now().astimezone(SHANGHAI).replace(hour=13, minute=30, second=0, microsecond=0)
    window: dict[str, Json] = {
        "starts_at": begin.isoformat(),
        "ends_at": (begin + timedelta(hours=1)).isoformat(),
        "agreed_at": (cast.time.now() - timedelta(minutes=1)).isoformat(),
    }
    cast.dispatcher.change(f"{order}/visits", window, of=order)
    what = f"{begin:%H:%M} to {begin + timedelta(hours=1):%H:%M} with {cast.name(assigned.technician_id)}"
    clash = _double_booking(cast, assigned, window=window)
    cast.step("visit", f"{what}; the same hour again: {clash}", service="dispatch")


def _double_booking(cast: Cast, assigned: dispatch.TechnicianAssigned, *, window: Mapping[str, Json]) -> str:
    """The same technician gets another order and the same hour: what the service says to that."""
    case = cast.register("WH-1002", urgency="emergency")
    turn = 1
    while (offer := cast.offered(case, turn=turn)).technician_id != assigned.technician_id:
        cast.technician(offer).create(f"/v1/offers/{offer.offer_id}/refusal", {"reason": "other"})
        turn += 1
    order = f"/v1/work-orders/{cast.accept(offer).work_order_id}"
    try:
        cast.dispatcher.change(f"{order}/visits", window, of=order)
    except Refused as refused:
        return f"{refused.answer.status_code} {refused.answer.json()['title']}"
    raise RuntimeError("a technician was booked into two places at once")
