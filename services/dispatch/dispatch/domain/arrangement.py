"""What the parts and the visit of one order do to one another: the saga, as one pure step.

event                      refused                                   commands                compensated by
PartsAsked                                                           AskForParts             LetGo
WindowAgreed               no answer yet; short without a date;      -                       Withdraw
                           earlier than the parts; parts lost;
                           later than they are kept
SetOut                     a part is neither reserved nor issued     -                       (the visit ends unfinished)
PartsHeard                                                           NoteWaits
   short, ordered too late,                                          Withdraw a visit that
   unavailable, expired                                              nobody has left for
OrderOver (done, cancelled)                                          LetGo of every request

The order ends arranged (signed off, with the parts at hand or given up) or compensated (cancelled, nothing agreed any
more, every request let go). A window is agreed only where its parts can be there by then (R327).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from dispatch.domain.parts_requests import AT_HAND, LOST, UNHEARD, Facts, PartsState, Request, Wait
from shared.contracts.facts import PartNeed
from shared.refusals import IllegalTransition

NOTHING: Mapping[UUID, Request] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """`window_at`: when the visit begins that nobody has left for yet; `is_over`: completed or cancelled."""

    requests: Mapping[UUID, Request] = field(default=NOTHING)
    window_at: datetime | None = None
    is_over: bool = False

    def having(self, request_id: UUID, *, request: Request) -> "Arrangement":
        """With the request as it is now."""
        return replace(self, requests=MappingProxyType({**self.requests, request_id: request}))


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsAsked:
    """Parts are needed. What was asked for before and got lost is asked anew by that."""

    request_id: UUID
    lines: tuple[PartNeed, ...]
    at: datetime
    heard: Facts = field(default=UNHEARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsHeard:
    """Everything that is known of a request now."""

    request_id: UUID
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """The order goes on without what was lost."""

    request_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowAgreed:
    """A window that the customer wants."""

    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOut:
    """The technician leaves, or is there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOver:
    """Repaired or called off."""

    at: datetime


