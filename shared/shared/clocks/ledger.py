"""A clock is its ledger: entries in, everything that can be known about the clock out. Pure.

Entries may come in any order and several times over; what is known afterwards depends only on which there are. The
earliest start counts and the earliest stop. A pause is named by its `ref`: it lasts from the earliest pause entry of
that ref to its earliest resume entry, for ever where none is known yet, and a resume whose pause is not known waits for
it. Pauses that overlap stop the clock once. A pause whose reason the terms do not list is kept and explained, but
does not stop the clock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Literal

from shared.clocks.terms import BREACH, Mark, Terms

type EntryKind = Literal["start", "pause", "resume", "stop"]

FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened to a clock, at an aware instant.

    `ref` names a pause, and tells repetitions from new entries elsewhere; `policy_version` is the version of the policy
    file that was in force when the entry was made.
    """

    kind: EntryKind
    at: datetime
    ref: str
    reason: str
    policy_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stretch in which something was waited for; `until` is None while it goes on."""

    ref: str
    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Ledger:
    """The entries of one clock under the terms of its promise. A ledger without a start counts nothing."""

    entries: frozenset[Entry]
    terms: Terms

    @staticmethod
    def of(entries: Iterable[Entry], *, terms: Terms) -> "Ledger":
        return Ledger(frozenset(entries), terms)

    @cached_property
    def started_at(self) -> datetime | None:
        return self._earliest("start")

    @cached_property
    def stopped_at(self) -> datetime | None:
        return self._earliest("stop")

    @cached_property
    def pauses(self) -> tuple[Pause, ...]:
        """Every pause that is known, whether or not it stops the clock, in order."""
        begun: dict[str, Entry] = {}
        for entry in self._ordered():
            if entry.kind == "pause":
                begun.setdefault(entry.ref, entry)
        ended = {entry.ref: entry.at for entry in reversed(self._ordered()) if entry.kind == "resume"}
        return tuple(
            Pause(ref=ref, reason=entry.reason, since=entry.at, until=ended.get(ref)) for ref, entry in begun.items()
        )

    def due(self) -> datetime | None:
        """When everything allowed is used up, whether or not the clock stopped before.

        None before the start, and where a pause that goes on began before that.
        """
        return self.reached(self.terms.allowed)

    def due_if_resumed(self, at: datetime) -> datetime | None:
        """When the promise would be broken if every pause that goes on ended at this instant."""
        return Ledger.of([*self.entries, *self._resumed(at)], terms=self.terms).due()

    def reached(self, amount: timedelta) -> datetime | None:
        """When the clock has counted this much if nothing stops it, None where that is not known.

        The earliest such instant: the end of a working window and not the beginning of the next one.
        """
        left = amount
        for since, until in self.running():
            counted = left if until == FOR_EVER else self.terms.calendar.between(since, until)
            if counted >= left:
                return self.terms.calendar.add(since, duration=left)
            left -= counted
        return None

    def elapsed(self, at: datetime) -> timedelta:
        """Working time counted until an instant."""
        end = at if self.stopped_at is None else min(at, self.stopped_at)
        return sum(
            (self.terms.calendar.between(since, min(until, end)) for since, until in self.running() if since < end),
            timedelta(),
        )

    def remaining(self, at: datetime) -> timedelta:
        """What is left of the allowed working time; nothing once it is used up."""
        return max(timedelta(), self.terms.allowed - self.elapsed(at))

    def overrun(self, at: datetime) -> timedelta:
        """Working time beyond what is allowed; nothing while there is some left."""
        return max(timedelta(), self.elapsed(at) - self.terms.allowed)

    def breached(self, at: datetime) -> bool:
        """Whether the promise was broken by then, as the ledger stands now. Stopping when it is due is in time."""
        due = self.due()
        return due is not None and due <= at and self._before_the_stop(due)

    def marks(self) -> list[tuple[Mark, datetime]]:
        """Every mark that is or will be reached before the clock stops, the breach last, with its instant."""
        instants = ((mark, self.reached(mark.amount(self.terms.allowed))) for mark in (*self.terms.marks, BREACH))
        known = [(mark, at) for mark, at in instants if at is not None and self._before_the_stop(at)]
        return sorted(known, key=lambda found: found[1])

    def stops_the_clock(self, pause: Pause) -> bool:
        """Whether the terms list the pause's reason."""
        return pause.reason in self.terms.pause_reasons

    def running(self) -> Iterator[tuple[datetime, datetime]]:
        """The stretches from the start on in which no pause stops the clock; a stop does not end them."""
        if self.started_at is None:
            return
        at = self.started_at
        for pause in self.pauses:
            if not self.stops_the_clock(pause):
                continue
            if at < pause.since:
                yield at, pause.since
            at = max(at, pause.since, pause.until or FOR_EVER)
        if at < FOR_EVER:
            yield at, FOR_EVER

    def _before_the_stop(self, instant: datetime) -> bool:
        return self.stopped_at is None or instant < self.stopped_at

    def _resumed(self, at: datetime) -> Iterator[Entry]:
        for pause in self.pauses:
            if pause.until is None:
                end = max(at, pause.since)
                yield Entry(kind="resume", at=end, ref=pause.ref, reason=pause.reason, policy_version="")

    def _earliest(self, kind: EntryKind) -> datetime | None:
        return min((entry.at for entry in self.entries if entry.kind == kind), default=None)

    def _ordered(self) -> list[Entry]:
        return sorted(self.entries, key=lambda entry: (entry.at, entry.ref, entry.reason))
