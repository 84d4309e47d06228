"""Each event has its effect once per consumer, however often it is delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.many_rows import columns_of, insert_rows
from shared.messaging.tables import DeliveryTables

COLUMNS = ("consumer", "event_id", "type", "handled_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """That a consumer was handed an event."""

    consumer: str
    event_id: UUID
    type: str


async def take(
    receipts: Sequence[Receipt], *, now: datetime, session: AsyncSession, tables: DeliveryTables
) -> set[UUID]:
    """The events of which this delivery is the first to its consumer. It is called first in the handlers' transaction.

    A second delivery that comes while the first is being handled waits here until that one commits or rolls back. They
    are noted in the order of their ids, so that two transactions never wait for each other. A service hears each event
    with one consumer.
    """
    rows = [
        {"consumer": one.consumer, "event_id": one.event_id, "type": one.type, "handled_at": now}
        for one in sorted(receipts, key=lambda one: one.event_id)
    ]
    statement = insert_rows(tables.inbox, COLUMNS, rest="ON CONFLICT DO NOTHING RETURNING old.event_id")
    return set(await session.scalars(statement, columns_of(tables.inbox, rows)))
