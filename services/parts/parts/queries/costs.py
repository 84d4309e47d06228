"""What parts of work orders cost, and what was issued, fitted and brought back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, SQLColumnExpression, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.costs import Used, UsedAtSite
from parts.domain.ledger import Kind
from parts.domain.lines import together
from parts.domain.prices import PriceKind
from parts.domain.supply_words import RequestState
from parts.tables import (
    DiscrepancyRow,
    ItemRow,
    LineRow,
    MovementRow,
    NoteRow,
    PriceRow,
    PurchaseRequestRow,
    RequestRow,
    WorkOrderRow,
)
from shared.contracts.facts import WarrantyStatus
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationsAsked:
    """Which requests a list shows; None means all. `issued_to`: who drew parts; `unclear`: something is amiss."""

    work_order_id: UUID | None = None
    issued_to: str | None = None
    unclear: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A request with what became of its pieces. `drawn_by`: staff numbers; `not_issued`: fitted, and never issued."""

    request: RequestRow
    drawn_by: Sequence[str]
    used: Sequence[Used]
    not_issued: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCosts:
    """What a work order asked for, and what went straight to its site."""

    requests: Sequence[Reconciled]
    at_site: Sequence[UsedAtSite]


async def of_order(session: AsyncSession, *, work_order_id: UUID) -> OrderCosts:
    """All parts of a work order. Raises Unknown where it has none."""
    found = select(RequestRow).where(col(RequestRow.work_order_id) == work_order_id)
    rows = (await session.scalars(found.order_by(col(RequestRow.requested_at), col(RequestRow.id)))).all()
    delivered = await at_site(session, work_order_id=work_order_id)
    if not rows and not delivered:
        raise Unknown(
            "unknown_work_order",
            detail=f"the work order {work_order_id} never asked for parts, and none were shipped to its site",
            expected="a work_order_id of GET /v1/requests or GET /v1/purchase-requests",
        )
    return OrderCosts(requests=await _reconciled(session, requests=rows), at_site=delivered)


async def at_site(session: AsyncSession, *, work_order_id: UUID) -> list[UsedAtSite]:
    """What went straight to the site of a work order (直发现场), in the order in which it was asked for."""
    asked = col(PurchaseRequestRow.id), col(PurchaseRequestRow.case_id), col(PurchaseRequestRow.asked_at)
    lines = (
        select(
            *asked,
            col(MovementRow.part_code),
            func.sum(-col(MovementRow.on_hand)).label("pieces"),
            func.sum(-col(MovementRow.value)).label("cost"),
        )
        .join(MovementRow, col(MovementRow.purchase_request_id) == col(PurchaseRequestRow.id))
        .where(col(PurchaseRequestRow.work_order_id) == work_order_id, col(MovementRow.on_hand) < 0)
        .group_by(*asked, col(MovementRow.part_code))
        .subquery()
    )
    statement = select(lines, _price(lines.c.part_code, asked_at=lines.c.asked_at).label("price"))
    rows = await session.execute(statement.order_by(lines.c.asked_at, lines.c.id, lines.c.part_code))
    order = await session.get(WorkOrderRow, work_order_id)
    left = fitted_from_site(order)
    warranty = await _warranty(session, work_order_id=work_order_id)
    found = []
    for row in rows:
        fitted = min(int(row.pieces), left.get(row.part_code, 0))
        left[row.part_code] = left.get(row.part_code, 0) - fitted
        found.append(
            UsedAtSite(
                purchase_request_id=row.id,
                case_id=row.case_id,
                part_code=row.part_code,
                warranty=warranty,
                pieces=int(row.pieces),
                fitted=fitted,
                cost=Decimal(row.cost),
                unit_price=Decimal(row.price),
            )
        )
    return found


def fitted_from_site(order: WorkOrderRow | None) -> dict[str, int]:
    """Part code to pieces that went straight to the site of the order and were fitted; none before it is completed."""
    lines = order.fitted_from_site if order is not None else None
    return {str(line["part_code"]): int(line["quantity"]) for line in lines or ()}


async def listed(session: AsyncSession, *, asked: ReconciliationsAsked, page: PageAsked) -> Sequence[Reconciled]:
    """R295: issued against fitted against brought back, the newest first; one more than the page where there is one."""
    found = select(RequestRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(RequestRow.requested_at), id_=col(RequestRow.id))
    return await _reconciled(session, requests=(await session.scalars(statement)).all())


async def find_item(session: AsyncSession, *, item_id: UUID) -> ItemRow:
    """An item that was taken in. Raises Unknown."""
    row = await session.get(ItemRow, item_id)
    if row is None:
        raise Unknown("unknown_item", detail=f"no item {item_id} was taken in", expected="an item_id of dispatch")
    return row


async def fitted_on(session: AsyncSession, *, work_order_id: UUID) -> Mapping[str, int]:
    """R337: part code to pieces that were fitted on a work order."""
    summed = (
        select(col(LineRow.part_code), func.sum(col(LineRow.fitted)))
        .join(RequestRow, col(RequestRow.id) == col(LineRow.request_id))
        .where(col(RequestRow.work_order_id) == work_order_id, col(LineRow.fitted) > 0)
        .group_by(col(LineRow.part_code))
        .order_by(col(LineRow.part_code))
    )
    drawn = [(str(code), int(pieces)) for code, pieces in await session.execute(summed)]
    order = await session.get(WorkOrderRow, work_order_id)
    return together([*drawn, *fitted_from_site(order).items()])


