"""All SQL of the clocks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Insert, Row, bindparam, select, update
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
        self._beginning = _beginning(tables)  # built once: to build it takes longer than to carry it out

    async def begin(self, work: UnitOfWork, row: ClockRow, *, entry: Entry, ledger: Ledger) -> bool:
        """Write down a clock with the start that is its first entry; whether nothing was heard of it before.

        Where something was, nothing is changed, and whoever asks has to lock it.
        """
        if row.terms is None:
            raise ValueError(f"clock {row.id} begins without terms")
        clock = {"id": row.id, "subject_id": row.subject_id, "name": row.name}
        given = {**clock, **_promised(row, row.terms), **_summary(ledger)}
        values = {f"clock_{name}": value for name, value in given.items()}
        values |= {f"entry_{name}": value for name, value in _entered(work, entry).items()}
        return await work.session.scalar(self._beginning, values) is not None

    def promised(self, promise: ClockPolicy | RequiredBy, *, start: datetime) -> tuple[str | None, Terms]:
        """The terms of a clock that starts then, and the name of the calendar in which it counts."""
        if isinstance(promise, RequiredBy):
            return None, promise.terms(start=start)
        return promise.calendar, promise.terms(self._calendar(promise.calendar), start=start)

    async def lock(self, work: UnitOfWork, *, name: str, subject_id: UUID) -> ClockRow:
        """The clock of a subject, made without terms where there is none yet."""
        table = self._tables.clock
        of_subject = (table.c.subject_id == subject_id) & (table.c.name == name)
        known = await self._locked(work, of_subject)
        while known is None:  # or another transaction made it meanwhile
            made = insert(table).values(id=work.new_id(), subject_id=subject_id, name=name)
            await work.session.execute(made.on_conflict_do_nothing(index_elements=[table.c.subject_id, table.c.name]))
            known = await self._locked(work, of_subject)
        return known

    async def lock_by_id(self, work: UnitOfWork, *, clock_id: UUID) -> ClockRow:
        """A clock that is known to exist."""
        known = await self._locked(work, self._tables.clock.c.id == clock_id)
        if known is None:
            raise LookupError(f"there is no clock {clock_id}")
        return known

    async def find(self, session: AsyncSession, *, clock_id: UUID) -> ClockRow | None:
        """Without a lock, to look at."""
        row = (
            await session.execute(select(self._tables.clock).where(self._tables.clock.c.id == clock_id))
        ).one_or_none()
        return None if row is None else self._clock(row)

    async def known(self, session: AsyncSession, *, name: str, subjects: Collection[UUID]) -> set[UUID]:
        """Those of the subjects that have a clock of this name."""
        table = self._tables.clock
        found = select(table.c.subject_id).where(table.c.subject_id.in_(subjects), table.c.name == name)
        return set(await session.scalars(found))

    async def promise(
        self, work: UnitOfWork, row: ClockRow, *, promise: ClockPolicy | RequiredBy, start: datetime
    ) -> ClockRow:
        """Write down the terms under which the clock starts."""
        name, terms = self.promised(promise, start=start)
        table = self._tables.clock
        promised = replace(row, terms=terms, calendar=name, calendar_version=terms.calendar.version())
        await work.session.execute(update(table).where(table.c.id == row.id).values(**_promised(promised, terms)))
        return promised

    async def enter(self, work: UnitOfWork, row: ClockRow, *, entry: Entry) -> None:
        """Add to the ledger; the same entry again changes nothing."""
        statement = insert(self._tables.clock_entry).values(clock_id=row.id, **_entered(work, entry))
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
        await work.session.execute(update(table).where(table.c.id == row.id).values(**_summary(ledger)))

    async def _locked(self, work: UnitOfWork, condition: ColumnElement[bool]) -> ClockRow | None:
        wanted = select(self._tables.clock).where(condition).with_for_update()
        row = (await work.session.execute(wanted)).one_or_none()
        return None if row is None else self._clock(row)

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


def _promised(row: ClockRow, terms: Terms) -> dict[str, object]:
    return {
        "allowed": terms.allowed,
        "calendar": row.calendar,
        "calendar_version": row.calendar_version,
        "pause_reasons": sorted(terms.pause_reasons),
        "marks": [str(mark) for mark in terms.marks],
    }


def _summary(ledger: Ledger) -> dict[str, object]:
    return {"started_at": ledger.started_at, "stopped_at": ledger.stopped_at, "due_at": ledger.due()}


def _entered(work: UnitOfWork, entry: Entry) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "ref": entry.ref,
        "at": entry.at,
        "reason": entry.reason,
        "policy_version": entry.policy_version,
        "recorded_at": work.now,
    }


def _beginning(tables: ClockTables) -> Insert:
    """Clock and first entry in one statement; its parameters are the columns with `clock_` and `entry_` before them."""
    clock, entry = tables.clock, tables.clock_entry
    given = {
        column.name: bindparam(f"clock_{column.name}", type_=column.type)
        for column in clock.c
        if column.name != "breached_at"
    }
    made = insert(clock).values(given).on_conflict_do_nothing(index_elements=[clock.c.subject_id, clock.c.name])
    new = made.returning(clock.c.id).cte("new")
    names = [column.name for column in entry.c if column.name != "clock_id"]
    entered = [bindparam(f"entry_{name}", type_=entry.c[name].type) for name in names]
    first = insert(entry).from_select(["clock_id", *names], select(new.c.id, *entered))
    return first.returning(entry.c.clock_id)
