"""Pieces have become free: who of those that wait for them gets them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from shared.contracts.facts import Urgency

_RANKS: Mapping[Urgency, int] = MappingProxyType({Urgency.EMERGENCY: 0, Urgency.URGENT: 1, Urgency.NORMAL: 2})


class Priority(StrEnum):
    """What goes before age: how urgent it is, and whether the customer has accepted what is asked of him."""

    URGENCY = "urgency"
    ACCEPTANCE = "acceptance"


class Partial(StrEnum):
    """R327: whether what there is of a kit is kept while the rest is ordered, or all of it ordered as one."""

    KEPT = "kept"
    WHOLE_KIT = "whole_kit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that is short. `missing`: part code to pieces that are neither kept nor drawn for it.

    `is_accepted`: its deposit was agreed to or paid, or none is asked for. `own_at`: the day for which a supplier has
    promised its claim order, which is for all that is missing; None where no supplier has it.
    """

    request_id: UUID
    urgency: Urgency
    requested_at: datetime
    missing: Mapping[str, int]
    is_accepted: bool = True
    own_at: datetime | None = None


def first_served(
    waiting: Iterable[Waiting], *, available: Mapping[str, int], priorities: Sequence[Priority] = tuple(Priority)
) -> Waiting | None:
    """Of those whose kit is complete with what lies free the first by `priorities`, the oldest of equals; or None.

    R327: pieces that complete no kit stay free, so that they do not lie waiting for what is on order. The one passed
    over loses nothing, for everything that is missing of it is ordered. `available`: free pieces by part code.
    """
    served = [one for one in waiting if lies_free(one.missing, available=available)]
    return min(served, key=lambda one: _turn(one, priorities=priorities), default=None)


def in_turn(
    waiting: Iterable[Waiting], *, priorities: Sequence[Priority] = tuple(Priority)
) -> Iterator[tuple[Waiting, Mapping[str, int]]]:
    """Each who waits, by `priorities` and age, with the pieces by part code that go to those before him."""
    ahead: Counter[str] = Counter()
    for one in sorted(waiting, key=lambda one: _turn(one, priorities=priorities)):
        yield one, dict(ahead)
        ahead.update(one.missing)


def lies_free(missing: Mapping[str, int], *, available: Mapping[str, int]) -> bool:
    """Whether every missing piece lies on the shelf and is kept for nobody."""
    return all(available.get(part_code, 0) >= pieces for part_code, pieces in missing.items())


def _turn(one: Waiting, *, priorities: Sequence[Priority]) -> tuple[tuple[int, ...], datetime, UUID]:
    ranks = {Priority.URGENCY: _RANKS[one.urgency], Priority.ACCEPTANCE: int(not one.is_accepted)}
    return tuple(ranks[priority] for priority in priorities), one.requested_at, one.request_id
