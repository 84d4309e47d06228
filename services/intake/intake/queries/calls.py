"""Calls and the pushes that told of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from intake.tables import CallEventRow, CallRow


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
