"""Who did what to whom and what for (R048): rows that are only ever added, and a chain of hashes over them (I13).

A row is written in the transaction of what it tells. The chain is written afterwards by the worker, in the order in
which it finds rows, so that no two requests wait for one another; a row whose link has no hash yet is not chained.
No contact data belongs here: a subject is an id, details are codes and numbers.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    RowMapping,
    String,
    Table,
    Uuid,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared.many_rows import columns_of, inserting, update_rows
from shared.messaging.closing import Piece
from shared.messaging.unit_of_work import Cause, UnitOfWork, Works

NOTHING: Mapping[str, str | int | None] = MappingProxyType({})
BEGINNING = b"\x00" * 32
CHAINED_AT_ONCE = 500
CHAIN_LOCK = 0x61756469745F6368
"""The advisory lock of whoever writes the chain (`audit_ch`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTables:
    """The rows and the links of their chain."""

    entry: Table
    link: Table


def audit_tables(metadata: MetaData) -> AuditTables:
    """Declare them on the service's own `metadata`; its migrations create them and execute `audit_guards`."""
    entry = Table(
        "audit_entry",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("actor_kind", String(20), nullable=False),
        Column("actor_id", String(200), nullable=False),
        Column("actor_role", String(60), nullable=False),
        Column("action", String(60), nullable=False),
        Column("subject", String(200), nullable=False),
        Column("purpose", String(60)),
        Column("details", JSONB, nullable=False),
        Column("correlation_id", Uuid),
    )
    Index("audit_entry_subject", entry.c.subject, entry.c.at)
    Index("audit_entry_at", entry.c.at)
    link = Table(
        "audit_link",
        metadata,
        Column("entry_id", Uuid, ForeignKey(entry.c.id), primary_key=True),
        Column("position", BigInteger, unique=True),
        Column("hash", LargeBinary(32)),
    )
    Index("audit_link_unchained", link.c.entry_id, postgresql_where=link.c.hash.is_(None))
    return AuditTables(entry=entry, link=link)


def audit_guards() -> tuple[str, ...]:
    """Statements for a migration: PostgreSQL itself refuses to change or remove what was written."""
    return (
        """
        CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the audit log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege';
        END $$
        """,
        _guard("audit_entry", "append_only BEFORE UPDATE OR DELETE", "ROW"),
        _guard("audit_entry", "no_truncate BEFORE TRUNCATE", "STATEMENT"),
        _guard("audit_link", "append_only BEFORE UPDATE", "ROW WHEN (OLD.hash IS NOT NULL)"),
        _guard("audit_link", "no_delete BEFORE DELETE", "ROW"),
        _guard("audit_link", "no_truncate BEFORE TRUNCATE", "STATEMENT"),
    )


def _guard(table: str, trigger: str, each: str) -> str:
    return f"CREATE TRIGGER {trigger} ON {table} FOR EACH {each} EXECUTE FUNCTION audit_is_append_only()"


class AuditLog:
    """Writes the audit log of one service."""

    def __init__(self, tables: AuditTables) -> None:
        self._tables = tables
        self._recording = _recording(tables)  # built once: to build it takes longer than to carry it out

    async def record(
        self,
        work: UnitOfWork,
        *,
        action: str,
        subject: str,
        purpose: str | None = None,
        details: Mapping[str, str | int | None] = NOTHING,
    ) -> None:
        """Add a row with the commit of `work`: its actor did `action` (a code) to `subject` (`customer/<id>`)."""
        actor = work.cause.actor
        entry = {
            "id": work.new_id(),
            "at": work.now,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "actor_role": actor.role,
            "action": action,
            "subject": subject,
            "purpose": purpose,
            "details": dict(details),
            "correlation_id": work.cause.correlation_id,
        }
        work.leave(entry, by=self._recording)

    async def record_alone(
        self,
        works: Works,
        *,
        cause: Cause,
        action: str,
        subject: str,
        details: Mapping[str, str | int | None] = NOTHING,
    ) -> None:
        """Add a row in a transaction of its own: for what was refused and leaves no other trace."""
        async with works.begin(cause) as work:
            await self.record(work, action=action, subject=subject, details=details)
            await work.commit()

    async def has_unchained(self, session: AsyncSession) -> bool:
        """Whether an entry waits to be chained."""
        link = self._tables.link
        return bool(await session.scalar(select(select(link).where(link.c.hash.is_(None)).exists())))

    async def chain(self, session: AsyncSession) -> int:
        """Chain what is not chained yet, at most 500 rows, and commit; returns how many. A step of the worker.

        Rows come into the chain when they are found, whatever the order in which their transactions committed. Where
        another replica is at it, there is nothing to do.
        """
        link, entry = self._tables.link, self._tables.entry
        if not await session.scalar(select(func.pg_try_advisory_xact_lock(CHAIN_LOCK))):
            return 0
        position, previous = await self._end_of_chain(session)
        rows = (
            await session.execute(
                select(entry)
                .join(link, link.c.entry_id == entry.c.id)
                .where(link.c.hash.is_(None))
                .order_by(entry.c.id)
                .limit(CHAINED_AT_ONCE)
            )
        ).mappings()
        links: list[dict[str, object]] = []
        for place, row in enumerate(rows.all(), start=position + 1):
            previous = entry_hash(row, previous=previous)
            links.append({"entry_id": row["id"], "position": place, "hash": previous})
        if links:
            await session.execute(update_rows(link, "entry_id", ("position", "hash")), columns_of(link, links))
        await session.commit()
        return len(links)

    async def verify(self, session: AsyncSession) -> "AuditReport":
        """Compute every hash again. What was changed, removed or added behind the chain's back is named."""
        report = AuditReport()
        previous = BEGINNING
        async for row in self._chained(session):
            report.chained += 1
            if row["position"] != report.chained:
                report.broken.append(f"position {report.chained} is missing, {row['position']} follows")
                report.chained = row["position"]
            if row["id"] is None:
                report.broken.append(f"the entry at position {row['position']} is gone")
            elif entry_hash(row, previous=previous) != row["hash"]:
                report.broken.append(f"entry {row['id']} at position {row['position']} is not what was chained")
            previous = row["hash"]
        report.head = previous.hex()
        link, entry = self._tables.link, self._tables.entry
        linked = select(link.c.entry_id).where(link.c.hash.is_not(None))
        report.unchained = await session.scalar(select(func.count()).where(entry.c.id.not_in(linked))) or 0
        return report

    async def _end_of_chain(self, session: AsyncSession) -> tuple[int, bytes]:
        link = self._tables.link
        last = (
            await session.execute(
                select(link.c.position, link.c.hash)
                .where(link.c.position.is_not(None))
                .order_by(link.c.position.desc())
                .limit(1)
            )
        ).one_or_none()
        return (last.position, last.hash) if last is not None else (0, BEGINNING)

    async def _chained(self, session: AsyncSession) -> AsyncIterator[RowMapping]:
        link, entry = self._tables.link, self._tables.entry
        rows = await session.stream(
            select(link.c.position, link.c.hash, entry)
            .join(entry, entry.c.id == link.c.entry_id, isouter=True)
            .where(link.c.hash.is_not(None))
            .order_by(link.c.position)
        )
        async for row in rows.mappings():
            yield row


def _recording(tables: AuditTables) -> Piece:
    entry, names = tables.entry, tuple(tables.entry.c.keys())
    added = f"audit_added AS ({inserting(entry, names, prefix='audit_')} RETURNING old.id)"
    linked = f"audit_linked AS (INSERT INTO {tables.link.name} (entry_id) SELECT id FROM audit_added)"  # noqa: S608 - names of our own tables
    return Piece(name="audit", table=entry, columns=names, sql=f"{added}, {linked}")


@dataclass(slots=True, kw_only=True)
class AuditReport:
    """What `verify` found. `head` is the last hash: whoever notes it elsewhere can prove later that nothing changed."""

    chained: int = 0
    unchained: int = 0
    head: str = ""
    broken: list[str] = field(default_factory=list)


def entry_hash(row: RowMapping | Mapping[str, object], *, previous: bytes) -> bytes:
    """SHA-256 over the hash before and the entry in one canonical spelling. Raises TypeError where `at` is none."""
    at = row["at"]
    if not isinstance(at, datetime):
        raise TypeError(f"an entry's `at` is an instant, not {at!r}")
    told = {
        "id": str(row["id"]),
        "at": at.isoformat(timespec="microseconds"),
        "actor": [row["actor_kind"], row["actor_id"], row["actor_role"]],
        "action": row["action"],
        "subject": row["subject"],
        "purpose": row["purpose"],
        "details": row["details"],
        "correlation_id": str(row["correlation_id"]) if row["correlation_id"] else None,
    }
    return hashlib.sha256(previous + json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).digest()
