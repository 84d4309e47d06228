"""Escalations."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifier.domain.ladder import UNANSWERED, EscalationState
from notifier.tables import EscalationRow, MessageRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationsAsked:
    """Which escalations a list shows; None or empty means all. `told` is the staff number of somebody who was told."""

    states: Collection[EscalationState] = ()
    told: str | None = None
    case_id: UUID | None = None
    ladder: str | None = None
    overdue_at: datetime | None = None


async def find(session: AsyncSession, *, escalation_id: UUID) -> EscalationRow:
    """An escalation to look at. Raises Unknown."""
    return _known(await session.get(EscalationRow, escalation_id), escalation_id=escalation_id)


async def lock(session: AsyncSession, *, escalation_id: UUID) -> EscalationRow:
    """An escalation to change, locked until the transaction ends. Raises Unknown."""
    statement = select(EscalationRow).where(col(EscalationRow.id) == escalation_id).with_for_update()
    fresh = statement.execution_options(populate_existing=True)
    return _known((await session.scalars(fresh)).one_or_none(), escalation_id=escalation_id)


async def unanswered_of_case(
    session: AsyncSession, *, case_id: UUID, ended_by: str, caused_until: datetime
) -> Sequence[EscalationRow]:
    """The escalations of a case that an event of this type at this time ends, locked in one order."""
    statement = (
        select(EscalationRow)
        .where(
            col(EscalationRow.case_id) == case_id,
            col(EscalationRow.state).in_(UNANSWERED),
            col(EscalationRow.ended_by).contains([ended_by]),
            col(EscalationRow.caused_at) <= caused_until,
        )
        .order_by(col(EscalationRow.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def count_exhausted(session: AsyncSession) -> int:
    """How many escalations nobody is left for and nobody has taken on."""
    statement = select(func.count()).where(col(EscalationRow.state) == EscalationState.EXHAUSTED)
    return await session.scalar(statement) or 0


async def listed(session: AsyncSession, *, asked: EscalationsAsked, page: PageAsked) -> Sequence[EscalationRow]:
    """Escalations, the newest first; one row more than the page where there is another page."""
    found = select(EscalationRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(EscalationRow.raised_at), id_=col(EscalationRow.id))
    return (await session.scalars(statement)).all()


def _conditions(asked: EscalationsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(EscalationRow.state).in_(asked.states)
    if asked.told is not None:
        yield exists().where(
            col(MessageRow.escalation_id) == col(EscalationRow.id), col(MessageRow.staff_number) == asked.told
        )
    if asked.case_id is not None:
        yield col(EscalationRow.case_id) == asked.case_id
    if asked.ladder is not None:
        yield col(EscalationRow.ladder) == asked.ladder
    if asked.overdue_at is not None:
        yield col(EscalationRow.state) == EscalationState.OPEN
        yield col(EscalationRow.answer_by) <= asked.overdue_at


def _known(escalation: EscalationRow | None, *, escalation_id: UUID) -> EscalationRow:
    if escalation is None:
        raise Unknown(
            "unknown_escalation",
            detail=f"there is no escalation {escalation_id}",
            expected="an id of GET /v1/escalations",
        )
    return escalation
