"""Each event has its effect once per consumer, however often it is delivered."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.envelope import Envelope
from shared.messaging.tables import DeliveryTables


async def take(
    envelope: Envelope, *, consumer: str, now: datetime, session: AsyncSession, tables: DeliveryTables
) -> bool:
    """Whether this delivery is the first for the consumer. It is called first in the handler's transaction.

    A second delivery that comes while the first is being handled waits here until that one commits or rolls back.
    """
    row = insert(tables.inbox).values(consumer=consumer, event_id=envelope.id, type=envelope.type, handled_at=now)
    taken = await session.execute(row.on_conflict_do_nothing().returning(tables.inbox.c.event_id))
    return taken.scalar_one_or_none() is not None
