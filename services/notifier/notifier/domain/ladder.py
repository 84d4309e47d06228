"""Climbing a ladder (逐级上报, R430): one level is told after the other until somebody answers.

A saga: `step` takes what happened to what is to be done. Every escalation that is begun ends acknowledged (R429) or
withdrawn because what it was about is over, and then nothing is sent any more; or it is exhausted, when there is nobody
left to be told: what was written is still sent, and whoever was told may still take it on.

happening                     compensation or way on
Begun                         the first level is written to
Delivered                     the level has heard of it: its time to answer begins
Unanswered, Unreachable       the next level is written to; after the last one: exhausted
Acknowledged                  what was not sent yet is withdrawn
Over                          what was not sent yet is withdrawn
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum


class EscalationState(StrEnum):
    """`open` while somebody is left to be told; `exhausted` afterwards, until somebody takes it on or it is over."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"
    EXHAUSTED = "exhausted"


UNANSWERED = frozenset({EscalationState.OPEN, EscalationState.EXHAUSTED})
"""Nobody has taken it on and it is not over: what was written is sent, and whoever was told may answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Who is told, and how long that level has to answer, in the time of the ladder's calendar."""

    role: str
    answer_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """Where an escalation stands. `level` counts from 1; 0 before anybody was written to.

    `is_heard` says that somebody of this level has his message, so that its time to answer runs.
    """

    levels: tuple[Level, ...]
    level: int = 0
    is_heard: bool = False
    state: EscalationState = EscalationState.OPEN

    @property
    def roles_told(self) -> frozenset[str]:
        """The roles that were told so far: whoever has one of them may acknowledge."""
        return frozenset(level.role for level in self.levels[: self.level])

    def level_of(self, role: str) -> int | None:
        """The first level so far that is of this role."""
        return next((number for number, level in enumerate(self.levels[: self.level], 1) if level.role == role), None)


@dataclass(frozen=True, slots=True)
class Begun:
    """What the ladder is for has happened."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Somebody of this level has his message."""

    level: int


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The time of this level is over."""

    level: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nobody of this level can be reached: no address took the message in time, or nobody has the role."""

    level: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody who was told answered."""


@dataclass(frozen=True, slots=True)
class Over:
    """What it was about is over by itself."""


type Happening = Begun | Delivered | Unanswered | Unreachable | Acknowledged | Over


@dataclass(frozen=True, slots=True)
class Tell:
    """Send a message to every active member of the staff with this role."""

    level: int
    role: str


@dataclass(frozen=True, slots=True)
class WithdrawUnsent:
    """Send nothing more of it."""


type Command = Tell | WithdrawUnsent


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """When this level has to have answered, counted from now."""

    level: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Move:
    """Where the escalation stands now, what is to be done, and until when it waits."""

    climb: Climb
    commands: tuple[Command, ...] = ()
    deadlines: tuple[AnswerDue, ...] = ()


def step(climb: Climb, happening: Happening) -> Move:
    """What follows. Nothing where the escalation has ended, or where the happening is about a level that is past."""
    if climb.state not in UNANSWERED:
        return Move(climb)
    match happening:
        case Acknowledged():
            return _end(climb, state=EscalationState.ACKNOWLEDGED)
        case Over():
            return _end(climb, state=EscalationState.WITHDRAWN)
        case _:
            return _climb_on(climb, happening) if climb.state is EscalationState.OPEN else Move(climb)


def _climb_on(climb: Climb, happening: Begun | Delivered | Unanswered | Unreachable) -> Move:
    level = 0 if isinstance(happening, Begun) else happening.level
    if level != climb.level or (isinstance(happening, Delivered) and climb.is_heard):
        return Move(climb)
    return _wait(climb) if isinstance(happening, Delivered) else _tell_next(climb)


def _tell_next(climb: Climb) -> Move:
    if climb.level == len(climb.levels):
        return Move(replace(climb, state=EscalationState.EXHAUSTED))
    following, number = climb.levels[climb.level], climb.level + 1
    told = replace(climb, level=number, is_heard=False)
    return Move(told, commands=(Tell(level=number, role=following.role),))


def _wait(climb: Climb) -> Move:
    """A mail server that is away takes nobody's time: it begins when the first message of the level was taken."""
    within = climb.levels[climb.level - 1].answer_within
    return Move(replace(climb, is_heard=True), deadlines=(AnswerDue(level=climb.level, within=within),))


def _end(climb: Climb, *, state: EscalationState) -> Move:
    return Move(replace(climb, state=state), commands=(WithdrawUnsent(),))
