"""Work orders and their offers."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispatch.domain.offers import OfferState
from dispatch.domain.work_orders import WorkOrderState
from dispatch.queries.parts_requests import waiting_for_parts
from dispatch.tables import CLOCKS, CaseRow, ItemRow, OfferRow, TechnicianRow, WorkOrderRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersAsked:
    """Which work orders a list shows; None means all. `overdue_at`: those with a promise broken at that instant.

    `waiting_for_parts`: those that wait for parts now; `reopened`: those whose case was reopened since.
    """

    states: frozenset[WorkOrderState] = frozenset()
    number: str | None = None
    case_id: UUID | None = None
    department: str | None = None
    zone: str | None = None
    technician_id: UUID | None = None
    staff_number: str | None = None
    least_priority: int | None = None
    overdue_at: datetime | None = None
    required_before: datetime | None = None
    waiting_for_parts: bool = False
    reopened: bool = False


async def find(session: AsyncSession, *, order_id: UUID) -> WorkOrderRow:
    """An order to look at. Raises Unknown."""
    return _known(await session.get(WorkOrderRow, order_id), order_id=order_id)


async def lock(session: AsyncSession, *, order_id: UUID) -> WorkOrderRow:
    """An order to change, as it stands now, locked until the transaction ends. Raises Unknown."""
    statement = select(WorkOrderRow).where(col(WorkOrderRow.id) == order_id).with_for_update()
    fresh = statement.execution_options(populate_existing=True)
    return _known((await session.scalars(fresh)).one_or_none(), order_id=order_id)


async def lock_of_offer(session: AsyncSession, *, offer_id: UUID) -> WorkOrderRow:
    """The order that an offer is about, as it stands now, locked until the transaction ends. Raises Unknown."""
    statement = select(WorkOrderRow).join(OfferRow, col(OfferRow.work_order_id) == col(WorkOrderRow.id))
    wanted = statement.where(col(OfferRow.id) == offer_id).with_for_update(of=WorkOrderRow)
    order = (await session.scalars(wanted.execution_options(populate_existing=True))).one_or_none()
    return _offered(order, offer_id=offer_id)


async def lock_if_known(session: AsyncSession, *, order_id: UUID) -> WorkOrderRow | None:
    """An order to change, locked until the transaction ends; None where it is not opened yet."""
    statement = select(WorkOrderRow).where(col(WorkOrderRow.id) == order_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def lock_of_case(session: AsyncSession, *, case_id: UUID) -> Sequence[WorkOrderRow]:
    """Every order of a case, the first round first, locked until the transaction ends."""
    statement = (
        select(WorkOrderRow).where(col(WorkOrderRow.case_id) == case_id).order_by(col(WorkOrderRow.round))
    ).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).all()


async def blank_labels(session: AsyncSession, *, customer_id: UUID) -> None:
    """No order of this customer says any more which number is his."""
    statement = update(WorkOrderRow).where(col(WorkOrderRow.customer_id) == customer_id).values(customer_label="")
    await session.execute(statement)


async def find_promised(session: AsyncSession, *, promise_id: UUID) -> WorkOrderRow | None:
    """The order whose clocks have this subject, or whose item they are about; to look at."""
    about_item = select(col(ItemRow.work_order_id)).where(col(ItemRow.id) == promise_id)
    statement = select(WorkOrderRow).where(
        or_(col(WorkOrderRow.promise_id) == promise_id, col(WorkOrderRow.id).in_(about_item))
    )
    return (await session.scalars(statement)).one_or_none()


async def by_ids(session: AsyncSession, *, order_ids: Collection[UUID]) -> dict[UUID, WorkOrderRow]:
    """Several orders, to look at."""
    rows = await session.scalars(select(WorkOrderRow).where(col(WorkOrderRow.id).in_(order_ids)))
    return {row.id: row for row in rows}


async def waiting(session: AsyncSession, *, department: str, limit: int) -> Sequence[WorkOrderRow]:
    """Who waits for a technician, the most urgent first and among equals the longest waiting (R236, R242)."""
    statement = (
        select(WorkOrderRow)
        .where(col(WorkOrderRow.department) == department, col(WorkOrderRow.state) == WorkOrderState.WAITING)
        .order_by(col(WorkOrderRow.priority).desc(), col(WorkOrderRow.opened_at), col(WorkOrderRow.id))
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def listed(session: AsyncSession, *, asked: OrdersAsked, page: PageAsked) -> Sequence[WorkOrderRow]:
    """Orders, the newest first; one row more than the page where there is another page."""
    found = select(WorkOrderRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(WorkOrderRow.opened_at), id_=col(WorkOrderRow.id))
    return (await session.scalars(statement)).all()


async def pending_offer(session: AsyncSession, *, order_id: UUID) -> OfferRow | None:
    """The offer that is not answered yet. The caller holds the order's lock."""
    statement = select(OfferRow).where(
        col(OfferRow.work_order_id) == order_id, col(OfferRow.state) == OfferState.PENDING
    )
    return (await session.scalars(statement)).one_or_none()


