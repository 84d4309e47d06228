"""A request for parts (领料申请) as dispatch knows it: a handful of facts, and the state that follows from them.

Facts are heard in any order and any number of times. They are only ever added, so that the same facts lead to the same
state however they came:

asked ──> short ──> ordered ──> reserved ──> issued            what parts does for it
  │         └──────────┴──────────┴──> unavailable, expired    nothing will come of it: to be asked anew or given up
  └───────────────────────────────────> over                   dispatch needs it no more: ended, asked anew, given up
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID, uuid5

from shared.contracts.facts import PartNeed
from shared.contracts.parts import (
    ClaimOrderPlaced,
    PartsIssued,
    PartsReserved,
    PartsShort,
    PartsUnavailable,
    ReservationExpired,
)

type Answer = PartsReserved | PartsShort | PartsUnavailable | ReservationExpired | ClaimOrderPlaced | PartsIssued
"""What parts says of a request."""

NOTHING: Mapping[str, tuple[PartNeed, ...]] = MappingProxyType({})


class PartsState(StrEnum):
    """`asked`: no answer yet; `short`: something is missing; `ordered`: and expected at a known time."""

    ASKED = "asked"
    SHORT = "short"
    ORDERED = "ordered"
    RESERVED = "reserved"
    ISSUED = "issued"
    UNAVAILABLE = "unavailable"
    EXPIRED = "expired"
    OVER = "over"


WAITED_FOR = frozenset({PartsState.ASKED, PartsState.SHORT, PartsState.ORDERED})
AT_HAND = frozenset({PartsState.RESERVED, PartsState.ISSUED})
LOST = frozenset({PartsState.UNAVAILABLE, PartsState.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was ordered is expected at a time; the order that was placed last counts."""

    placed_at: datetime
    expected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that was heard of a request. `issues` by the id of the issue."""

    short_at: datetime | None = None
    ordered: Order | None = None
    reserved_at: datetime | None = None
    unavailable_at: datetime | None = None
    expired_at: datetime | None = None
    over_at: datetime | None = None
    issues: Mapping[str, tuple[PartNeed, ...]] = field(default=NOTHING)

    def with_order(self, order: Order) -> "Facts":
        """Ordered, or expected at another time than was said before."""
        known = self.ordered
        newer = known is None or (order.placed_at, order.expected_at) > (known.placed_at, known.expected_at)
        return replace(self, ordered=order) if newer else self

    def with_issue(self, issue_id: UUID, *, lines: tuple[PartNeed, ...]) -> "Facts":
        """Some pieces were drawn (R314)."""
        return replace(self, issues=MappingProxyType({**self.issues, str(issue_id): lines}))

    @property
    def answered_at(self) -> datetime | None:
        """When a shortage was over, one way or the other."""
        ends = (self.reserved_at, self.unavailable_at, self.expired_at)
        return min((end for end in ends if end is not None), default=None)


UNHEARD = Facts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request: what it asks for and what was heard of it."""

    lines: tuple[PartNeed, ...]
    facts: Facts = field(default=UNHEARD)

    @property
    def state(self) -> PartsState:
        """What the facts say, the last word first."""
        facts = self.facts
        said = (
            (facts.over_at is not None, PartsState.OVER),
            (facts.unavailable_at is not None, PartsState.UNAVAILABLE),
            (covers(facts.issues.values(), lines=self.lines), PartsState.ISSUED),
            (facts.expired_at is not None, PartsState.EXPIRED),
            (facts.reserved_at is not None, PartsState.RESERVED),
            (facts.ordered is not None, PartsState.ORDERED),
            (facts.short_at is not None, PartsState.SHORT),
        )
        return next((state for holds, state in said if holds), PartsState.ASKED)

    @property
    def expected_at(self) -> datetime | None:
        """When what was ordered is expected."""
        return None if self.facts.ordered is None else self.facts.ordered.expected_at

    def expected_after(self, instant: datetime) -> bool:
        """Whether what was ordered comes later than that."""
        return self.expected_at is not None and self.expected_at > instant


def hear(facts: Facts, answer: Answer) -> Facts:
    """The facts with what an answer says. The same answer again, or an older one, changes nothing."""
    match answer:
        case PartsReserved(reserved_at=at):
            return replace(facts, reserved_at=_first(facts.reserved_at, at))
        case PartsShort(short_at=at):
            return replace(facts, short_at=_first(facts.short_at, at))
        case PartsUnavailable(unavailable_at=at):
            return replace(facts, unavailable_at=_first(facts.unavailable_at, at))
        case ReservationExpired(expired_at=at):
            return replace(facts, expired_at=_first(facts.expired_at, at))
        case ClaimOrderPlaced(placed_at=placed_at, expected_at=expected_at):
            return facts.with_order(Order(placed_at=placed_at, expected_at=expected_at))
        case PartsIssued(issue_id=issue_id, lines=lines):
            return facts.with_issue(issue_id, lines=lines)


def covers(issues: Iterable[Iterable[PartNeed]], *, lines: Iterable[PartNeed]) -> bool:
    """Whether every piece of `lines` was issued; of no lines nothing can be."""
    asked, drawn = _pieces(lines), _pieces(line for issue in issues for line in issue)
    return bool(asked) and all(drawn[code] >= count for code, count in asked.items())


def together(lines: Iterable[PartNeed]) -> tuple[PartNeed, ...]:
    """Each part once, in the order in which it was named first."""
    return tuple(PartNeed(part_code=code, quantity=count) for code, count in _pieces(lines).items())


def request_id(case_id: UUID, *, round_: int, number: int) -> UUID:
    """The n-th request of a round of a case: always the same id, so that a repeated cause asks once."""
    return uuid5(case_id, f"parts_request/{round_}/{number}")


def _first(known: datetime | None, said: datetime) -> datetime:
    return said if known is None else min(known, said)


def _pieces(lines: Iterable[PartNeed]) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for line in lines:
        pieces[line.part_code] += line.quantity
    return pieces
