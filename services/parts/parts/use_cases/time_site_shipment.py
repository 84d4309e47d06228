"""What goes to the site directly (直发现场) is shipped at the first moment (第一时间), or its clock says so (R232).

What is on its way only pauses the clock: what does not come of it is waited for on. It stops with all that was asked
for, or where nothing is bought.
"""

from collections.abc import Iterable
from datetime import datetime

from parts.desk import Desk
from parts.domain.purchasing import Destination
from parts.policy.issuing import SHIPPED, SITE_SHIPMENT_CLOCK
from parts.tables import PurchaseOrderRow, PurchaseRequestRow
from shared.messaging.unit_of_work import UnitOfWork


async def start_site_shipment(work: UnitOfWork, *, request: PurchaseRequestRow, desk: Desk) -> None:
    """R232: from the moment when the site needs it, where the policy has a clock for that."""
    promise = desk.policy.clocks.get(SITE_SHIPMENT_CLOCK)
    if promise is not None and request.destination == Destination.SITE:
        at, reason = request.asked_at, "purchase_requested"
        await desk.clocks.start(
            work, name=SITE_SHIPMENT_CLOCK, subject_id=request.id, at=at, promise=promise, reason=reason
        )


async def pause_site_shipments(
    work: UnitOfWork, *, requests: Iterable[PurchaseRequestRow], order: PurchaseOrderRow, at: datetime, desk: Desk
) -> None:
    """R232: the supplier has shipped it; who waits on site waits for it no more, as long as it is on its way."""
    for request in await _timed(work, requests=requests, desk=desk):
        await desk.clocks.pause(
            work, name=SITE_SHIPMENT_CLOCK, subject_id=request.id, at=at, ref=_way(order), reason=SHIPPED
        )


async def resume_site_shipments(
    work: UnitOfWork, *, requests: Iterable[PurchaseRequestRow], order: PurchaseOrderRow, at: datetime, desk: Desk
) -> None:
    """R232: it is not on its way any more, or, where `at` is when it was said to be shipped, never was."""
    if order.shipped_version is None:
        return
    for request in await _timed(work, requests=requests, desk=desk):
        await desk.clocks.resume(
            work, name=SITE_SHIPMENT_CLOCK, subject_id=request.id, at=at, ref=_way(order), reason=SHIPPED
        )


async def stop_site_shipments(
    work: UnitOfWork, *, requests: Iterable[PurchaseRequestRow], at: datetime, reason: str, desk: Desk
) -> None:
    """R232: all of it was shipped, or nothing is bought; of several reasons the earliest counts."""
    for request in await _timed(work, requests=requests, desk=desk):
        await desk.clocks.stop(work, name=SITE_SHIPMENT_CLOCK, subject_id=request.id, at=at, reason=reason)


async def _timed(work: UnitOfWork, *, requests: Iterable[PurchaseRequestRow], desk: Desk) -> list[PurchaseRequestRow]:
    """Those that have the clock, whatever the policy has by now."""
    known = await desk.clocks.known(work.session, name=SITE_SHIPMENT_CLOCK, subjects=[one.id for one in requests])
    return [one for one in requests if one.id in known]


def _way(order: PurchaseOrderRow) -> str:
    """What names the pause: each time that somebody says when it was shipped is one of its own."""
    return f"purchase_order/{order.id}/{order.shipped_version}"
