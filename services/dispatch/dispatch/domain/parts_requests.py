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
    DepositPaid,
    DepositRequired,
    DepositWaived,
    PartsIssued,
    PartsReserved,
    PartsReturned,
    PartsShort,
    PartsUnavailable,
    ReservationExpired,
)
from shared.refusals import IllegalTransition, Refusal

MOST_PIECES = 10_000

type Answer = (
    PartsReserved
    | PartsShort
    | PartsUnavailable
    | ReservationExpired
    | ClaimOrderPlaced
    | PartsIssued
    | PartsReturned
    | DepositRequired
    | DepositPaid
    | DepositWaived
)
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
    """What was ordered is expected at a time, or at none that is known any more; what was said last counts."""

    placed_at: datetime
    expected_at: datetime | None

    def is_newer(self, known: "Order") -> bool:
        """Whether it was said after that; of two that were said at once the later day counts."""
        return (self.placed_at, _rank(self.expected_at)) > (known.placed_at, _rank(known.expected_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A stretch in which something was waited for: `parts`, or the `deposit` for them; `until` None: it goes on."""

    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that was heard of a request. `issues` and `returns` by the id of their notes.

    What was returned was not needed (R316): it is at hand no more to be fitted, and nobody waits for it. A deposit
    (订金, R320) is settled once it is paid, or not asked for any more.
    """

    short_at: datetime | None = None
    ordered: Order | None = None
    reserved_at: datetime | None = None
    reserved_until: datetime | None = None
    unavailable_at: datetime | None = None
    expired_at: datetime | None = None
    over_at: datetime | None = None
    issues: Mapping[str, tuple[PartNeed, ...]] = field(default=NOTHING)
    returns: Mapping[str, tuple[PartNeed, ...]] = field(default=NOTHING)
    deposit_required_at: datetime | None = None
    deposit_settled_at: datetime | None = None

    def with_order(self, order: Order) -> "Facts":
        """Ordered, or expected at another time than was said before."""
        is_newer = self.ordered is None or order.is_newer(self.ordered)
        return replace(self, ordered=order) if is_newer else self

    def with_note(self, note: PartsIssued | PartsReturned) -> "Facts":
        """Some pieces were drawn (R314), or are in the store again (R316)."""
        if isinstance(note, PartsIssued):
            return replace(self, issues=MappingProxyType({**self.issues, str(note.issue_id): note.lines}))
        return replace(self, returns=MappingProxyType({**self.returns, str(note.return_id): note.lines}))

    def with_loss(self, loss: PartsUnavailable | ReservationExpired) -> "Facts":
        """Nothing will come of it, or what was kept is kept no more."""
        if isinstance(loss, PartsUnavailable):
            return replace(self, unavailable_at=_first(self.unavailable_at, loss.unavailable_at))
        return replace(self, expired_at=_first(self.expired_at, loss.expired_at))

    def with_deposit(self, said: DepositRequired | DepositPaid | DepositWaived) -> "Facts":
        """R320: it is asked for, or settled one way or the other."""
        match said:
            case DepositRequired(required_at=at):
                return replace(self, deposit_required_at=_first(self.deposit_required_at, at))
            case DepositPaid(paid_at=at) | DepositWaived(waived_at=at):
                return replace(self, deposit_settled_at=_first(self.deposit_settled_at, at))

    @property
    def answered_at(self) -> datetime | None:
        """When a shortage was over, one way or the other."""
        ends = (self.reserved_at, self.unavailable_at, self.expired_at)
        return min((end for end in ends if end is not None), default=None)

    @property
    def waits(self) -> tuple[Wait, ...]:
        """What the order waited for, or waits for still, on account of this request."""
        known = (
            ("parts", self.short_at, self.answered_at),
            ("deposit", self.deposit_required_at, self.deposit_settled_at),
        )
        return tuple(Wait(reason=reason, since=since, until=until) for reason, since, until in known if since)


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
            (self.expected_at is not None, PartsState.ORDERED),
            (facts.short_at is not None, PartsState.SHORT),
        )
        return next((state for holds, state in said if holds), PartsState.ASKED)

    @property
    def expected_at(self) -> datetime | None:
        """When what was ordered is expected."""
        return None if self.facts.ordered is None else self.facts.ordered.expected_at

    @property
    def kept_until(self) -> datetime | None:
        """When the reserved pieces go back to the shelf; never once some of them were drawn."""
        is_kept = self.state is PartsState.RESERVED and not self.facts.issues
        return self.facts.reserved_until if is_kept else None

    def expected_after(self, instant: datetime) -> bool:
        """Whether what was ordered comes later than that."""
        return self.expected_at is not None and self.expected_at > instant


def hear(facts: Facts, answer: Answer) -> Facts:
    """The facts with what an answer says. The same answer again, or an older one, changes nothing."""
    match answer:
        case PartsReserved(reserved_at=at, expires_at=until):
            return replace(
                facts, reserved_at=_first(facts.reserved_at, at), reserved_until=_last(facts.reserved_until, until)
            )
        case PartsShort(short_at=at, ready_at=ready_at, promised_at=promised_at):
            known = facts.with_order(Order(placed_at=promised_at or at, expected_at=ready_at))
            return replace(known, short_at=_first(facts.short_at, at))
        case PartsUnavailable() | ReservationExpired():
            return facts.with_loss(answer)
        case ClaimOrderPlaced(placed_at=placed_at, expected_at=expected_at):
            return facts.with_order(Order(placed_at=placed_at, expected_at=expected_at))
        case PartsIssued() | PartsReturned():
            return facts.with_note(answer)
        case DepositRequired() | DepositPaid() | DepositWaived():
            return facts.with_deposit(answer)


def covers(issues: Iterable[Iterable[PartNeed]], *, lines: Iterable[PartNeed]) -> bool:
    """Whether every piece of `lines` was issued; of no lines nothing can be."""
    asked, drawn = _pieces(lines), _pieces(line for issue in issues for line in issue)
    return bool(asked) and all(drawn[code] >= count for code, count in asked.items())


def together(lines: Iterable[PartNeed]) -> tuple[PartNeed, ...]:
    """Each part once, in the order in which it was named first, and of none more than can be asked for at once.

    Whoever listens to people refuses more before (`check_pieces`); what was heard is not refused.
    """
    pieces = _pieces(lines)
    return tuple(PartNeed(part_code=code, quantity=min(count, MOST_PIECES)) for code, count in pieces.items())


def check_pieces(lines: Iterable[PartNeed]) -> None:
    """Raises Refusal for more than MOST_PIECES of one part."""
    pieces = _pieces(lines)
    if many := [code for code, count in pieces.items() if count > MOST_PIECES]:
        raise Refusal(
            "too_many_pieces",
            detail=f"more than {MOST_PIECES} pieces of {', '.join(many)}",
            expected=f"at most {MOST_PIECES} pieces of one part, all its lines together",
        )


def check_issued(fitted: Iterable[PartNeed], *, requests: Iterable[Request]) -> None:
    """R313: raises IllegalTransition for more pieces than the store issued for the order, as far as is known yet.

    What was brought back to it does not count (R316).
    """
    out = _out(requests)
    many = {code: count for code, count in _pieces(fitted).items() if count > out[code]}
    if many:
        what = "; ".join(f"{code}: {count} fitted, {out[code]} issued" for code, count in many.items())
        raise IllegalTransition(
            "parts_not_issued",
            detail=f"more was fitted than the store is known to have issued for this order: {what}",
            expected="have the store issue the rest for this order first; where it did just now, try again in a moment",
        )


def request_id(case_id: UUID, *, round_: int, number: int) -> UUID:
    """The n-th request of a round of a case: always the same id, so that a repeated cause asks once."""
    return uuid5(case_id, f"parts_request/{round_}/{number}")


def _out(requests: Iterable[Request]) -> Counter[str]:
    """Pieces that were issued and not brought back. What is heard back before its issue takes nothing from others."""
    out: Counter[str] = Counter()
    for request in requests:
        issued = _pieces(line for issue in request.facts.issues.values() for line in issue)
        out += issued - _pieces(line for back in request.facts.returns.values() for line in back)
    return out


def _rank(expected_at: datetime | None) -> tuple[bool, datetime | None]:
    """Any day counts more than none."""
    return expected_at is not None, expected_at


def _first(known: datetime | None, said: datetime) -> datetime:
    return said if known is None else min(known, said)


def _last(known: datetime | None, said: datetime) -> datetime:
    return said if known is None else max(known, said)


def _pieces(lines: Iterable[PartNeed]) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for line in lines:
        pieces[line.part_code] += line.quantity
    return pieces
