"""Writing events down in the transaction that caused them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Table

from shared.many_rows import values_of
from shared.messaging.closing import Piece
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


def events_written(
    events: Sequence[OutgoingEvent], *, tables: DeliveryTables
) -> tuple[Piece, Mapping[str, Sequence[object]]]:
    """Numbers the events within their subjects and puts them into the outbox, in the order given.

    Takes the row lock of every subject, in sorted order, so that two transactions never deadlock, and keeps it until
    the transaction ends, so that numbers have no gaps and positions of a subject never overtake one another. Deadlines,
    which are written in the same statement, are locked before them: so does the loop that fires those.
    """
    piece = _piece(tables.outbox)
    return piece, piece.parameters([{name: getattr(event, name) for name in COLUMNS} for event in events])


@cache
def _piece(outbox: Table) -> Piece:
    """A row gets its position once its subject is claimed: it comes out of a join with that claim."""
    columns = ", ".join(COLUMNS)
    sql = f"""
        event_given AS (
            SELECT * FROM {values_of(outbox, COLUMNS, prefix="event_")} WITH ORDINALITY AS given({columns}, place)
        ), event_claimed AS (
            INSERT INTO outbox_subject AS old (subject, last_sequence)
            SELECT subject, count(*) FROM event_given WHERE (SELECT count(*) FROM deadline_held) >= 0
            GROUP BY subject ORDER BY subject
            ON CONFLICT (subject) DO UPDATE SET last_sequence = old.last_sequence + excluded.last_sequence
            RETURNING subject, last_sequence
        ), event_said AS (
            INSERT INTO outbox ({columns}, sequence)
            SELECT {", ".join(f"given.{name}" for name in COLUMNS)}, last_sequence + 1
                - row_number() OVER (PARTITION BY given.subject ORDER BY place DESC)
            FROM event_given AS given JOIN event_claimed AS claimed ON claimed.subject = given.subject ORDER BY place
        )"""  # noqa: S608 - names of our own columns
    return Piece(name="event", table=outbox, columns=COLUMNS, sql=sql)
