"""Whether one book holds what another one calls for; what is wrong is said in sentences, under its invariant."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

type Invariant = Literal["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I11", "I12", "I13", "I14"]

EVERYTHING = UUID(int=0)
"""No uuid7 is smaller: since then, everything was made."""

INVARIANTS: tuple[Invariant, ...] = get_args(Invariant.__value__)


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant does not hold: `about` is what it is about, the same at every look, `says` what is wrong with it.

    `ids` are those of the things that it compares; `doubled` where something is there more often than it should be.
    """

    invariant: Invariant
    about: str
    says: str
    ids: frozenset[UUID] = frozenset()
    doubled: bool = False

    def concerns(self, since: UUID) -> bool:
        """Whether all that it compares was made since a uuid7: of what is older, something may be cleared away by now.

        Ids that are no uuid7 do not tell their age; where there are no others, nobody can say.
        """
        if since == EVERYTHING:
            return True
        aged = [id_ for id_ in self.ids if id_.version == since.version]
        return all(id_ >= since for id_ in aged) and bool(aged or not self.ids)


def violation(invariant: Invariant, about: Hashable, says: str) -> Violation:
    """What is wrong with a thing; the sentence begins with what it is about."""
    named = _named(about)
    return Violation(invariant, named, f"{named} {says}", _ids(about))


def same[T: Hashable](
    what: str, *, wanted: Iterable[T], found: Iterable[T], place: str, invariant: Invariant
) -> Iterator[Violation]:
    """Whether `found` holds exactly what is `wanted`, each as often."""
    expected, counted = Counter(wanted), Counter(found)
    for one in expected.keys() | counted.keys():
        if counted[one] != expected[one]:
            about = f"{what} {_named(one)}"
            says = f"{about} is in {place} {counted[one]} times, not {expected[one]}"
            doubled = counted[one] > expected[one] > 0
            yield Violation(invariant, f"{about} in {place}", says, _ids(one), doubled)


def once[T: Hashable](what: str, found: Iterable[T], *, place: str, invariant: Invariant) -> Iterator[Violation]:
    """Whether nothing is found twice."""
    counted = Counter(found)
    yield from same(what, wanted=counted.keys(), found=counted.elements(), place=place, invariant=invariant)


def first_id(at: datetime) -> UUID:
    """The smallest uuid7 that can have been made at this instant: whatever was made later has a greater one."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62))


def _named(one: Hashable) -> str:
    return " ".join(str(part) for part in one if part is not None) if isinstance(one, tuple) else str(one)


def _ids(one: Hashable) -> frozenset[UUID]:
    parts = one if isinstance(one, tuple) else (one,)
    return frozenset(part for part in parts if isinstance(part, UUID))
