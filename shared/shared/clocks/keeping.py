"""Running clocks: entries are written down, a deadline is set for the next mark, and marks are announced once.

All of it happens in the caller's unit of work. Whatever fires is decided again from the ledger, so a deadline that
became obsolete does nothing but set the right one. A breach that was announced stays announced: where a pause becomes
known afterwards that would have prevented it, the explanation says so, and nothing is announced a second time.
"""

from collections.abc import Awaitable, Callable, Collection, Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.clocks.explanation import ClockExplanation, explain_clock
from shared.clocks.ledger import Entry, EntryKind, Ledger
from shared.clocks.rows import ClockRow, ClockRows
from shared.clocks.tables import ClockTables
from shared.clocks.terms import ClockPolicy, Mark, RequiredBy
from shared.contracts.facts import ClockMark
from shared.messaging.deadlines import FiredDeadline
from shared.messaging.unit_of_work import UnitOfWork
from shared.working_time import Calendar

CLOCK_DEADLINE = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A mark was reached, or with `mark == BREACH` a promise broken: what the service's event says about it."""

    mark: Mark
    subject_id: UUID
    clock: ClockMark


type Announce = Callable[[Announcement, UnitOfWork], Awaitable[None]]
"""Publishes the service's `ClockWarned` or `ClockBreached` of an announcement.

It may read what else the event needs and add rows, but lock nothing: it is called while the clock is locked, and use
cases lock their case or order before its clock.
"""


class Clocks:
    """The clocks of one service. Built once in `app.py`; `deadlines.on(CLOCK_DEADLINE, clocks.fire)` wires the firing.

    A clock is found by its subject (case, work order) and its name, so that a pause or stop may come before the start:
    it is written down and counts once the start is known. Every function may be called again with the same values, and
    in any order with others, and ends in the same state.
    """

    def __init__(
        self, tables: ClockTables, *, calendars: Mapping[str, Calendar], policy_version: str, announce: Announce
    ) -> None:
        self._rows = ClockRows(tables, calendars=calendars)
        self._policy_version = policy_version
        self._announce = announce

    async def start(
        self,
        work: UnitOfWork,
        *,
        name: str,
        subject_id: UUID,
        at: datetime,
        promise: ClockPolicy | RequiredBy,
        reason: str,
    ) -> UUID:
        """Start the clock and answer its id. The promise of the start that is recorded first stays in force.

        `at` may lie in the past; marks that it has passed already are announced by the next round of deadlines.
        """
        calendar, terms = self._rows.promised(promise, start=at)
        new = ClockRow(
            id=work.new_id(),
            subject_id=subject_id,
            name=name,
            terms=terms,
            calendar=calendar,
            calendar_version=terms.calendar.version(),
        )
        entry = self._entry("start", at=at, ref="start", reason=reason)
        ledger = Ledger.of([entry], terms=terms)
        if await self._rows.begin(work, new, entry=entry, ledger=ledger):
            _arm(work, new, ledger=ledger, said=())
            return new.id
        row = await self._rows.lock(work, name=name, subject_id=subject_id)
        if row.terms is None:
            row = await self._rows.promise(work, row, promise=promise, start=at)
        return await self._enter(work, row, entry=entry)

    async def pause(
        self, work: UnitOfWork, *, name: str, subject_id: UUID, at: datetime, ref: str, reason: str
    ) -> UUID:
        """Something is waited for. `ref` names the pause and is what `resume` ends; other pauses go on."""
        row = await self._rows.lock(work, name=name, subject_id=subject_id)
        return await self._enter(work, row, entry=self._entry("pause", at=at, ref=ref, reason=reason))

    async def resume(
        self, work: UnitOfWork, *, name: str, subject_id: UUID, at: datetime, ref: str, reason: str
    ) -> UUID:
        """The pause of this `ref` is over; it may become known before the pause itself."""
        row = await self._rows.lock(work, name=name, subject_id=subject_id)
        return await self._enter(work, row, entry=self._entry("resume", at=at, ref=ref, reason=reason))

    async def stop(self, work: UnitOfWork, *, name: str, subject_id: UUID, at: datetime, reason: str) -> UUID:
        """The promise is kept, or no longer owed. Stopping at the very instant when it is due is in time."""
        row = await self._rows.lock(work, name=name, subject_id=subject_id)
        return await self._enter(work, row, entry=self._entry("stop", at=at, ref="stop", reason=reason))

    async def known(self, session: AsyncSession, *, name: str, subjects: Collection[UUID]) -> set[UUID]:
        """Those of the subjects of which something was written down under this name, whatever the policy has now."""
        return await self._rows.known(session, name=name, subjects=subjects)

    async def fire(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        """Announce every mark that was reached by now and was not announced yet, then set the next deadline."""
        row = await self._rows.lock_by_id(work, clock_id=UUID(deadline.data["clock_id"]))
        ledger = await self._rows.ledger(work.session, row)
        if ledger is None:
            return
        said = await self._rows.announced(work.session, row)
        for mark, reached_at in ledger.marks():
            if reached_at <= work.now and str(mark) not in said:
                await self._rows.note_announcement(work, row, mark=mark, reached_at=reached_at)
                announcement = Announcement(
                    mark=mark, subject_id=row.subject_id, clock=_clock_mark(row, ledger=ledger, at=reached_at)
                )
                await self._announce(announcement, work)
        _arm(work, row, ledger=ledger, said=await self._rows.announced(work.session, row))

    async def explain(self, session: AsyncSession, *, clock_id: UUID, at: datetime) -> ClockExplanation | None:
        """Everything about one clock at an instant, usually now; None where there is no such clock."""
        return await explain_clock(self._rows, session=session, clock_id=clock_id, at=at)

    def _entry(self, kind: EntryKind, *, at: datetime, ref: str, reason: str) -> Entry:
        return Entry(kind=kind, at=at, ref=ref, reason=reason, policy_version=self._policy_version)

    async def _enter(self, work: UnitOfWork, row: ClockRow, *, entry: Entry) -> UUID:
        await self._rows.enter(work, row, entry=entry)
        ledger = await self._rows.ledger(work.session, row)
        if ledger is not None:
            await self._rows.keep_summary(work, row, ledger=ledger)
            _arm(work, row, ledger=ledger, said=await self._rows.announced(work.session, row))
        return row.id


def _arm(work: UnitOfWork, row: ClockRow, *, ledger: Ledger, said: Container[str]) -> None:
    """One deadline per clock, at the next mark that was not announced yet; none once all were."""
    waiting = [reached_at for mark, reached_at in ledger.marks() if str(mark) not in said]
    key = f"clock/{row.id}"
    if waiting:
        work.set_deadline(key, kind=CLOCK_DEADLINE, due=waiting[0], data={"clock_id": str(row.id)})
    else:
        work.cancel_deadline(key)


def _clock_mark(row: ClockRow, *, ledger: Ledger, at: datetime) -> ClockMark:
    """Where the clock stood at an instant; due as if what is waited for now were over at that instant."""
    if ledger.started_at is None:
        raise ValueError(f"clock {row.id} reached a mark without a start")
    return ClockMark(
        clock_id=row.id,
        clock=row.name,
        started_at=ledger.started_at,
        due_at=ledger.due() or ledger.due_if_resumed(at) or at,
        elapsed_seconds=int(ledger.elapsed(at).total_seconds()),
        allowed_seconds=int(ledger.terms.allowed.total_seconds()),
    )
