"""Calls and the pushes that told of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from intake.tables import CallEventRow, CallRow

FORGOTTEN_AT_ONCE = 500


async def add_unless_known(session: AsyncSession, *, call: CallRow) -> bool:
    """Insert the call unless its source told of it before; whether it was new.

    A call that another transaction is just inserting is waited for.
    """
    inserted = await session.execute(
        insert(CallRow)
        .values(call.model_dump())
        .on_conflict_do_nothing(index_elements=["source_id", "provider_call_id"])
        .returning(col(CallRow.id))
    )
    return inserted.first() is not None


async def lock_told(session: AsyncSession, *, source_id: UUID, provider_call_id: str) -> CallRow:
    """The call that the exchange names so, locked until the transaction ends."""
    statement = select(CallRow).where(CallRow.source_id == source_id, CallRow.provider_call_id == provider_call_id)
    return (await session.scalars(statement.with_for_update())).one()


async def lock(session: AsyncSession, *, call_id: UUID) -> CallRow:
    """A call that is known to exist, locked until the transaction ends."""
    return (await session.scalars(select(CallRow).where(CallRow.id == call_id).with_for_update())).one()


async def find(session: AsyncSession, *, call_id: UUID) -> CallRow | None:
    """A call by its id."""
    return await session.get(CallRow, call_id)


async def add_event_unless_known(session: AsyncSession, *, event: CallEventRow) -> bool:
    """Insert the push unless it came before; whether it was new."""
    inserted = await session.execute(
        insert(CallEventRow)
        .values(event.model_dump())
        .on_conflict_do_nothing(index_elements=["source_id", "dedup_key"])
        .returning(col(CallEventRow.id))
    )
    return inserted.first() is not None


async def events_of(session: AsyncSession, *, call_id: UUID) -> Sequence[CallEventRow]:
    """Everything that was heard of the call; the order says nothing."""
    return (await session.scalars(select(CallEventRow).where(CallEventRow.call_id == call_id))).all()


async def empty_raw(session: AsyncSession, *, received_by: datetime) -> int:
    """Destroy the raw form of the oldest pushes that had come by then, at most 500; how many there were."""
    old = (
        select(CallEventRow.id)
        .where(CallEventRow.received_at <= received_by, CallEventRow.raw != "")
        .order_by(col(CallEventRow.received_at))
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    emptied = await session.execute(
        update(CallEventRow).where(col(CallEventRow.id).in_(old)).values(raw="").returning(col(CallEventRow.id))
    )
    return len(emptied.all())
