"""Writing events down in the transaction that caused them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.many_rows import columns_of, values_of
from shared.messaging.tables import DeliveryTables


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEvent:
    """An event that waits for its sequence; `body` is its encoded JSON, so that the relay parses nothing."""

    event_id: UUID
    type: str
    subject: str
    time: datetime
    correlation_id: UUID
    causation_id: UUID | None
    traceparent: str | None
    policy_version: str
    body: bytes


COLUMNS = tuple(field.name for field in fields(OutgoingEvent))


async def write_down(events: Sequence[OutgoingEvent], *, session: AsyncSession, tables: DeliveryTables) -> None:
    """Number the events within their subjects and put them into the outbox, in the order given, in one statement.

    Takes the row lock of every subject, in sorted order, so that two transactions never deadlock, and keeps it until
    the transaction ends, so that numbers have no gaps and positions of a subject never overtake one another.
    """
    if events:
        rows = [{name: getattr(event, name) for name in COLUMNS} for event in events]
        await session.execute(_numbered_insert(tables), columns_of(tables.outbox, rows))


@cache
def _numbered_insert(tables: DeliveryTables) -> TextClause:
    """A row gets its position once its subject is claimed: it comes out of a join with that claim."""
    columns = ", ".join(COLUMNS)
    return text(
        f"""
        WITH given AS (
            SELECT * FROM {values_of(tables.outbox, COLUMNS)} WITH ORDINALITY AS given({columns}, place)
        ), claimed AS (
            INSERT INTO outbox_subject AS old (subject, last_sequence)
            SELECT subject, count(*) FROM given GROUP BY subject ORDER BY subject
            ON CONFLICT (subject) DO UPDATE SET last_sequence = old.last_sequence + excluded.last_sequence
            RETURNING subject, last_sequence
        )
        INSERT INTO outbox ({columns}, sequence)
        SELECT {", ".join(f"given.{name}" for name in COLUMNS)}, last_sequence + 1
            - row_number() OVER (PARTITION BY given.subject ORDER BY place DESC)
        FROM given JOIN claimed ON claimed.subject = given.subject ORDER BY place
        """  # noqa: S608 - names of our own columns
    )
