"""Who has to sign a claim order (索赔订货), and what it is worth (R199)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from parts.domain.serials import Serials
from shared.refusals import IllegalTransition, NotAllowed, Refusal

NOTHING: Mapping[str, int] = MappingProxyType({})
NOTHING_NAMED: Serials = MappingProxyType({})
NO_COSTS: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A role whose signature is needed, for orders worth more than `above` yuan; for all where that is None."""

    role: str
    above: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """What is ordered, at the price that the catalogue had then."""

    part_code: str
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What comes of a claim order: part code to pieces, to their numbers where it is tracked, to yuan that one cost."""

    pieces: Mapping[str, int] = NOTHING
    serials: Serials = NOTHING_NAMED
    unit_costs: Mapping[str, Decimal] = NO_COSTS


def arriving(awaited: Mapping[str, int], *, named: Mapping[str, int]) -> Mapping[str, int]:
    """What comes of what is still to come: all of it where nothing is named. Raises Refusal for more than that."""
    if over := sorted(code for code, pieces in named.items() if pieces > awaited.get(code, 0)):
        told = ", ".join(f"{named[code]} of {code}, with {awaited.get(code, 0)} to come" for code in over)
        raise Refusal(
            "more_than_ordered",
            detail=f"there came {told}",
            expected="at most what is to come; the rest is a receipt of its own, of POST /v1/stock/receipts",
        )
    return named or awaited


def value_of(lines: Iterable[ClaimLine]) -> Decimal:
    """What the lines are worth, yuan."""
    return sum((line.unit_price * line.quantity for line in lines), Decimal("0.00"))


def left_of(orders: Iterable[Collection[ClaimLine]], *, free: Mapping[str, int]) -> list[tuple[ClaimLine, ...]]:
    """R322: what lies there still of each order that nobody fetched, the newest order first: the oldest left first.

    `free`: part code to pieces that are kept for nobody.
    """
    left = dict(free)
    found = []
    for lines in orders:
        lying = []
        for line in lines:
            pieces = min(line.quantity, max(left.get(line.part_code, 0), 0))
            left[line.part_code] = left.get(line.part_code, 0) - pieces
            if pieces:
                lying.append(replace(line, quantity=pieces))
        found.append(tuple(lying))
    return found


def claim_lines(missing: Mapping[str, int], *, prices: Mapping[str, Decimal]) -> tuple[ClaimLine, ...]:
    """The missing pieces at their prices, by part code."""
    return tuple(
        ClaimLine(part_code=part_code, quantity=quantity, unit_price=prices[part_code])
        for part_code, quantity in sorted(missing.items())
    )


def roles_needed(value: Decimal, *, signers: Iterable[Signer]) -> tuple[str, ...]:
    """R199: the workshop manager's, and the director's as well where the order is large, as the policy says."""
    return tuple(signer.role for signer in signers if signer.above is None or value > signer.above)


def check_signature(role: str, *, needed: Collection[str], signed: Collection[str]) -> None:
    """Raises NotAllowed for a role that has not to sign, IllegalTransition for one that has signed."""
    if role not in needed:
        raise NotAllowed(
            "not_to_sign",
            detail=f"the signature of the role {role} is not asked for on this order",
            expected=f"a signature of: {', '.join(needed)}",
        )
    if role in signed:
        missing = [one for one in needed if one not in signed]
        raise IllegalTransition(
            "signed_already",
            detail=f"{role} has signed this order",
            expected=f"the signature of: {', '.join(missing)}" if missing else "nothing more: every signature is there",
        )


def check_expected(expected_at: datetime, *, now: datetime) -> None:
    """Raises Refusal for parts that are expected in the past."""
    if expected_at <= now:
        raise Refusal(
            "expected_in_the_past",
            detail=f"the parts cannot be expected at {expected_at.isoformat()}, which is over",
            expected=f"an instant after {now.isoformat()}",
        )
