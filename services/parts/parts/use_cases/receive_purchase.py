"""An order is on its way, comes in part or in whole, is put off, or is called off."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from parts.desk import Desk
from parts.domain.claims import check_expected
from parts.domain.forms import ReceiptForm
from parts.domain.purchasing import (
    Delivery,
    Destination,
    Ordered,
    OrderState,
    check_shipped,
    receive,
    require_nothing_came,
    require_placed,
    shared_out,
    to_sites,
)
from parts.domain.serials import Serials, check_serials
from parts.policy.issuing import SHIPPED
from parts.queries import purchasing
from parts.tables import PurchaseLineRow, PurchaseOrderRow
from parts.use_cases.ask_purchase import wanted_by
from parts.use_cases.deliver_to_site import deliver_to_site, named_shares
from parts.use_cases.keep_books import lock_stock
from parts.use_cases.promise_day import look_again
from parts.use_cases.receive_stock import receive_stock
from parts.use_cases.reopen_requests import reopen_requests
from parts.use_cases.time_site_shipment import (
    pause_site_shipments,
    resume_site_shipments,
    stop_site_shipments,
)
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def track_purchase(
    work: UnitOfWork,
    *,
    order_id: UUID,
    version: int | None,
    expected_at: datetime,
    carrier: str | None,
    tracking_number: str | None,
    shipped_at: datetime | None,
    desk: Desk,
) -> PurchaseOrderRow:
    """What the supplier says of it now: who carries it, since when, and when it will be there.

    R232: the site waits for it no more from then on; where another instant or none is said, as if it were said first.
    Raises Refusal for an instant before it was placed, or to come.
    """
    order, rows = await _placed(work, order_id=order_id, version=version)
    check_expected(expected_at, now=work.now)
    order.expected_at, order.carrier, order.tracking_number = expected_at, carrier, tracking_number
    order.version += 1
    await _note_shipment(work, order=order, shipped_at=shipped_at, desk=desk)
    look_again(work, codes=[row.part_code for row in rows])
    await desk.audit.record(
        work,
        action="purchase_tracked",
        subject=f"purchase_order/{order.id}",
        details={"expected_at": expected_at.isoformat()},
    )
    return order


async def receive_purchase(
    work: UnitOfWork,
    *,
    order_id: UUID,
    version: int | None,
    came: Mapping[str, int],
    delivery: Delivery,
    serials: Serials,
    desk: Desk,
) -> PurchaseOrderRow:
    """Pieces came (入库): each delivery is a receipt of its own in the ledger; what went to a site is used up at once.

    `serials`: all of those of serial-tracked parts. Raises Refusal where some are missing.
    """
    check_serials(came, serials=serials)
    order, rows = await _placed(work, order_id=order_id, version=version)
    before = _ordered(rows)
    after, is_closed = receive(before, came=came, delivery=delivery)
    for row, line in zip(rows, after, strict=True):
        row.received = line.received
    order.receipts += 1
    await lock_stock(work, codes={row.part_code for row in rows}, desk=desk)
    if order.destination == Destination.STORE:
        await _take_in(work, order=order, lines=before, came=came, serials=serials, desk=desk)
    else:
        await _book_at_sites(work, order=order, lines=before, came=came, serials=serials, desk=desk)
    look_again(work, codes=[row.part_code for row in rows])
    await _stop_clocks(work, order=order, lines=after, desk=desk)
    if is_closed:
        await _close(work, order=order, rows=rows, state=OrderState.RECEIVED, desk=desk)
    order.version += 1
    await desk.audit.record(
        work, action="purchase_received", subject=f"purchase_order/{order.id}", details={"delivery": delivery}
    )
    return order


async def cancel_purchase(work: UnitOfWork, *, order_id: UUID, version: int | None, desk: Desk) -> PurchaseOrderRow:
    """The supplier does not deliver, or nobody wants it any more. Raises IllegalTransition where something came."""
    order, rows = await _placed(work, order_id=order_id, version=version)
    require_nothing_came(_ordered(rows))
    await _close(work, order=order, rows=rows, state=OrderState.CANCELLED, desk=desk)
    order.version += 1
    await desk.audit.record(work, action="purchase_cancelled", subject=f"purchase_order/{order.id}")
    return order


async def _take_in(
    work: UnitOfWork,
    *,
    order: PurchaseOrderRow,
    lines: Iterable[Ordered],
    came: Mapping[str, int],
    serials: Serials,
    desk: Desk,
) -> None:
    reference = f"purchase_order/{order.id}/{order.receipts}"
    prices = {line.part_code: line.unit_price for line in lines}
    for part_code, pieces in sorted(came.items()):
        form = ReceiptForm(
            part_code=part_code,
            quantity=pieces,
            reference=reference,
            unit_cost=prices[part_code],
            serials=tuple(serials.get(part_code, ())),
        )
        await receive_stock(work, form=form, desk=desk)


async def _book_at_sites(
    work: UnitOfWork,
    *,
    order: PurchaseOrderRow,
    lines: Sequence[Ordered],
    came: Mapping[str, int],
    serials: Serials,
    desk: Desk,
) -> None:
    requests = await purchasing.lock_requests_of(work.session, order_id=order.id)
    shares = to_sites(
        came,
        before={line.part_code: line.received for line in lines},
        missing=[wanted_by([request]) for request in requests],
    )
    of_requests = {request.id: share for request, share in zip(requests, shares, strict=True)}
    prices = {line.part_code: line.unit_price for line in lines}
    await deliver_to_site(work, delivered=named_shares(of_requests, prices=prices, serials=serials), desk=desk)


async def _close(
    work: UnitOfWork, *, order: PurchaseOrderRow, rows: list[PurchaseLineRow], state: OrderState, desk: Desk
) -> None:
    """Nothing more comes of it: who asked for what is missing asks again, and who was promised it hears so."""
    codes = [row.part_code for row in rows]
    await lock_stock(work, codes=codes, desk=desk)  # as whoever becomes short holds it
    look_again(work, codes=codes)
    order.state, order.closed_at = state, work.now
    await work.session.flush()
    await reopen_requests(work, order=order, lines=_ordered(rows), desk=desk)


async def _placed(
    work: UnitOfWork, *, order_id: UUID, version: int | None
) -> tuple[PurchaseOrderRow, list[PurchaseLineRow]]:
    order = await purchasing.lock_order(work.session, order_id=order_id)
    require_version(order.version, expected=version)
    require_placed(order.state)
    lines = await purchasing.lines_of(work.session, ids=[order.id])
    return order, lines[order.id]


async def _note_shipment(work: UnitOfWork, *, order: PurchaseOrderRow, shipped_at: datetime | None, desk: Desk) -> None:
    """R232: since when it is on its way, in place of what was said before."""
    if shipped_at == order.shipped_at:
        return
    requests = await purchasing.requests_of(work.session, order_id=order.id)
    if order.shipped_at is not None:
        await resume_site_shipments(work, requests=requests, order=order, at=order.shipped_at, desk=desk)
    order.shipped_at = order.shipped_version = None
    if shipped_at is not None:
        check_shipped(shipped_at, placed_at=order.placed_at, now=work.now)
        order.shipped_at, order.shipped_version = shipped_at, order.version
        await pause_site_shipments(work, requests=requests, order=order, at=shipped_at, desk=desk)


async def _stop_clocks(work: UnitOfWork, *, order: PurchaseOrderRow, lines: Iterable[Ordered], desk: Desk) -> None:
    """R232: whoever lacks nothing of what he asked for has waited on site until it was shipped, or came.

    What has not come is waited for still, whether the order brings it or it is to be arranged anew.
    """
    requests = await purchasing.lock_requests_of(work.session, order_id=order.id)
    missing = [wanted_by([request]) for request in requests]
    shares = shared_out({line.part_code: line.received for line in lines}, missing=missing)
    served = [request for request, lacks, share in zip(requests, missing, shares, strict=True) if share == lacks]
    at, reason = (work.now, "received") if order.shipped_at is None else (order.shipped_at, SHIPPED)
    await stop_site_shipments(work, requests=served, at=at, reason=reason, desk=desk)


def _ordered(rows: list[PurchaseLineRow]) -> list[Ordered]:
    return [purchasing.ordered_of(row) for row in rows]