async def items_of(session: AsyncSession, *, work_order_id: UUID) -> Sequence[UUID]:
    """Items that were taken in on a work order."""
    found = select(col(ItemRow.item_id)).where(col(ItemRow.work_order_id) == work_order_id)
    return (await session.scalars(found.order_by(col(ItemRow.taken_in_at), col(ItemRow.item_id)))).all()


async def _reconciled(session: AsyncSession, *, requests: Sequence[RequestRow]) -> list[Reconciled]:
    ids = [request.id for request in requests]
    used = await _used(session, requests={request.id: request for request in requests})
    drawn = await _drawn_by(session, request_ids=ids)
    unissued = await _not_issued(session, order_ids={request.work_order_id for request in requests})
    return [
        Reconciled(
            request=request,
            drawn_by=drawn.get(request.id, ()),
            used=used.get(request.id, ()),
            not_issued=unissued.get(request.work_order_id, {}),
        )
        for request in requests
    ]


async def _used(session: AsyncSession, *, requests: Mapping[UUID, RequestRow]) -> dict[UUID, list[Used]]:
    statement = (
        select(LineRow, _cost(), _price(col(LineRow.part_code), asked_at=col(RequestRow.requested_at)))
        .join(RequestRow, col(RequestRow.id) == col(LineRow.request_id))
        .where(col(LineRow.request_id).in_(requests))
        .order_by(col(LineRow.part_code))
    )
    found: dict[UUID, list[Used]] = {}
    for line, cost, price in await session.execute(statement):
        one = Used(
            part_code=line.part_code,
            warranty=WarrantyStatus(requests[line.request_id].warranty),
            asked=line.asked,
            issued=line.issued,
            returned=line.returned,
            fitted=line.fitted,
            lost=line.lost,
            cost=Decimal(cost),
            unit_price=Decimal(price),
        )
        found.setdefault(line.request_id, []).append(one)
    return found


def _cost() -> ScalarSelect[Decimal]:
    """R010: what was drawn for the line and not brought back has cost."""
    return (
        select(func.coalesce(-func.sum(col(MovementRow.value)), 0))
        .where(
            col(MovementRow.request_id) == col(LineRow.request_id),
            col(MovementRow.part_code) == col(LineRow.part_code),
        )
        .scalar_subquery()
    )


async def _warranty(session: AsyncSession, *, work_order_id: UUID) -> WarrantyStatus | None:
    """As the first of its requests has it."""
    found = select(col(RequestRow.warranty)).where(col(RequestRow.work_order_id) == work_order_id)
    first = await session.scalar(found.order_by(col(RequestRow.requested_at), col(RequestRow.id)).limit(1))
    return None if first is None else WarrantyStatus(first)


def _price(part_code: SQLColumnExpression[str], *, asked_at: SQLColumnExpression[datetime]) -> ColumnElement[Decimal]:
    """R333: the sale price that the list had when the part was asked for, the first one where it had none yet.

    Whatever is entered later, also of an earlier day, leaves the charge of an order as it was.
    """
    listed = select(col(PriceRow.amount)).where(
        col(PriceRow.part_code) == part_code, col(PriceRow.kind) == PriceKind.SALE
    )
    then = listed.where(col(PriceRow.since) <= asked_at, col(PriceRow.entered_at) <= asked_at)
    return func.coalesce(
        then.order_by(col(PriceRow.since).desc(), col(PriceRow.id).desc()).limit(1).scalar_subquery(),
        listed.order_by(col(PriceRow.entered_at), col(PriceRow.id)).limit(1).scalar_subquery(),
        0,
    )


async def _drawn_by(session: AsyncSession, *, request_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    statement = (
        select(col(NoteRow.request_id), col(NoteRow.issued_to))
        .where(col(NoteRow.request_id).in_(request_ids), col(NoteRow.kind) == Kind.ISSUE)
        .distinct()
        .order_by(col(NoteRow.issued_to))
    )
    found: dict[UUID, list[str]] = {}
    for request_id, staff_number in await session.execute(statement):
        found.setdefault(request_id, []).append(str(staff_number))
    return found


async def _not_issued(session: AsyncSession, *, order_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    unclear = select(DiscrepancyRow).where(
        col(DiscrepancyRow.work_order_id).in_(order_ids), col(DiscrepancyRow.cleared_at).is_(None)
    )
    return {
        row.work_order_id: {str(line["part_code"]): int(line["quantity"]) for line in row.lines}
        for row in await session.scalars(unclear)
    }


def _conditions(asked: ReconciliationsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.work_order_id is not None:
        yield col(RequestRow.work_order_id) == asked.work_order_id
    if asked.issued_to is not None:
        drawn = select(col(NoteRow.request_id)).where(col(NoteRow.issued_to) == asked.issued_to)
        yield col(RequestRow.id).in_(drawn)
    if asked.unclear is not None:
        unissued = select(col(DiscrepancyRow.work_order_id)).where(col(DiscrepancyRow.cleared_at).is_(None))
        gone = col(LineRow.returned) + col(LineRow.fitted) + col(LineRow.lost)
        out = select(col(LineRow.request_id)).where(col(LineRow.issued) > gone)
        owed = and_(col(RequestRow.state) == RequestState.OWED, col(RequestRow.id).in_(out))
        is_unclear = or_(owed, col(RequestRow.work_order_id).in_(unissued))
        yield is_unclear if asked.unclear else ~is_unclear
