"""How a request, its claim order (索赔订货) and its deposit (订金) can stand, and what can happen to them.

`supply` says what follows from what.
"""

from dataclasses import dataclass
from enum import StrEnum


class RequestState(StrEnum):
    """Where the pieces of a request are."""

    SHORT = "short"
    RESERVED = "reserved"
    ISSUED = "issued"
    OWED = "owed"
    SETTLED = "settled"
    RELEASED = "released"
    EXPIRED = "expired"
    UNAVAILABLE = "unavailable"


class ClaimState(StrEnum):
    """Where a claim order stands."""

    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    PLACED = "placed"
    ARRIVED = "arrived"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class DepositState(StrEnum):
    """Where a deposit is: proposed (`required`), agreed to, `held` once it is paid, never paid where it is `waived`."""

    REQUIRED = "required"
    AGREED = "agreed"
    HELD = "held"
    REFUNDED = "refunded"
    FORFEITED = "forfeited"
    WAIVED = "waived"


class Happening(StrEnum):
    """What can happen to a request and what hangs on it."""

    AGREED = "agreed"
    PAID = "paid"
    DECLINED = "declined"
    UNPAID = "unpaid"
    SIGNED = "signed"
    REJECTED = "rejected"
    NOT_OBTAINABLE = "not_obtainable"
    PLACED = "placed"
    ARRIVED = "arrived"
    FOUND = "found"
    DRAWN = "drawn"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FITTED = "fitted"
    NOT_FITTED = "not_fitted"
    BALANCED = "balanced"


class Command(StrEnum):
    """What has to be done, in this order, when something has happened."""

    RECEIVE = "receive"  # what arrived lies on the shelf
    TELL = "tell"  # the customer hears that his part is there, and again while it lies unused (R322)
    KEEP = "keep"  # it is kept for the request, until it expires
    STOP = "stop"  # nobody waits any more for it to be drawn
    RELEASE = "release"  # what is kept goes back to the shelf
    TAKE = "take"  # the deposit is held
    WAIVE = "waive"  # the deposit is not asked for any more
    REFUND = "refund"  # the customer has his money again
    FORFEIT = "forfeit"  # the money stays with the company


class Weight(StrEnum):
    """Whether a deposit that is not paid keeps the order from being placed (R320: 建议)."""

    BLOCKING = "blocking"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the policy says of deposits, of those whose part came and was not drawn.

    `never_fitted`: what becomes of them where nobody came in time; `cancelled`: where the order is called off.
    """

    weight: Weight
    never_fitted: DepositState
    cancelled: DepositState


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """One request with its claim order and deposit, where it has them."""

    request: RequestState
    claim: ClaimState | None = None
    deposit: DepositState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How things stand after something happened, and what has to be done."""

    after: Supply
    commands: tuple[Command, ...] = ()


BEGINNING = Supply(request=RequestState.SHORT)
"""A request that was just heard: nothing is kept for it and nothing ordered."""
OPEN = frozenset({RequestState.SHORT, RequestState.RESERVED, RequestState.ISSUED})
"""A request whose work order still wants the parts."""
LOST = frozenset({RequestState.EXPIRED, RequestState.UNAVAILABLE})
"""A request of which nothing comes any more, whatever becomes of its work order."""
UNPAID = frozenset({DepositState.REQUIRED, DepositState.AGREED})
"""A deposit that is asked for and may still be paid."""
NOT_ORDERED = frozenset({ClaimState.AWAITING_APPROVAL, ClaimState.APPROVED})
"""A claim order that the supplier does not have."""
ORDERED = frozenset({ClaimState.PLACED, ClaimState.ARRIVED})
"""A claim order that the supplier has or had: its customer hears that his part is there, and again (R322)."""
