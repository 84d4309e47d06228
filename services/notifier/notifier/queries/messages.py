"""Messages and the attempts at sending them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifier.domain.sending import HOPEFUL, UNSENT, MessageState
from notifier.tables import AttemptRow, MessageRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesAsked:
    """Which messages a list shows; None or empty means all."""

    states: Collection[MessageState] = ()
    about: str | None = None
    case_id: UUID | None = None
    staff_number: str | None = None
    customer_id: UUID | None = None
    escalation_id: UUID | None = None


async def find(session: AsyncSession, *, message_id: UUID) -> MessageRow:
    """A message to look at. Raises Unknown."""
    return _known(await session.get(MessageRow, message_id), message_id=message_id)


async def lock(session: AsyncSession, *, message_id: UUID) -> MessageRow:
    """A message to change, locked until the transaction ends. Raises Unknown."""
    statement = select(MessageRow).where(col(MessageRow.id) == message_id).with_for_update()
    fresh = statement.execution_options(populate_existing=True)
    return _known((await session.scalars(fresh)).one_or_none(), message_id=message_id)


async def claim_due(session: AsyncSession, *, at_most: int, lease: timedelta) -> Sequence[MessageRow]:
    """Messages that are due and that nobody has in hand, the oldest first, leased and locked.

    A lease is on real time, and on the clock of the database so that replicas agree. What another replica claims at
    this moment is skipped, not waited for.
    """
    free = or_(col(MessageRow.leased_until).is_(None), col(MessageRow.leased_until) <= func.clock_timestamp())
    statement = (
        select(MessageRow)
        .where(col(MessageRow.state) == MessageState.DUE, free)
        .order_by(col(MessageRow.due_at), col(MessageRow.id))
        .limit(at_most)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    claimed = (await session.scalars(statement)).all()
    if claimed:
        leased_until = func.clock_timestamp() + lease
        ids = [message.id for message in claimed]
        await session.execute(update(MessageRow).where(col(MessageRow.id).in_(ids)).values(leased_until=leased_until))
    return claimed


async def waiting_of_case(session: AsyncSession, *, case_id: UUID) -> Sequence[MessageRow]:
    """Messages that wait to learn whose case it is, locked."""
    statement = (
        select(MessageRow)
        .where(col(MessageRow.case_id) == case_id, col(MessageRow.state) == MessageState.WAITING)
        .order_by(col(MessageRow.id))
        .with_for_update()
    )
    return (await session.scalars(statement)).all()


async def unsent_of_customer(session: AsyncSession, *, customer_id: UUID) -> Sequence[MessageRow]:
    """Messages to a customer that have not ended, locked."""
    statement = (
        select(MessageRow)
        .where(col(MessageRow.customer_id) == customer_id, col(MessageRow.state).in_(UNSENT))
        .order_by(col(MessageRow.id))
        .with_for_update()
    )
    return (await session.scalars(statement)).all()


async def unsent_of_escalation(session: AsyncSession, *, escalation_id: UUID) -> Sequence[MessageRow]:
    """Messages of an escalation that have not ended and that nobody has in hand, locked.

    One that is in hand at this moment may be with the mail server already: whoever has it writes down what follows.
    """
    free = or_(col(MessageRow.leased_until).is_(None), col(MessageRow.leased_until) <= func.clock_timestamp())
    statement = (
        select(MessageRow)
        .where(col(MessageRow.escalation_id) == escalation_id, col(MessageRow.state).in_(UNSENT), free)
        .order_by(col(MessageRow.id))
        .with_for_update()
    )
    return (await session.scalars(statement)).all()


async def has_hope(session: AsyncSession, *, escalation_id: UUID, level: int) -> bool:
    """Whether some message of this level has reached somebody or still may."""
    found = exists().where(
        col(MessageRow.escalation_id) == escalation_id,
        col(MessageRow.level) == level,
        col(MessageRow.state).in_(HOPEFUL),
    )
    return bool(await session.scalar(select(found)))


async def count_due(session: AsyncSession) -> int:
    """How many messages wait to be sent now, those in hand included."""
    statement = select(func.count()).where(col(MessageRow.state) == MessageState.DUE)
    return await session.scalar(statement) or 0


async def count_failed(session: AsyncSession, *, since: datetime) -> dict[str, int]:
    """How many messages failed since then, by reason."""
    statement = (
        select(col(MessageRow.reason), func.count())
        .where(col(MessageRow.state) == MessageState.FAILED, col(MessageRow.ended_at) >= since)
        .group_by(col(MessageRow.reason))
    )
    return {reason or "": number for reason, number in (await session.execute(statement)).all()}


async def attempts_of(session: AsyncSession, *, message_id: UUID) -> Sequence[AttemptRow]:
    """Every attempt at a message, in order."""
    statement = select(AttemptRow).where(col(AttemptRow.message_id) == message_id).order_by(col(AttemptRow.number))
    return (await session.scalars(statement)).all()


async def attempt(session: AsyncSession, *, message_id: UUID, number: int) -> AttemptRow | None:
    """One attempt."""
    return await session.get(AttemptRow, (message_id, number))


async def listed(session: AsyncSession, *, asked: MessagesAsked, page: PageAsked) -> Sequence[MessageRow]:
    """Messages, the newest first; one row more than the page where there is another page."""
    found = select(MessageRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(MessageRow.made_at), id_=col(MessageRow.id))
    return (await session.scalars(statement)).all()


def _conditions(asked: MessagesAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(MessageRow.state).in_(asked.states)
    wanted = (
        (col(MessageRow.about), asked.about),
        (col(MessageRow.case_id), asked.case_id),
        (col(MessageRow.staff_number), asked.staff_number),
        (col(MessageRow.customer_id), asked.customer_id),
        (col(MessageRow.escalation_id), asked.escalation_id),
    )
    yield from (column == value for column, value in wanted if value is not None)


def _known(message: MessageRow | None, *, message_id: UUID) -> MessageRow:
    if message is None:
        raise Unknown(
            "unknown_message", detail=f"there is no message {message_id}", expected="an id of GET /v1/messages"
        )
    return message
