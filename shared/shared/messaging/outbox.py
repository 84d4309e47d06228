"""Writing events down in the transaction that caused them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

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


async def write_down(events: Sequence[OutgoingEvent], *, session: AsyncSession, tables: DeliveryTables) -> None:
    """Number the events within their subjects and put them into the outbox, in the order given.

    Takes the row lock of every subject and keeps it until the transaction ends, so that numbers have no gaps and
    positions of a subject never overtake one another.
    """
    if not events:
        return
    upcoming = await _claim_sequences(Counter(event.subject for event in events), session=session, tables=tables)
    rows = []
    for event in events:
        rows.append(
            {
                "event_id": event.event_id,
                "type": event.type,
                "subject": event.subject,
                "sequence": upcoming[event.subject],
                "time": event.time,
                "correlation_id": event.correlation_id,
                "causation_id": event.causation_id,
                "traceparent": event.traceparent,
                "policy_version": event.policy_version,
                "body": event.body,
            }
        )
        upcoming[event.subject] += 1
    await session.execute(insert(tables.outbox).values(rows))


async def _claim_sequences(counts: Counter[str], *, session: AsyncSession, tables: DeliveryTables) -> dict[str, int]:
    """Subject to its next free sequence. Subjects are locked in sorted order, so two transactions never deadlock."""
    subjects = tables.outbox_subject
    new = upsert(subjects).values(
        [{"subject": subject, "last_sequence": counts[subject]} for subject in sorted(counts)]
    )
    claimed = await session.execute(
        new.on_conflict_do_update(
            index_elements=[subjects.c.subject],
            set_={"last_sequence": subjects.c.last_sequence + new.excluded.last_sequence},
        ).returning(subjects.c.subject, subjects.c.last_sequence)
    )
    return {subject: last - counts[subject] + 1 for subject, last in claimed}
