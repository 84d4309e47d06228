"""Revisits and the calls that nobody answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from feedback.domain.revisits import OPEN, RevisitState
from feedback.tables import AttemptRow, CaseRow, OrderRow, RevisitRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


class Call(NamedTuple):
    """A revisit with the order that it is about, and its case where something is known of that."""

    revisit: RevisitRow
    order: OrderRow
    case: CaseRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisitsAsked:
    """Which revisits a list shows; None means all. `since` and `until` are when customers are to be called.

    `overdue_at`: those whom nobody had called in time at that instant.
    """

    states: frozenset[RevisitState] = frozenset()
    order_id: UUID | None = None
    case_id: UUID | None = None
    technician_id: UUID | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    overdue_at: datetime | None = None


async def find(session: AsyncSession, *, revisit_id: UUID) -> RevisitRow:
    """A revisit as it stands now. Raises Unknown."""
    revisit = await session.get(RevisitRow, revisit_id, populate_existing=True)
    if revisit is None:
        raise _unknown(revisit_id)
    return revisit


async def of_order(session: AsyncSession, *, order_id: UUID) -> RevisitRow | None:
    """The revisit of an order, if one is planned. The caller holds the order's lock."""
    statement = select(RevisitRow).where(col(RevisitRow.order_id) == order_id)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def look_at(session: AsyncSession, *, revisit_id: UUID) -> Call:
    """A revisit with what belongs to it. Raises Unknown."""
    found = (await session.execute(_calls().where(col(RevisitRow.id) == revisit_id))).one_or_none()
    if found is None:
        raise _unknown(revisit_id)
    return Call(*found)


async def listed(session: AsyncSession, *, asked: RevisitsAsked, page: PageAsked) -> Sequence[Call]:
    """Revisits, those that are due last in front; one row more than the page where there is another page."""
    found = _calls().where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(RevisitRow.due_at), id_=col(RevisitRow.id))
    return [Call(*row) for row in await session.execute(statement)]


async def attempts_of(session: AsyncSession, *, revisit_id: UUID) -> Sequence[AttemptRow]:
    """The calls that nobody answered, in order."""
    statement = select(AttemptRow).where(col(AttemptRow.revisit_id) == revisit_id).order_by(col(AttemptRow.number))
    return (await session.scalars(statement)).all()


def _calls() -> Select[RevisitRow, OrderRow, CaseRow]:
    return (
        select(RevisitRow, OrderRow, CaseRow)
        .join(OrderRow, col(OrderRow.id) == col(RevisitRow.order_id))
        .outerjoin(CaseRow, col(CaseRow.case_id) == col(OrderRow.case_id))
        .execution_options(populate_existing=True)
    )


def _conditions(asked: RevisitsAsked) -> Iterator[ColumnElement[bool]]:
    equal = (
        (col(OrderRow.id), asked.order_id),
        (col(OrderRow.case_id), asked.case_id),
        (col(OrderRow.technician_id), asked.technician_id),
        (col(RevisitRow.outcome), asked.outcome),
    )
    yield from (column == value for column, value in equal if value is not None)
    if asked.states:
        yield col(RevisitRow.state).in_(asked.states)
    if asked.since is not None:
        yield col(RevisitRow.due_at) >= asked.since
    if asked.until is not None:
        yield col(RevisitRow.due_at) < asked.until
    if asked.overdue_at is not None:
        yield col(RevisitRow.state).in_(OPEN)
        yield col(RevisitRow.overdue_at) <= asked.overdue_at


def _unknown(revisit_id: UUID) -> Unknown:
    return Unknown("unknown_revisit", detail=f"there is no revisit {revisit_id}", expected="an id of GET /v1/revisits")
