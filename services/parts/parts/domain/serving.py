"""Pieces have become free: who of those that wait for them gets them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from shared.contracts.facts import Urgency

_RANKS: Mapping[Urgency, int] = MappingProxyType({Urgency.EMERGENCY: 0, Urgency.URGENT: 1, Urgency.NORMAL: 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that is short. `missing`: part code to pieces that are neither kept nor drawn for it."""

    request_id: UUID
    urgency: Urgency
    requested_at: datetime
    missing: Mapping[str, int]


def first_served(waiting: Iterable[Waiting], *, available: Mapping[str, int]) -> Waiting | None:
    """The most urgent of those whose kit is complete with what lies free, the oldest of equals; None where nobody's is.

    R327: pieces that complete no kit stay free, so that they do not lie waiting for what is on order. The one passed
    over loses nothing, for everything that is missing of it is ordered. `available`: free pieces by part code.
    """
    served = [one for one in waiting if lies_free(one.missing, available=available)]
    return min(served, key=_turn, default=None)


def lies_free(missing: Mapping[str, int], *, available: Mapping[str, int]) -> bool:
    """Whether every missing piece lies on the shelf and is kept for nobody."""
    return all(available.get(part_code, 0) >= pieces for part_code, pieces in missing.items())


def _turn(one: Waiting) -> tuple[int, datetime, UUID]:
    return _RANKS[one.urgency], one.requested_at, one.request_id
