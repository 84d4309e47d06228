"""Visits: what a technician has agreed, and what keeps him from agreeing more."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispatch.domain.visits import OCCUPYING, OPEN, VisitState, Window
from dispatch.queries.work_orders import with_staff_number
from dispatch.tables import NO_TECHNICIAN_IN_TWO_PLACES, AbsenceRow, TechnicianRow, VisitRow, WorkOrderRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsAsked:
    """Which visits a list shows; None means all. Windows that touch the time from `since` until before `until`."""

    states: frozenset[VisitState] = frozenset()
    technician_id: UUID | None = None
    staff_number: str | None = None
    order_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def find(session: AsyncSession, *, visit_id: UUID) -> VisitRow:
    """A visit as it stands now. Raises Unknown."""
    return _known(await session.get(VisitRow, visit_id, populate_existing=True), visit_id=visit_id)


async def lock_order(session: AsyncSession, *, visit_id: UUID) -> WorkOrderRow:
    """The order of a visit, as it stands now, locked until the transaction ends. Raises Unknown."""
    statement = select(WorkOrderRow).join(VisitRow, col(VisitRow.work_order_id) == col(WorkOrderRow.id))
    wanted = statement.where(col(VisitRow.id) == visit_id).with_for_update(of=WorkOrderRow)
    order = (await session.scalars(wanted.execution_options(populate_existing=True))).one_or_none()
    return _known(order, visit_id=visit_id)


async def find_with_technician(session: AsyncSession, *, visit_id: UUID) -> tuple[VisitRow, TechnicianRow]:
    """A visit that is known to exist, as it stands now, and who makes it."""
    statement = select(VisitRow, TechnicianRow).join(
        TechnicianRow, col(TechnicianRow.id) == col(VisitRow.technician_id)
    )
    wanted = statement.where(col(VisitRow.id) == visit_id)
    visit, technician = (await session.execute(wanted.execution_options(populate_existing=True))).one()
    return visit, technician


async def open_of_order(session: AsyncSession, *, order_id: UUID) -> VisitRow | None:
    """The visit of this order that has not ended. The caller holds the order's lock."""
    statement = select(VisitRow).where(col(VisitRow.work_order_id) == order_id, col(VisitRow.state).in_(OPEN))
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def write_unless_double(session: AsyncSession, *, write: Callable[[], None]) -> bool:
    """Have `write` add or change a visit; False, and nothing changed, where somebody would be in two places (I11).

    The change is made inside a savepoint: what was changed before it would be flushed outside.
    """
    try:
        async with session.begin_nested():
            write()
            await session.flush()
    except IntegrityError as error:
        if NO_TECHNICIAN_IN_TWO_PLACES.name is not None and str(NO_TECHNICIAN_IN_TWO_PLACES.name) in str(error.orig):
            return False
        raise
    return True


async def occupied(
    session: AsyncSession, *, technician_id: UUID, since: datetime, until: datetime, but: UUID | None
) -> list[VisitRow]:
    """The technician's open visits in a time, in order, without the visit `but`."""
    statement = (
        select(VisitRow)
        .where(
            col(VisitRow.technician_id) == technician_id,
            col(VisitRow.state).in_(OCCUPYING),
            col(VisitRow.starts_at) < until,
            col(VisitRow.ends_at) > since,
            *([] if but is None else [col(VisitRow.id) != but]),
        )
        .order_by(col(VisitRow.starts_at))
    )
    return list((await session.scalars(statement.execution_options(populate_existing=True))).all())


async def absences(session: AsyncSession, *, technician_id: UUID, since: datetime, until: datetime) -> list[AbsenceRow]:
    """The technician's absences in a time, in order."""
    statement = (
        select(AbsenceRow)
        .where(
            col(AbsenceRow.technician_id) == technician_id,
            col(AbsenceRow.away_from) < until,
            col(AbsenceRow.until) > since,
        )
        .order_by(col(AbsenceRow.away_from))
    )
    return list((await session.scalars(statement)).all())


def _known[Found: (VisitRow, WorkOrderRow)](found: Found | None, *, visit_id: UUID) -> Found:
    if found is None:
        raise Unknown("unknown_visit", detail=f"there is no visit {visit_id}", expected="an id of GET /v1/visits")
    return found


def window_of(visit: VisitRow) -> Window:
    """The visit's window as the domain sees it."""
    return Window(starts_at=visit.starts_at, ends_at=visit.ends_at)


async def listed(session: AsyncSession, *, asked: VisitsAsked, page: PageAsked) -> Sequence[VisitRow]:
    """Visits, the latest first; one row more than the page where there is another page."""
    found = select(VisitRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(VisitRow.starts_at), id_=col(VisitRow.id))
    return (await session.scalars(statement)).all()


def _conditions(asked: VisitsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(VisitRow.state).in_(asked.states)
    if asked.technician_id is not None:
        yield col(VisitRow.technician_id) == asked.technician_id
    if asked.staff_number is not None:
        yield col(VisitRow.technician_id).in_(with_staff_number(asked.staff_number))
    if asked.order_id is not None:
        yield col(VisitRow.work_order_id) == asked.order_id
    if asked.since is not None:
        yield col(VisitRow.ends_at) > asked.since
    if asked.until is not None:
        yield col(VisitRow.starts_at) < asked.until
