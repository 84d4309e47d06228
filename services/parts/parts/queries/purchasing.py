"""What is asked of purchasing, what is ordered, and when it is expected."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.purchasing import Arrangement, Destination, Ordered, OrderState
from parts.tables import ActionItemRow, PurchaseLineRow, PurchaseOrderRow, PurchaseRequestRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown

FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """So many pieces of a part are expected in the store at that time."""

    part_code: str
    pieces: int
    expected_at: datetime
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersAsked:
    """Which orders a list shows; None means all. `expected_before`: still waited for, and expected before then."""

    states: frozenset[OrderState] = frozenset()
    supplier_id: UUID | None = None
    part_code: str | None = None
    expected_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseRequestsAsked:
    """Which requests a list shows; None means all. `wanted_before`: open, and wanted before then."""

    states: frozenset[Arrangement] = frozenset()
    case_id: UUID | None = None
    wanted_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItemsAsked:
    """Which action items a list shows; None means all. `due_before`: not done, and due before then."""

    department: str | None = None
    done: bool | None = None
    order_id: UUID | None = None
    case_id: UUID | None = None
    due_before: datetime | None = None


async def expected(session: AsyncSession, *, codes: Collection[str]) -> list[Arrival]:
    """What is on order for the store of these parts, the first to come first; what goes to a site is not."""
    open_ = col(PurchaseLineRow.ordered) - col(PurchaseLineRow.received)
    statement = (
        select(col(PurchaseLineRow.part_code), open_, col(PurchaseOrderRow.expected_at), col(PurchaseOrderRow.id))
        .join(PurchaseOrderRow, col(PurchaseOrderRow.id) == col(PurchaseLineRow.order_id))
        .where(
            col(PurchaseLineRow.part_code).in_(codes),
            col(PurchaseOrderRow.state) == OrderState.PLACED,
            col(PurchaseOrderRow.destination) == Destination.STORE,
            open_ > 0,
        )
        .order_by(col(PurchaseOrderRow.expected_at), col(PurchaseOrderRow.id))
    )
    return [
        Arrival(part_code=code, pieces=pieces, expected_at=at, order_id=order_id)
        for code, pieces, at, order_id in await session.execute(statement)
    ]


async def find_order(session: AsyncSession, *, order_id: UUID) -> PurchaseOrderRow:
    """An order to look at. Raises Unknown."""
    return _known_order(await session.get(PurchaseOrderRow, order_id), order_id=order_id)


async def lock_order(session: AsyncSession, *, order_id: UUID) -> PurchaseOrderRow:
    """An order to change, locked with its lines until the transaction ends. Raises Unknown."""
    statement = select(PurchaseOrderRow).where(col(PurchaseOrderRow.id) == order_id).with_for_update()
    found = await session.scalars(statement.execution_options(**FRESH))
    return _known_order(found.one_or_none(), order_id=order_id)


async def lines_of(session: AsyncSession, *, ids: Collection[UUID]) -> dict[UUID, list[PurchaseLineRow]]:
    """The lines of each order, in the order of part codes."""
    statement = select(PurchaseLineRow).where(col(PurchaseLineRow.order_id).in_(ids))
    found: dict[UUID, list[PurchaseLineRow]] = {order_id: [] for order_id in ids}
    ordered = statement.order_by(col(PurchaseLineRow.part_code)).execution_options(**FRESH)
    for row in await session.scalars(ordered):
        found[row.order_id].append(row)
    return found


def ordered_of(row: PurchaseLineRow) -> Ordered:
    """A line as the domain sees it."""
    return Ordered(part_code=row.part_code, ordered=row.ordered, received=row.received, unit_price=row.unit_price)


async def orders(session: AsyncSession, *, asked: OrdersAsked, page: PageAsked) -> Sequence[PurchaseOrderRow]:
    """Orders, the newest first; one row more than the page where there is another page."""
    found = select(PurchaseOrderRow).where(*_order_conditions(asked))
    statement = newest_first(found, asked=page, at=col(PurchaseOrderRow.placed_at), id_=col(PurchaseOrderRow.id))
    return (await session.scalars(statement)).all()


async def find_request(session: AsyncSession, *, request_id: UUID) -> PurchaseRequestRow:
    """A purchase request to look at. Raises Unknown."""
    return _known_request(await session.get(PurchaseRequestRow, request_id), ids=[request_id])


async def lock_requests(session: AsyncSession, *, ids: Collection[UUID]) -> list[PurchaseRequestRow]:
    """Purchase requests to arrange, locked in the order of their ids. Raises Unknown where one is not there."""
    statement = select(PurchaseRequestRow).where(col(PurchaseRequestRow.id).in_(ids))
    ordered = statement.order_by(col(PurchaseRequestRow.id)).with_for_update()
    found = (await session.scalars(ordered.execution_options(**FRESH))).all()
    if missing := sorted(set(ids) - {row.id for row in found}):
        _known_request(None, ids=missing)
    return list(found)


async def requests_of(session: AsyncSession, *, order_id: UUID) -> Sequence[PurchaseRequestRow]:
    """What an order was placed for; the caller has locked the order."""
    return (await session.scalars(select(PurchaseRequestRow).where(col(PurchaseRequestRow.order_id) == order_id))).all()


async def lock_requests_of(session: AsyncSession, *, order_id: UUID) -> list[PurchaseRequestRow]:
    """The requests that an order was placed for, locked in the order of their ids; who wants it first stands first."""
    statement = select(PurchaseRequestRow).where(col(PurchaseRequestRow.order_id) == order_id)
    ordered = statement.order_by(col(PurchaseRequestRow.id)).with_for_update()
    found = await session.scalars(ordered.execution_options(**FRESH))
    return sorted(found, key=lambda row: (row.wanted_at, row.id))


async def requests(
    session: AsyncSession, *, asked: PurchaseRequestsAsked, page: PageAsked
) -> Sequence[PurchaseRequestRow]:
    """Purchase requests, the newest first; one row more than the page where there is another page."""
    found = select(PurchaseRequestRow).where(*_request_conditions(asked))
    statement = newest_first(found, asked=page, at=col(PurchaseRequestRow.asked_at), id_=col(PurchaseRequestRow.id))
    return (await session.scalars(statement)).all()


async def lock_action_item(session: AsyncSession, *, action_item_id: UUID) -> ActionItemRow:
    """An action item to change, locked until the transaction ends. Raises Unknown."""
    statement = select(ActionItemRow).where(col(ActionItemRow.id) == action_item_id).with_for_update()
    row = (await session.scalars(statement.execution_options(**FRESH))).one_or_none()
    if row is None:
        raise Unknown(
            "unknown_action_item",
            detail=f"there is no action item {action_item_id}",
            expected="an id of GET /v1/action-items",
        )
    return row


async def action_items(session: AsyncSession, *, asked: ActionItemsAsked, page: PageAsked) -> Sequence[ActionItemRow]:
    """Action items, the newest first; one row more than the page where there is another page."""
    found = select(ActionItemRow).where(*_action_conditions(asked))
    statement = newest_first(found, asked=page, at=col(ActionItemRow.opened_at), id_=col(ActionItemRow.id))
    return (await session.scalars(statement)).all()


def _order_conditions(asked: OrdersAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(PurchaseOrderRow.state).in_(asked.states)
    if asked.supplier_id is not None:
        yield col(PurchaseOrderRow.supplier_id) == asked.supplier_id
    if asked.part_code is not None:
        lines = select(col(PurchaseLineRow.order_id)).where(col(PurchaseLineRow.part_code) == asked.part_code)
        yield col(PurchaseOrderRow.id).in_(lines)
    if asked.expected_before is not None:
        yield col(PurchaseOrderRow.state) == OrderState.PLACED
        yield col(PurchaseOrderRow.expected_at) < asked.expected_before


def _request_conditions(asked: PurchaseRequestsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(PurchaseRequestRow.state).in_(asked.states)
    if asked.case_id is not None:
        yield col(PurchaseRequestRow.case_id) == asked.case_id
    if asked.wanted_before is not None:
        yield col(PurchaseRequestRow.state) == Arrangement.OPEN
        yield col(PurchaseRequestRow.wanted_at) < asked.wanted_before


def _action_conditions(asked: ActionItemsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.department is not None:
        yield col(ActionItemRow.department) == asked.department
    if asked.done is not None:
        is_done = col(ActionItemRow.done_at).is_not(None)
        yield is_done if asked.done else ~is_done
    if asked.order_id is not None:
        yield col(ActionItemRow.order_id) == asked.order_id
    if asked.case_id is not None:
        yield col(ActionItemRow.case_id) == asked.case_id
    if asked.due_before is not None:
        yield col(ActionItemRow.done_at).is_(None)
        yield col(ActionItemRow.due_at) < asked.due_before


def _known_order(row: PurchaseOrderRow | None, *, order_id: UUID) -> PurchaseOrderRow:
    if row is None:
        raise Unknown(
            "unknown_purchase_order",
            detail=f"there is no purchase order {order_id}",
            expected="an id of GET /v1/purchase-orders",
        )
    return row


def _known_request(row: PurchaseRequestRow | None, *, ids: Collection[UUID]) -> PurchaseRequestRow:
    if row is None:
        raise Unknown(
            "unknown_purchase_request",
            detail=f"there is no purchase request {', '.join(str(one) for one in ids)}",
            expected="an id of GET /v1/purchase-requests",
        )
    return row
