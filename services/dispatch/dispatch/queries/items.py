"""Items in the workshop, and what visits and repairs took."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispatch.domain.items import ItemState
from dispatch.queries.work_orders import with_staff_number
from dispatch.tables import HoursRow, ItemRow, StoreHoursRow, TechnicianRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsAsked:
    """Which items a list shows; None means all. `late_at`: not returned, and promised for before that instant."""

    states: frozenset[ItemState] = frozenset()
    staff_number: str | None = None
    order_id: UUID | None = None
    receipt_number: str | None = None
    late_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfWork:
    """What one technician worked and spent on one day (当日每名员工的工时和费用, R263)."""

    staff_number: str
    technician_id: UUID
    day: date
    entries: int
    work_minutes: int
    travel_minutes: int
    administration_minutes: int
    cost: Decimal


async def find(session: AsyncSession, *, item_id: UUID) -> ItemRow:
    """An item as it stands now. Raises Unknown."""
    item = await session.get(ItemRow, item_id, populate_existing=True)
    if item is None:
        raise Unknown("unknown_item", detail=f"there is no item {item_id}", expected="an id of GET /v1/items")
    return item


async def of_order(session: AsyncSession, *, order_id: UUID) -> Sequence[ItemRow]:
    """Every item of an order, the first one first. The caller holds the order's lock where he changes them."""
    statement = select(ItemRow).where(col(ItemRow.work_order_id) == order_id).order_by(col(ItemRow.taken_in_at))
    return (await session.scalars(statement.execution_options(populate_existing=True))).all()


async def of_orders(session: AsyncSession, *, order_ids: Collection[UUID]) -> Sequence[ItemRow]:
    """Every item of several orders, to look at."""
    return (await session.scalars(select(ItemRow).where(col(ItemRow.work_order_id).in_(order_ids)))).all()


async def listed(session: AsyncSession, *, asked: ItemsAsked, page: PageAsked) -> Sequence[ItemRow]:
    """Items, the one taken in last first; one row more than the page where there is another page."""
    found = select(ItemRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(ItemRow.taken_in_at), id_=col(ItemRow.id))
    return (await session.scalars(statement)).all()


async def hours_of(session: AsyncSession, *, order_id: UUID) -> Sequence[HoursRow]:
    """What the visits and repairs of an order took, the first one first."""
    statement = select(HoursRow).where(col(HoursRow.work_order_id) == order_id).order_by(col(HoursRow.posted_at))
    return (await session.scalars(statement)).all()


async def days_of_work(session: AsyncSession, *, day: date, staff_number: str | None) -> Sequence[DayOfWork]:
    """R263, R335: the hours and expenses of a day, one line for each technician who has any, by staff number."""
    posted = (
        select(
            col(HoursRow.technician_id),
            func.count().label("entries"),
            func.sum(col(HoursRow.work_minutes)).label("work_minutes"),
            func.sum(col(HoursRow.travel_minutes)).label("travel_minutes"),
            func.sum(col(HoursRow.cost)).label("cost"),
        )
        .where(col(HoursRow.day) == day)
        .group_by(col(HoursRow.technician_id))
        .subquery()
    )
    general = (
        select(col(StoreHoursRow.staff_number), func.sum(col(StoreHoursRow.minutes)).label("minutes"))
        .where(col(StoreHoursRow.day) == day)
        .group_by(col(StoreHoursRow.staff_number))
        .subquery()
    )
    statement = (
        select(col(TechnicianRow.staff_number), col(TechnicianRow.id), posted, general.c.minutes)
        .outerjoin(posted, posted.c.technician_id == col(TechnicianRow.id))
        .outerjoin(general, general.c.staff_number == col(TechnicianRow.staff_number))
        .where(or_(posted.c.technician_id.is_not(None), general.c.minutes.is_not(None)))
        .order_by(col(TechnicianRow.staff_number))
    )
    if staff_number is not None:
        statement = statement.where(col(TechnicianRow.staff_number) == staff_number)
    return [
        DayOfWork(
            staff_number=row.staff_number,
            technician_id=row.id,
            day=day,
            entries=row.entries or 0,
            work_minutes=row.work_minutes or 0,
            travel_minutes=row.travel_minutes or 0,
            administration_minutes=row.minutes or 0,
            cost=row.cost or Decimal(0),
        )
        for row in await session.execute(statement)
    ]


def _conditions(asked: ItemsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(ItemRow.state).in_(asked.states)
    if asked.staff_number is not None:
        yield col(ItemRow.technician_id).in_(with_staff_number(asked.staff_number))
    if asked.order_id is not None:
        yield col(ItemRow.work_order_id) == asked.order_id
    if asked.receipt_number is not None:
        yield col(ItemRow.receipt_number) == asked.receipt_number
    if asked.late_at is not None:
        yield col(ItemRow.returned_at).is_(None)
        yield col(ItemRow.promised_at) < asked.late_at
