"""An order goes to a supplier: for what was asked for, for what runs low, or bought without an application."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from parts.desk import Desk
from parts.domain.claims import check_expected
from parts.domain.purchasing import (
    Arrangement,
    Destination,
    Ordered,
    OrderState,
    check_site_named,
    require_application,
    require_bought,
    require_covers,
    require_open,
    require_quotes,
    worth,
)
from parts.policy import require_known
from parts.queries import purchasing, replenishment, returns, stock, suppliers
from parts.tables import PurchaseLineRow, PurchaseOrderRow, PurchaseRequestRow, SupplierRow
from parts.use_cases.ask_purchase import require_catalogued, wanted_by
from parts.use_cases.promise_day import look_again
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForm:
    """What is ordered from whom, for which requests, and when it is expected."""

    supplier_number: str
    lines: Sequence[Ordered]
    request_ids: frozenset[UUID]
    destination: Destination
    expected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfPurchaseForm:
    """What is bought without an application (自采), and whose prices for all of it were compared, yuan."""

    lines: Sequence[Ordered]
    quotes: Mapping[str, Decimal]
    chosen: str
    reason: str | None
    expected_at: datetime


async def place_purchase(work: UnitOfWork, *, form: OrderForm, desk: Desk) -> PurchaseOrderRow:
    """At a supplier who supplies all of it, and for no less than the requests ask for, which are arranged by it.

    Raises IllegalTransition for a work order whose quotation or claim order is to be signed first (R195, R197, R199),
    NotAllowed for an order without an application where prices are to be compared for it (R201).
    """
    supplier = await suppliers.find(work.session, number=form.supplier_number)
    check_site_named(form.destination, request_ids=form.request_ids)
    require_application(form.request_ids, quotes_needed=desk.policy.purchasing.quotes_needed)
    requests = await purchasing.lock_requests(work.session, ids=form.request_ids)
    for request in requests:
        require_open(request.state)
        _require_same_way(request, destination=form.destination)
    await _require_signed(work, requests=requests)
    require_covers(form.lines, asked=wanted_by(requests))
    order = await _order_at(work, supplier=supplier, form=form, desk=desk)
    for request in requests:
        request.state, request.order_id = Arrangement.ORDERED, order.id
        request.arranged_at, request.arranged_by = work.now, work.cause.actor.id
        request.version += 1
    return order


async def replenish(
    work: UnitOfWork, *, supplier_number: str, codes: Collection[str], expected_at: datetime, desk: Desk
) -> PurchaseOrderRow:
    """R332: order what is missing of these parts, at what the price list says that they cost (R333).

    Two who do so at once do not order twice: the stock of the parts is held. Raises IllegalTransition for a part of
    which enough is there or on its way.
    """
    supplier = await suppliers.find(work.session, number=supplier_number)
    await require_catalogued(work, codes=set(codes))
    await stock.lock(work.session, codes=codes)
    levels = await replenishment.levels_of(work.session, codes=codes)
    if enough := sorted(code for code, level in levels.items() if not level.to_order):
        raise IllegalTransition(
            "nothing_to_order",
            detail=f"of {', '.join(enough)} enough is there or on its way",
            expected="parts of GET /v1/replenishment with a `to_order` of more than none",
        )
    catalogue = await stock.parts_by_code(work.session, codes=codes)
    lines = [
        Ordered(part_code=code, ordered=level.to_order, unit_price=stock.cost_of(catalogue[code]))
        for code, level in sorted(levels.items())
    ]
    form = OrderForm(
        supplier_number=supplier_number,
        lines=lines,
        request_ids=frozenset(),
        destination=Destination.STORE,
        expected_at=expected_at,
    )
    return await _order_at(work, supplier=supplier, form=form, desk=desk)


async def buy_without_application(work: UnitOfWork, *, form: SelfPurchaseForm, desk: Desk) -> PurchaseOrderRow:
    """R201 (自采): no application, but as many suppliers' prices as the policy wants. The quotes stay with it."""
    terms = desk.policy.purchasing
    if form.reason is not None:
        require_known(form.reason, known=terms.dearer_reasons, field="reason")
    require_quotes(form.quotes, chosen=form.chosen, needed=terms.quotes_needed, reason=form.reason)
    if worth(form.lines) != form.quotes[form.chosen]:
        raise Refusal(
            "lines_differ_from_quote",
            detail=f"the lines are worth {worth(form.lines)} yuan, {form.chosen} takes {form.quotes[form.chosen]} yuan",
            expected="lines that cost together what the chosen supplier quoted",
        )
    order = _order(work, lines=form.lines, supplier=form.chosen, expected_at=form.expected_at)
    order.kind, order.reason = "self_purchase", form.reason
    order.quotes = [{"supplier": name, "amount": str(amount)} for name, amount in form.quotes.items()]
    await _write(work, order=order, lines=form.lines, desk=desk)
    return order


async def _order_at(work: UnitOfWork, *, supplier: SupplierRow, form: OrderForm, desk: Desk) -> PurchaseOrderRow:
    supplied = await suppliers.parts_of(work.session, ids=[supplier.id])
    codes = [line.part_code for line in form.lines]
    require_bought(codes, supplied=supplied.get(supplier.id, ()), number=supplier.number)
    order = _order(work, lines=form.lines, supplier=supplier.name, expected_at=form.expected_at)
    order.supplier_id, order.destination = supplier.id, form.destination
    await _write(work, order=order, lines=form.lines, desk=desk)
    return order


def _order(work: UnitOfWork, *, lines: Sequence[Ordered], supplier: str, expected_at: datetime) -> PurchaseOrderRow:
    check_expected(expected_at, now=work.now)
    return PurchaseOrderRow(
        id=work.new_id(),
        kind="order",
        supplier=supplier,
        destination=Destination.STORE,
        state=OrderState.PLACED,
        amount=worth(lines),
        placed_at=work.now,
        placed_by=work.cause.actor.id,
        expected_at=expected_at,
    )


async def _write(work: UnitOfWork, *, order: PurchaseOrderRow, lines: Sequence[Ordered], desk: Desk) -> None:
    await require_catalogued(work, codes={line.part_code for line in lines})
    work.session.add(order)
    await work.session.flush()
    work.session.add_all(
        PurchaseLineRow(order_id=order.id, part_code=line.part_code, ordered=line.ordered, unit_price=line.unit_price)
        for line in lines
    )
    await work.session.flush()
    look_again(work, codes=[line.part_code for line in lines])
    await desk.audit.record(
        work, action=f"{order.kind}_placed", subject=f"purchase_order/{order.id}", details={"amount": str(order.amount)}
    )


def _require_same_way(request: PurchaseRequestRow, *, destination: Destination) -> None:
    if request.destination != destination:
        raise Refusal(
            "other_destination",
            detail=f"the request {request.id} asks for delivery to the {request.destination}",
            expected=f"an order with the destination {request.destination}, or without that request",
        )


async def _require_signed(work: UnitOfWork, *, requests: Iterable[PurchaseRequestRow]) -> None:
    orders = {one.work_order_id for one in requests if one.work_order_id is not None}
    if unsigned := await returns.unsigned_of(work.session, work_order_ids=orders):
        raise IllegalTransition(
            "claim_order_not_signed",
            detail=f"of the work order the claim order {unsigned[0]} or its quotation is not signed yet",
            expected="both signatures at /v1/claim-orders/{claim_order_id}, before anything is ordered for it",
        )
