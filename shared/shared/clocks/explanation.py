"""Explains a clock: where it stands, and of every interval whether it counted and why."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clocks.ledger import EntryKind, Ledger
from shared.clocks.rows import ClockRow, ClockRows
from shared.working_time import StretchKind, stretches

type State = Literal["waiting_for_start", "running", "paused", "stopped"]


class Explained(BaseModel):
    model_config = ConfigDict(frozen=True)


class Interval(Explained):
    """A stretch of time that counted or did not."""

    since: AwareDatetime
    until: AwareDatetime
    counted: bool
    why: Literal["paused"] | StretchKind = Field(
        description="`working` counted; `paused`, `break`, `off_hours`, `weekly_day_off`, `holiday`, `closed` did not"
    )
    name: str | None = Field(description="what was waited for, the holiday's name, or the reason of the closure")


class ExplainedEntry(Explained):
    """One line of the ledger."""

    kind: EntryKind
    at: AwareDatetime
    ref: str
    reason: str
    policy_version: str


class ExplainedMark(Explained):
    """A mark and what became of it."""

    mark: str = Field(description="as the policy writes it, or `breach`")
    reached_at: AwareDatetime = Field(description="past or future; of an announced mark as it was when announced")
    announced: bool
    holds: bool = Field(description="false where what became known later would have prevented the announcement")


class ClockExplanation(Explained):
    """All that is known about one clock at one instant. Times are UTC, amounts are seconds that the clock counted."""

    id: UUID
    clock: str
    subject_id: UUID
    at: AwareDatetime = Field(description="the instant for which this is told")
    state: State
    started_at: AwareDatetime | None = None
    stopped_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = Field(default=None, description="null before the start and while a pause goes on")
    due_if_resumed_at: AwareDatetime | None = Field(
        default=None, description="when it would be due if every pause ended now"
    )
    allowed_seconds: float | None = None
    elapsed_seconds: float | None = None
    remaining_seconds: float | None = None
    overrun_seconds: float | None = None
    breached: bool = Field(default=False, description="as the ledger stands now, whatever was announced")
    calendar: str | None = Field(default=None, description="name in the policy; null where all time counts")
    calendar_version: str | None = Field(default=None, description="of the calendar when the clock started")
    calendar_version_now: str | None = Field(default=None, description="of the calendar by which is counted now")
    pause_reasons: list[str] = []
    marks: list[ExplainedMark] = []
    entries: list[ExplainedEntry]
    intervals: list[Interval] = Field(default=[], description="from the start to now or to the stop, without gaps")


async def explain_clock(
    rows: ClockRows, *, session: AsyncSession, clock_id: UUID, at: datetime
) -> ClockExplanation | None:
    """Explain a clock at an instant, usually now; None where there is no such clock."""
    row = await rows.find(session, clock_id=clock_id)
    if row is None:
        return None
    entries = await rows.entries(session, row)
    told = [
        ExplainedEntry(kind=e.kind, at=e.at, ref=e.ref, reason=e.reason, policy_version=e.policy_version)
        for e in entries
    ]
    if row.terms is None:
        return ClockExplanation(
            id=row.id, clock=row.name, subject_id=row.subject_id, at=at, state="waiting_for_start", entries=told
        )
    ledger = Ledger.of(entries, terms=row.terms)
    return _explained(row, ledger=ledger, told=told, announced=await rows.announced(session, row), at=at)


def intervals(ledger: Ledger, *, at: datetime) -> Iterator[Interval]:
    """Every interval from the start to an instant, or to the stop before it, without gaps and in order."""
    if ledger.started_at is None:
        return
    end = at if ledger.stopped_at is None else min(at, ledger.stopped_at)
    reached = ledger.started_at
    for since, until in ledger.running():
        if since >= end:
            break
        if reached < since:
            yield _paused(ledger, since=reached, until=since)
        reached = min(until, end)
        for stretch in stretches(ledger.terms.calendar, since=since, until=reached):
            counted = stretch.kind is StretchKind.WORKING
            yield Interval(
                since=stretch.since, until=stretch.until, counted=counted, why=stretch.kind, name=stretch.name
            )
    if reached < end:
        yield _paused(ledger, since=reached, until=end)


def _paused(ledger: Ledger, *, since: datetime, until: datetime) -> Interval:
    reasons = {
        pause.reason
        for pause in ledger.pauses
        if ledger.stops_the_clock(pause) and pause.since < until and (pause.until is None or pause.until > since)
    }
    return Interval(since=since, until=until, counted=False, why="paused", name=", ".join(sorted(reasons)))


def _state(ledger: Ledger, at: datetime) -> State:
    if ledger.started_at is None or ledger.started_at > at:
        return "waiting_for_start"
    if ledger.stopped_at is not None and ledger.stopped_at <= at:
        return "stopped"
    return "running" if any(since <= at < until for since, until in ledger.running()) else "paused"


def _marks(ledger: Ledger, announced: dict[str, datetime]) -> list[ExplainedMark]:
    expected = {str(mark): reached_at for mark, reached_at in ledger.marks()}
    return [
        ExplainedMark(
            mark=mark,
            reached_at=announced.get(mark) or expected[mark],
            announced=mark in announced,
            holds=mark not in announced or expected.get(mark) == announced[mark],
        )
        for mark in dict.fromkeys([*expected, *announced])
    ]


def _explained(
    row: ClockRow, *, ledger: Ledger, told: list[ExplainedEntry], announced: dict[str, datetime], at: datetime
) -> ClockExplanation:
    return ClockExplanation(
        id=row.id,
        clock=row.name,
        subject_id=row.subject_id,
        at=at,
        state=_state(ledger, at),
        started_at=ledger.started_at,
        stopped_at=ledger.stopped_at,
        due_at=ledger.due(),
        due_if_resumed_at=ledger.due_if_resumed(at),
        allowed_seconds=ledger.terms.allowed.total_seconds(),
        elapsed_seconds=ledger.elapsed(at).total_seconds(),
        remaining_seconds=ledger.remaining(at).total_seconds(),
        overrun_seconds=ledger.overrun(at).total_seconds(),
        breached=ledger.breached(at),
        calendar=row.calendar,
        calendar_version=row.calendar_version,
        calendar_version_now=ledger.terms.calendar.version(),
        pause_reasons=sorted(ledger.terms.pause_reasons),
        marks=_marks(ledger, announced),
        entries=told,
        intervals=list(intervals(ledger, at=at)),
    )
