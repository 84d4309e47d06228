"""When a kit can be complete: what is on order counts as well as what lies on the shelf (R327, R143)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from shared.refusals import IllegalTransition

NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Pieces of one part that a supplier has promised for an instant, and that nobody waits for by name."""

    part_code: str
    pieces: int
    expected_at: datetime


def ready_at(
    missing: Mapping[str, int],
    *,
    incoming: Iterable[Incoming],
    ahead: Mapping[str, int],
    now: datetime,
    free: Mapping[str, int] = NOTHING,
) -> datetime | None:
    """R327: when everything that is missing can be there; None where what is on order does not suffice.

    `ahead`: by part code the pieces that others wait for, who are served before; `free`: those on the shelf that are
    kept for nobody. What was expected before `now` and is not there promises nothing; what lies there, is there `now`.
    """
    ahead_of_time = sorted((one for one in incoming if one.expected_at > now), key=lambda one: one.expected_at)
    lying = [Incoming(part_code=code, pieces=pieces, expected_at=now) for code, pieces in free.items()]
    instants = [
        _covered_at(
            pieces + ahead.get(part_code, 0),
            [one for one in (*lying, *ahead_of_time) if one.part_code == part_code],
        )
        for part_code, pieces in missing.items()
    ]
    known = [instant for instant in instants if instant is not None]
    return max(known) if known and len(known) == len(instants) else None


def renew(expires_at: datetime | None, *, renewals: int, allowed: int, until: datetime) -> datetime:
    """The later end of a reservation. Raises IllegalTransition where nothing is kept, or it was renewed too often."""
    if expires_at is None:
        raise IllegalTransition(
            "nothing_reserved",
            detail="nothing is kept for this request that could expire",
            expected="a request of which pieces are kept, and none drawn yet",
        )
    if renewals >= allowed:
        raise IllegalTransition(
            "renewed_too_often",
            detail=f"it was renewed {renewals} times, and the policy allows {allowed}",
            expected=f"the pieces drawn before {expires_at.isoformat()}, or asked for anew",
        )
    return max(expires_at, until)


def _covered_at(pieces: int, incoming: Iterable[Incoming]) -> datetime | None:
    for one in incoming:
        pieces -= one.pieces
        if pieces <= 0:
            return one.expected_at
    return None
