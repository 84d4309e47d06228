"""Each event has its effect once per consumer, however often it is delivered."""

from datetime import datetime
from functools import cache

from sqlalchemy import Executable
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
    row = {"consumer": consumer, "event_id": envelope.id, "type": envelope.type, "handled_at": now}
    return await session.scalar(_taking(tables), row) is not None


@cache
def _taking(tables: DeliveryTables) -> Executable:
    """Built once: to build it takes longer than to carry it out."""
    return insert(tables.inbox).on_conflict_do_nothing().returning(tables.inbox.c.event_id)
