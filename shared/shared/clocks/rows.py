"""All SQL of the clocks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clocks.ledger import Entry, Ledger
from shared.clocks.tables import ClockTables
from shared.clocks.terms import BREACH, ClockPolicy, Mark, RequiredBy, Terms, parse_mark, wall_clock
from shared.messaging.unit_of_work import UnitOfWork
from shared.working_time import Calendar


class UnknownCalendar(LookupError):
    """A running clock counts in a calendar that the policy no longer has: give it back its name in the policy file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """One clock as it is stored; without terms until its start is known."""

    id: UUID
    subject_id: UUID
    name: str
    terms: Terms | None
    calendar: str | None
    calendar_version: str | None


class ClockRows:
    """Reads and writes the clocks of one service. Whoever changes a clock locks its row first."""

    def __init__(self, tables: ClockTables, *, calendars: Mapping[str, Calendar]) -> None:
        self._tables = tables
        self._calendars = calendars

    async def lock(self, work: UnitOfWork, *, name: str, subject_id: UUID) -> ClockRow:
        """The clock of a subject, made without terms where there is none yet."""
        table = self._tables.clock
        made = insert(table).values(id=work.new_id(), subject_id=subject_id, name=name)
        await work.session.execute(made.on_conflict_do_nothing(index_elements=[table.c.subject_id, table.c.name]))
        return await self._locked(work, (table.c.subject_id == subject_id) & (table.c.name == name))

    async def lock_by_id(self, work: UnitOfWork, *, clock_id: UUID) -> ClockRow:
        return await self._locked(work, self._tables.clock.c.id == clock_id)

    async def find(self, session: AsyncSession, *, clock_id: UUID) -> ClockRow | None:
        """Without a lock, to look at."""
        row = (
            await session.execute(select(self._tables.clock).where(self._tables.clock.c.id == clock_id))
        ).one_or_none()
        return None if row is None else self._clock(row)

    async def promise(
        self, work: UnitOfWork, row: ClockRow, *, promise: ClockPolicy | RequiredBy, start: datetime
    ) -> ClockRow:
        """Write down the terms under which the clock starts."""
        if isinstance(promise, RequiredBy):
            name, terms = None, promise.terms(start=start)
        else:
            name, terms = promise.calendar, promise.terms(self._calendar(promise.calendar), start=start)
        version = terms.calendar.version()
        table = self._tables.clock
        await work.session.execute(
            update(table)
            .where(table.c.id == row.id)
            .values(
                allowed=terms.allowed,
                calendar=name,
                calendar_version=version,
                pause_reasons=sorted(terms.pause_reasons),
                marks=[str(mark) for mark in terms.marks],
            )
        )
        return replace(row, terms=terms, calendar=name, calendar_version=version)

    async def enter(self, work: UnitOfWork, row: ClockRow, *, entry: Entry) -> None:
        """Add to the ledger; the same entry again changes nothing."""
        statement = insert(self._tables.clock_entry).values(
            clock_id=row.id,
            kind=entry.kind,
            ref=entry.ref,
            at=entry.at,
            reason=entry.reason,
            policy_version=entry.policy_version,
            recorded_at=work.now,
        )
        await work.session.execute(statement.on_conflict_do_nothing())

    async def ledger(self, session: AsyncSession, row: ClockRow) -> Ledger | None:
        """All entries under the clock's terms; None while nothing is promised yet."""
        return None if row.terms is None else Ledger.of(await self.entries(session, row), terms=row.terms)

    async def entries(self, session: AsyncSession, row: ClockRow) -> list[Entry]:
        """The ledger in the order of what happened."""
        table = self._tables.clock_entry
        found = select(table.c.kind, table.c.at, table.c.ref, table.c.reason, table.c.policy_version)
        rows = await session.execute(found.where(table.c.clock_id == row.id).order_by(table.c.at, table.c.ref))
        return [Entry(**entry) for entry in rows.mappings()]

    async def announced(self, session: AsyncSession, row: ClockRow) -> dict[str, datetime]:
        """The marks that were announced, with the instants at which they were reached."""
        table = self._tables.clock_announcement
        rows = await session.execute(select(table.c.mark, table.c.reached_at).where(table.c.clock_id == row.id))
        return {found.mark: found.reached_at for found in rows}

    async def note_announcement(self, work: UnitOfWork, row: ClockRow, *, mark: Mark, reached_at: datetime) -> None:
        """Written in the transaction that publishes; a second one of the same mark violates the key."""
        announcement = self._tables.clock_announcement
        await work.session.execute(
            insert(announcement).values(clock_id=row.id, mark=str(mark), reached_at=reached_at, announced_at=work.now)
        )
        if mark == BREACH:
            table = self._tables.clock
            await work.session.execute(update(table).where(table.c.id == row.id).values(breached_at=reached_at))

    async def keep_summary(self, work: UnitOfWork, row: ClockRow, *, ledger: Ledger) -> None:
        """What lists filter by, as the ledger stands now."""
        table = self._tables.clock
        await work.session.execute(
            update(table)
            .where(table.c.id == row.id)
            .values(started_at=ledger.started_at, stopped_at=ledger.stopped_at, due_at=ledger.due())
        )

    async def _locked(self, work: UnitOfWork, condition: ColumnElement[bool]) -> ClockRow:
        return self._clock(
            (await work.session.execute(select(self._tables.clock).where(condition).with_for_update())).one()
        )

    def _clock(self, row: Row[tuple[object, ...]]) -> ClockRow:
        return ClockRow(
            id=row.id,
            subject_id=row.subject_id,
            name=row.name,
            terms=None if row.allowed is None else self._terms(row),
            calendar=row.calendar,
            calendar_version=row.calendar_version,
        )

    def _terms(self, row: Row[tuple[object, ...]]) -> Terms:
        return Terms(
            allowed=row.allowed,
            calendar=wall_clock() if row.calendar is None else self._calendar(row.calendar),
            pause_reasons=frozenset(row.pause_reasons),
            marks=tuple(parse_mark(mark) for mark in row.marks),
        )

    def _calendar(self, name: str) -> Calendar:
        if name not in self._calendars:
            raise UnknownCalendar(f"no calendar {name} in the policy, which has: {', '.join(sorted(self._calendars))}")
        return self._calendars[name]
