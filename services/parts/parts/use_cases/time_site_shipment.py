"""What goes to the site directly (直发现场) is shipped at the first moment (第一时间), or its clock says so (R232)."""

from collections.abc import Iterable
from datetime import datetime

from parts.desk import Desk
from parts.domain.purchasing import Destination
from parts.policy.issuing import SITE_SHIPMENT_CLOCK
from parts.tables import PurchaseRequestRow
from shared.messaging.unit_of_work import UnitOfWork


async def start_site_shipment(work: UnitOfWork, *, request: PurchaseRequestRow, desk: Desk) -> None:
    """R232: from the moment when the site needs it, where the policy has a clock for that."""
    promise = desk.policy.clocks.get(SITE_SHIPMENT_CLOCK)
    if promise is not None and request.destination == Destination.SITE:
        at, reason = request.asked_at, "purchase_requested"
        await desk.clocks.start(
            work, name=SITE_SHIPMENT_CLOCK, subject_id=request.id, at=at, promise=promise, reason=reason
        )


async def stop_site_shipments(
    work: UnitOfWork, *, requests: Iterable[PurchaseRequestRow], at: datetime, reason: str, desk: Desk
) -> None:
    """It is on its way, or nothing is bought; of several reasons the earliest counts."""
    if SITE_SHIPMENT_CLOCK not in desk.policy.clocks:
        return
    for request in requests:
        if request.destination == Destination.SITE:
            await desk.clocks.stop(work, name=SITE_SHIPMENT_CLOCK, subject_id=request.id, at=at, reason=reason)
