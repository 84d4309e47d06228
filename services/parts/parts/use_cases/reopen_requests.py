"""Nothing more comes of an order: what it was placed for and is missing is to be arranged anew (R007, R332)."""

from collections.abc import Iterable

from parts.desk import Desk
from parts.domain.purchasing import Arrangement, Ordered, shared_out
from parts.queries import purchasing
from parts.tables import PurchaseOrderRow, PurchaseRequestRow
from parts.use_cases.ask_purchase import wanted_by
from parts.use_cases.time_site_shipment import resume_site_shipments
from shared.messaging.unit_of_work import UnitOfWork


async def reopen_requests(work: UnitOfWork, *, order: PurchaseOrderRow, lines: Iterable[Ordered], desk: Desk) -> None:
    """Each request of the order keeps what came of it, and is open again for what did not, whoever wants it last."""
    requests = await purchasing.lock_requests_of(work.session, order_id=order.id)
    came = {line.part_code: line.received for line in lines}
    shares = shared_out(came, missing=[wanted_by([request]) for request in requests])
    for request, share in zip(requests, shares, strict=True):
        request.lines = [
            {**line, "came": int(line["came"]) + share.get(str(line["part_code"]), 0)} for line in request.lines
        ]
        request.version += 1
        if wanted_by([request]):
            await _reopen(work, request=request, order=order, desk=desk)


async def _reopen(work: UnitOfWork, *, request: PurchaseRequestRow, order: PurchaseOrderRow, desk: Desk) -> None:
    await resume_site_shipments(work, requests=[request], order=order, at=work.now, desk=desk)
    request.state = Arrangement.OPEN
    request.order_id = request.arranged_at = request.arranged_by = None
    await desk.audit.record(
        work,
        action="purchase_reopened",
        subject=f"purchase_request/{request.id}",
        details={"order_id": str(order.id)},
    )
