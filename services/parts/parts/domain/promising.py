"""When a kit can be complete: what is on order counts as well as what lies on the shelf (R327, R143)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from parts.domain.serving import Waiting
from shared.refusals import IllegalTransition


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Pieces of one part that a supplier has promised for an instant."""

    part_code: str
    pieces: int
    expected_at: datetime


def days_in_turn(
    turns: Iterable[tuple[Waiting, Mapping[str, int]]],
    *,
    incoming: Iterable[Incoming],
    free: Mapping[str, int],
    now: datetime,
) -> dict[UUID, datetime | None]:
    """R327: of each who waits the day on which his kit can be complete, or None.

    His own order counts for him while its day is still to come, and after that what comes for nobody, as for everybody.
    It counts for those behind him too: where his turn comes sooner, it will be free stock.
    `turns`: as of `in_turn`; `incoming`: what comes for nobody by name.
    """
    coming, days = list(incoming), dict[UUID, datetime | None]()
    for one, ahead in turns:
        is_own_to_come = one.own_at is not None and one.own_at > now
        shared = ready_at(one.missing, incoming=coming, ahead=ahead, free=free, now=now)
        days[one.request_id] = one.own_at if is_own_to_come else shared
        if one.own_at is not None:
            coming += [Incoming(part_code=code, pieces=n, expected_at=one.own_at) for code, n in one.missing.items()]
    return days


def ready_at(
    missing: Mapping[str, int],
    *,
    incoming: Iterable[Incoming],
    ahead: Mapping[str, int],
    free: Mapping[str, int],
    now: datetime,
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
