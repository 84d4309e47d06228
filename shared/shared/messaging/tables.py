"""The tables that delivery needs in every service's own database."""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

BUSY_TABLE = {"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000}
"""Storage parameters of tables whose rows change soon after they were written: vacuum by count, not by share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTables:
    """Outgoing events, incoming events, what was forgotten, deadlines, and the test clock of one service."""

    outbox: Table
    outbox_subject: Table
    inbox: Table
    forgotten: Table
    deadline: Table
    test_clock: Table


def delivery_tables(metadata: MetaData) -> DeliveryTables:
    """Declare them on the service's own `metadata`; its migrations create them."""
    return DeliveryTables(
        outbox=_outbox(metadata),
        outbox_subject=_outbox_subject(metadata),
        inbox=_inbox(metadata),
        forgotten=_forgotten(metadata),
        deadline=_deadline(metadata),
        test_clock=_test_clock(metadata),
    )


def _outbox(metadata: MetaData) -> Table:
    """Events that this service said. `sent_at` is null until the broker confirmed; sent rows are kept."""
    table = Table(
        "outbox",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        Column("type", String(100), nullable=False),
        Column("subject", String(200), nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("time", DateTime(timezone=True), nullable=False),
        Column("correlation_id", Uuid, nullable=False),
        Column("causation_id", Uuid),
        Column("traceparent", String(100)),
        Column("policy_version", String(100), nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("sent_at", DateTime(timezone=True)),
        UniqueConstraint("subject", "sequence", name="outbox_subject_sequence_key"),
        CheckConstraint("sequence >= 1", name="outbox_sequence_check"),
        postgresql_with=BUSY_TABLE,
    )
    Index("outbox_pending", table.c.position, postgresql_where=table.c.sent_at.is_(None))
    Index("outbox_correlation_id", table.c.correlation_id)
    return table


def _outbox_subject(metadata: MetaData) -> Table:
    """The last sequence of each subject: its row lock is what keeps a subject's events in order."""
    return Table(
        "outbox_subject",
        metadata,
        Column("subject", String(200), primary_key=True),
        Column("last_sequence", BigInteger, nullable=False),
        postgresql_with=BUSY_TABLE,
    )


def _inbox(metadata: MetaData) -> Table:
    """Events that this service heard, once per consumer: the row is inserted first in the handler's transaction."""
    return Table(
        "inbox",
        metadata,
        Column("consumer", String(200), primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("type", String(100), nullable=False),
        Column("handled_at", DateTime(timezone=True), nullable=False),
    )


def _forgotten(metadata: MetaData) -> Table:
    """A row for outbox and inbox once they forgot anything: no event after this one was forgotten there."""
    return Table(
        "forgotten",
        metadata,
        Column("place", String(20), primary_key=True),
        Column("last_event_id", Uuid, nullable=False),
    )


def _deadline(metadata: MetaData) -> Table:
    """What has to happen at a time. `due` is what was asked for; `next_try` is later once a handler has failed."""
    table = Table(
        "deadline",
        metadata,
        Column("key", String(300), primary_key=True),
        Column("kind", String(100), nullable=False),
        Column("due", DateTime(timezone=True), nullable=False),
        Column("data", JSONB, nullable=False),
        Column("correlation_id", Uuid),
        Column("traceparent", String(100)),
        Column("next_try", DateTime(timezone=True), nullable=False),
        Column("failures", Integer, nullable=False, server_default="0"),
        Column("last_error", Text),
        postgresql_with=BUSY_TABLE,
    )
    Index("deadline_next_try", table.c.next_try)
    return table


def _test_clock(metadata: MetaData) -> Table:
    """At most one row: how far business time is ahead of real time. Empty wherever the test clock is off."""
    return Table(
        "test_clock",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("offset", Interval, nullable=False),
        CheckConstraint("id = 1", name="test_clock_one_row_check"),
    )