type Happening = PartsAsked | PartsHeard | GivenUp | WindowAgreed | SetOut | OrderOver


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForParts:
    """Tell whoever keeps the parts."""

    request_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """The visit does not take place; another window has to be agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWaits:
    """Write into every clock that may stand for it what the order waits for on account of a request."""

    request_id: UUID
    waits: tuple[Wait, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """The request is over for dispatch; parts releases what it holds when it hears how the order ended."""

    request_id: UUID


type Command = AskForParts | Withdraw | NoteWaits | LetGo


def step(state: Arrangement, happening: Happening) -> tuple[Arrangement, tuple[Command, ...]]:
    """The arrangement after what happened, and what has to be done for it.

    Raises IllegalTransition for a window or a departure without its parts, and for giving up what is not lost.
    """
    match happening:
        case PartsAsked():
            return _asked(state, happening)
        case PartsHeard(request_id=request_id, facts=facts):
            return _heard(state, request_id=request_id, facts=facts)
        case GivenUp(request_id=request_id, at=at):
            _require_lost(state.requests[request_id].state)
            return _over(state, request_id=request_id, at=at), (LetGo(request_id=request_id),)
        case WindowAgreed(starts_at=starts_at):
            check_window(state, starts_at=starts_at)
            return replace(state, window_at=starts_at), ()
        case SetOut():
            check_parts_at_hand(state)
            return replace(state, window_at=None), ()
        case OrderOver(at=at):
            return _ended(state, at=at)


def check_window(state: Arrangement, *, starts_at: datetime) -> None:
    """R327: raises IllegalTransition for a window before which the parts cannot be there, or are kept no more."""
    for request in state.requests.values():
        if request.kept_until is not None and starts_at >= request.kept_until:
            raise _kept_no_more(request.kept_until)
        match request.state:
            case PartsState.ASKED:
                raise IllegalTransition(
                    "parts_unanswered",
                    detail="parts were asked for, and there is no answer yet",
                    expected="a window once they are reserved, or expected at a known time",
                )
            case PartsState.SHORT:
                raise IllegalTransition(
                    "parts_short",
                    detail="parts are missing, and nobody knows yet when they come",
                    expected="a window once they are reserved, or ordered and expected at a known time",
                )
            case PartsState.UNAVAILABLE | PartsState.EXPIRED:
                raise _lost(request.state)
            case PartsState.ORDERED if request.expected_after(starts_at):
                expected_at = f"{request.expected_at:%Y-%m-%dT%H:%MZ}"
                raise IllegalTransition(
                    "parts_not_there_yet",
                    detail=f"the window starts before its parts are there: they are expected at {expected_at}",
                    expected=f"a window that starts at {expected_at} or later",
                )
            case _:
                continue


def check_parts_at_hand(state: Arrangement) -> None:
    """R257, R327: raises IllegalTransition while a part that was asked for is neither reserved nor issued."""
    for request in state.requests.values():
        if request.state in LOST:
            raise _lost(request.state)
        if request.state not in {*AT_HAND, PartsState.OVER}:
            raise IllegalTransition(
                "parts_missing",
                detail=f"parts are {request.state} and not at hand yet",
                expected="every part that was asked for reserved or issued; else another window",
            )


def can_be_there(request: Request, *, starts_at: datetime) -> bool:
    """Whether the parts can be there when a visit begins; what has no answer yet may still turn out well."""
    if request.state in {PartsState.SHORT, *LOST}:
        return False
    return request.state is not PartsState.ORDERED or not request.expected_after(starts_at)


def _asked(state: Arrangement, asked: PartsAsked) -> tuple[Arrangement, tuple[Command, ...]]:
    lost = [request_id for request_id, request in state.requests.items() if request.state in LOST]
    for request_id in lost:
        state = _over(state, request_id=request_id, at=asked.at)
    state = state.having(asked.request_id, request=Request(lines=asked.lines))
    state, following = _heard(state, request_id=asked.request_id, facts=asked.heard)
    let_go = (LetGo(request_id=request_id) for request_id in lost)
    return state, (*let_go, AskForParts(request_id=asked.request_id), *following)


def _heard(state: Arrangement, *, request_id: UUID, facts: Facts) -> tuple[Arrangement, tuple[Command, ...]]:
    known = state.requests[request_id]
    request = replace(known, facts=replace(facts, over_at=known.facts.over_at))
    if request == known:
        return state, ()
    state = state.having(request_id, request=request)
    commands = (NoteWaits(request_id=request_id, waits=facts.waits),) if facts.waits != known.facts.waits else ()
    if state.window_at is None or can_be_there(request, starts_at=state.window_at):
        return state, commands
    return replace(state, window_at=None), (*commands, Withdraw())


def _ended(state: Arrangement, *, at: datetime) -> tuple[Arrangement, tuple[Command, ...]]:
    live = [request_id for request_id, request in state.requests.items() if request.state is not PartsState.OVER]
    for request_id in live:
        state = _over(state, request_id=request_id, at=at)
    return replace(state, window_at=None, is_over=True), tuple(LetGo(request_id=request_id) for request_id in live)


def _over(state: Arrangement, *, request_id: UUID, at: datetime) -> Arrangement:
    request = state.requests[request_id]
    return state.having(request_id, request=replace(request, facts=replace(request.facts, over_at=at)))


def _require_lost(state: PartsState) -> None:
    if state not in LOST:
        raise IllegalTransition(
            f"parts_{state}", detail=f"the parts are {state}, not lost", expected="a request that got unavailable"
        )


def _kept_no_more(until: datetime) -> IllegalTransition:
    return IllegalTransition(
        "parts_kept_no_more",
        detail=f"the window starts too late for its parts: they are kept until {until:%Y-%m-%dT%H:%MZ}",
        expected=f"a window that starts before {until:%Y-%m-%dT%H:%MZ}",
    )


def _lost(state: PartsState) -> IllegalTransition:
    return IllegalTransition(
        f"parts_{state}",
        detail=f"parts that were asked for are {state}: nothing will come of that request",
        expected="ask for them anew, or give the request up and go without",
    )
