"""Who has to sign a claim order (索赔订货), and what it is worth (R199)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from shared.refusals import IllegalTransition, NotAllowed, Refusal


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