async def find_offer(session: AsyncSession, *, offer_id: UUID) -> OfferRow:
    """An offer as it stands now. Raises Unknown."""
    return _offered(await session.get(OfferRow, offer_id, populate_existing=True), offer_id=offer_id)


async def find_offer_with_technician(session: AsyncSession, *, offer_id: UUID) -> tuple[OfferRow, TechnicianRow]:
    """An offer that is known to exist, as it stands now, and whom it asks."""
    statement = select(OfferRow, TechnicianRow).join(
        TechnicianRow, col(TechnicianRow.id) == col(OfferRow.technician_id)
    )
    wanted = statement.where(col(OfferRow.id) == offer_id)
    offer, technician = (await session.execute(wanted.execution_options(populate_existing=True))).one()
    return offer, technician


async def offers(
    session: AsyncSession, *, state: OfferState | None, staff_number: str | None, order_id: UUID | None, page: PageAsked
) -> Sequence[OfferRow]:
    """Offers, the newest first; one row more than the page where there is another page."""
    conditions: list[ColumnElement[bool]] = []
    if state is not None:
        conditions.append(col(OfferRow.state) == state)
    if order_id is not None:
        conditions.append(col(OfferRow.work_order_id) == order_id)
    if staff_number is not None:
        conditions.append(col(OfferRow.technician_id).in_(with_staff_number(staff_number)))
    found = select(OfferRow).where(*conditions)
    statement = newest_first(found, asked=page, at=col(OfferRow.offered_at), id_=col(OfferRow.id))
    return (await session.scalars(statement)).all()


def _known(order: WorkOrderRow | None, *, order_id: UUID) -> WorkOrderRow:
    if order is None:
        raise Unknown(
            "unknown_work_order", detail=f"there is no work order {order_id}", expected="an id of GET /v1/work-orders"
        )
    return order


def _offered[Found: (OfferRow, WorkOrderRow)](found: Found | None, *, offer_id: UUID) -> Found:
    if found is None:
        raise Unknown("unknown_offer", detail=f"there is no offer {offer_id}", expected="an id of GET /v1/offers")
    return found


def with_staff_number(staff_number: str) -> Select[UUID]:
    """The id of a technician, as a condition."""
    return select(col(TechnicianRow.id)).where(col(TechnicianRow.staff_number) == staff_number)


def overdue(at: datetime) -> Select[UUID]:
    """The subjects of the clocks of promises that are broken at the instant and not kept yet."""
    clock = CLOCKS.clock.c
    return select(clock.subject_id).where(clock.stopped_at.is_(None), clock.due_at <= at)


def _conditions(asked: OrdersAsked) -> Iterator[ColumnElement[bool]]:
    equal = (
        (col(WorkOrderRow.number), asked.number),
        (col(WorkOrderRow.case_id), asked.case_id),
        (col(WorkOrderRow.department), asked.department),
        (col(WorkOrderRow.zone), asked.zone),
        (col(WorkOrderRow.technician_id), asked.technician_id),
    )
    yield from (column == value for column, value in equal if value is not None)
    if asked.states:
        yield col(WorkOrderRow.state).in_(asked.states)
    if asked.staff_number is not None:
        yield col(WorkOrderRow.technician_id).in_(with_staff_number(asked.staff_number))
    if asked.least_priority is not None:
        yield col(WorkOrderRow.priority) >= asked.least_priority
    if asked.required_before is not None:
        yield col(WorkOrderRow.required_by) < asked.required_before
    if asked.overdue_at is not None:
        broken = overdue(asked.overdue_at)
        items = select(col(ItemRow.work_order_id)).where(col(ItemRow.id).in_(broken))
        yield or_(col(WorkOrderRow.promise_id).in_(broken), col(WorkOrderRow.id).in_(items))
    if asked.waiting_for_parts:
        yield col(WorkOrderRow.id).in_(waiting_for_parts())
    if asked.reopened:
        reopened = select(col(CaseRow.case_id)).where(col(CaseRow.reopened_at) > col(WorkOrderRow.opened_at))
        yield reopened.where(col(CaseRow.case_id) == col(WorkOrderRow.case_id)).exists()
