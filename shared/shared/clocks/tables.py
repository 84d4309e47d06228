"""The tables of the clocks that a service runs, in the service's own database."""

from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Interval,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTables:
    """Clocks, what happened to them, and what was said about them."""

    clock: Table
    clock_entry: Table
    clock_announcement: Table


def clock_tables(metadata: MetaData) -> ClockTables:
    """Declare them on the service's own `metadata`; its migrations create them."""
    return ClockTables(
        clock=_clock(metadata), clock_entry=_clock_entry(metadata), clock_announcement=_clock_announcement(metadata)
    )


def _clock(metadata: MetaData) -> Table:
    """One promise about one subject. What follows from its ledger is kept beside it for lists: `started_at`,
    `stopped_at`, `due_at` (null while a pause goes on) and `breached_at` (null until the breach was announced).

    The terms are those of the policy in force when the clock started, and null until then; so is `calendar` where all
    time counts. The calendar itself is the one of the policy in force now, so that newly published holidays count.
    """
    table = Table(
        "clock",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("subject_id", Uuid, nullable=False),
        Column("name", String(100), nullable=False),
        Column("allowed", Interval),
        Column("calendar", String(100)),
        Column("calendar_version", String(100)),
        Column("pause_reasons", ARRAY(Text)),
        Column("marks", ARRAY(Text)),
        Column("started_at", DateTime(timezone=True)),
        Column("stopped_at", DateTime(timezone=True)),
        Column("due_at", DateTime(timezone=True)),
        Column("breached_at", DateTime(timezone=True)),
        UniqueConstraint("subject_id", "name", name="clock_subject_id_name_key"),
        CheckConstraint(
            "num_nulls(allowed, calendar_version, pause_reasons, marks) IN (0, 4)", name="clock_terms_check"
        ),
    )
    Index("clock_running", table.c.due_at, postgresql_where=table.c.stopped_at.is_(None))
    return table


def _clock_entry(metadata: MetaData) -> Table:
    """The ledger. Rows are only ever added; the same entry again is the same row."""
    return Table(
        "clock_entry",
        metadata,
        Column("clock_id", Uuid, ForeignKey("clock.id"), primary_key=True),
        Column("kind", String(10), primary_key=True),
        Column("ref", String(200), primary_key=True),
        Column("at", DateTime(timezone=True), primary_key=True),
        Column("reason", String(100), nullable=False),
        Column("policy_version", String(100), nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        CheckConstraint("kind IN ('start', 'pause', 'resume', 'stop')", name="clock_entry_kind_check"),
    )


def _clock_announcement(metadata: MetaData) -> Table:
    """Which marks were announced: the key is what keeps an announcement from being made twice."""
    return Table(
        "clock_announcement",
        metadata,
        Column("clock_id", Uuid, ForeignKey("clock.id"), primary_key=True),
        Column("mark", String(100), primary_key=True),
        Column("reached_at", DateTime(timezone=True), nullable=False),
        Column("announced_at", DateTime(timezone=True), nullable=False),
    )
