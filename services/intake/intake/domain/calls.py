"""One call out of what an exchange tells of it, in any order and any number of times.

The call is a pure function of the *set* of events heard, so neither order nor repetition can change it. A state only
rises: stub < ringing < queued < answered < ended. A late event fills what is still blank.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal

from shared.contracts.intake import Direction

type Outcome = Literal["answered", "missed", "failed", "unknown"]


class CallEventKind(StrEnum):
    """What an exchange can say, whatever its own words for it."""

    RINGING = "ringing"
    QUEUED = "queued"
    ANSWERED = "answered"
    TRANSFERRED = "transferred"
    ENDED = "ended"
    DATA = "data"


class CallState(IntEnum):
    """Where a call stands. A `STUB` is known only from events that do not place it (key presses, unknown events)."""

    STUB = 0
    RINGING = 1
    QUEUED = 2
    ANSWERED = 3
    ENDED = 4

    @property
    def label(self) -> str:
        """The word that stands in the database and in answers."""
        return self.name.lower()


_REACHES = {
    CallEventKind.DATA: CallState.STUB,
    CallEventKind.RINGING: CallState.RINGING,
    CallEventKind.QUEUED: CallState.QUEUED,
    CallEventKind.TRANSFERRED: CallState.QUEUED,  # it rings or waits somewhere else; that it was answered is not said
    CallEventKind.ANSWERED: CallState.ANSWERED,
    CallEventKind.ENDED: CallState.ENDED,
}

OUTCOMES: tuple[Outcome, ...] = ("answered", "missed", "failed", "unknown")
"""Where events disagree, the first of these that any of them names counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """One push in the suite's own words. `key` is the same for every repetition of the push.

    `outcome` stands on `ended` events alone; `sequence` is the sender's own count where he has one. `swept` marks the
    end that intake itself puts to a call that fell silent; anything that the exchange says later weighs more.
    """

    key: str
    kind: CallEventKind
    direction: Direction
    occurred_at: datetime
    caller: str = ""
    called: str = ""
    queue: str = ""
    agents: tuple[str, ...] = ()
    cause: str = ""
    outcome: Outcome = "unknown"
    sequence: int | None = None
    swept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is known of a call. Blank texts are unknown; numbers are raw, as the exchange wrote them."""

    state: CallState
    direction: Direction
    caller: str
    called: str
    queue: str
    agents: tuple[str, ...]
    cause: str
    outcome: Outcome | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None

    @property
    def customer(self) -> str:
        """The number of the party outside the company."""
        return self.caller if self.direction == "in" else self.called


def call_of(events: Iterable[CallEvent]) -> Call:
    """The call that these events tell of: the same for every order and repetition. There must be at least one.

    Times never run backwards, even where a push without a time of its own came late.
    """
    told = sorted({event.key: event for event in events}.values(), key=_weight)
    ends = [event for event in told if event.kind is CallEventKind.ENDED]
    ended_at = min((event.occurred_at for event in _most_trusted(ends)), default=None)
    answers = [event.occurred_at for event in told if event.kind is CallEventKind.ANSWERED]
    answered_at = min([*answers, ended_at]) if answers and ended_at else min(answers, default=None)
    return Call(
        state=max(_REACHES[event.kind] for event in told),
        direction=told[0].direction,
        caller=_first(told, lambda event: event.caller),
        called=_first(told, lambda event: event.called),
        queue=_first(told, lambda event: event.queue),
        agents=tuple(dict.fromkeys(agent for event in told for agent in event.agents)),
        cause=_first(_most_trusted(ends), lambda event: event.cause),
        outcome=_outcome(told) if ends else None,
        started_at=min(event.occurred_at for event in told),
        answered_at=answered_at,
        ended_at=ended_at,
    )


def _weight(event: CallEvent) -> tuple[bool, bool, int, int, str]:
    """Whose word counts first: the exchange's before the sweeper's, placed events first, then the sender's order."""
    early = event.sequence if event.sequence is not None else 1 << 31
    return (event.swept, event.kind is CallEventKind.DATA, early, _REACHES[event.kind], event.key)


def _most_trusted(ends: list[CallEvent]) -> list[CallEvent]:
    """The ends that the exchange told; only where it told none, the one that the sweeper put."""
    return [event for event in ends if not event.swept] or ends


def _outcome(told: list[CallEvent]) -> Outcome:
    """How it ended. An answered call that was hung up for an unknown reason still was answered."""
    named = {event.outcome for event in told if event.kind is CallEventKind.ENDED}
    if any(event.kind is CallEventKind.ANSWERED for event in told):
        named.add("answered")
    return next(outcome for outcome in OUTCOMES if outcome in named)


def _first(told: Iterable[CallEvent], part: Callable[[CallEvent], str]) -> str:
    return next((text for event in told if (text := part(event))), "")
