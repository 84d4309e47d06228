"""Climbing a ladder (逐级上报, R430): one level is told after the other until somebody answers.

A saga: `step` takes what happened to what is to be done. Every escalation that is begun ends acknowledged (R429),
withdrawn because what it was about is over, or exhausted; after its end nothing is sent any more.

happening                     compensation or way on
Begun                         the first level is told
Unanswered, Unreachable       the next level is told (R244); after the last one: exhausted
Acknowledged                  what was not sent yet is withdrawn
Over                          what was not sent yet is withdrawn
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum


class EscalationState(StrEnum):
    """`open` until it ends in one of the others."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Who is told, and how long that level has to answer, in the time of the ladder's calendar."""

    role: str
    answer_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """Where an escalation stands. `level` counts from 1; 0 before anybody was told."""

    levels: tuple[Level, ...]
    level: int = 0
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
class Unanswered:
    """The time of this level is over."""

    level: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nobody of this level can be reached: no address took the message, or nobody has the role (R244)."""

    level: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody who was told answered."""


@dataclass(frozen=True, slots=True)
class Over:
    """What it was about is over by itself."""


type Happening = Begun | Unanswered | Unreachable | Acknowledged | Over


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
    if climb.state is not EscalationState.OPEN:
        return Move(climb)
    match happening:
        case Begun():
            return _tell_next(climb) if climb.level == 0 else Move(climb)
        case Unanswered(level) | Unreachable(level):
            return _tell_next(climb) if level == climb.level else Move(climb)
        case Acknowledged():
            return _end(climb, state=EscalationState.ACKNOWLEDGED)
        case Over():
            return _end(climb, state=EscalationState.WITHDRAWN)


def _tell_next(climb: Climb) -> Move:
    if climb.level == len(climb.levels):
        return _end(climb, state=EscalationState.EXHAUSTED)
    following, number = climb.levels[climb.level], climb.level + 1
    return Move(
        replace(climb, level=number),
        commands=(Tell(level=number, role=following.role),),
        deadlines=(AnswerDue(level=number, within=following.answer_within),),
    )


def _end(climb: Climb, *, state: EscalationState) -> Move:
    return Move(replace(climb, state=state), commands=(WithdrawUnsent(),))
