"""Whether one book holds what another one calls for; what is wrong is said in sentences."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator


def same[T: Hashable](what: str, *, wanted: Iterable[T], found: Iterable[T], place: str) -> Iterator[str]:
    """Whether `found` holds exactly what is `wanted`, each as often."""
    expected, counted = Counter(wanted), Counter(found)
    for one in expected.keys() | counted.keys():
        if counted[one] != expected[one]:
            yield f"{what} {_named(one)} is in {place} {counted[one]} times, not {expected[one]}"


def once[T: Hashable](what: str, found: Iterable[T], *, place: str) -> Iterator[str]:
    """Whether nothing is found twice."""
    counted = Counter(found)
    yield from same(what, wanted=counted.keys(), found=counted.elements(), place=place)


def _named(one: Hashable) -> str:
    return " ".join(str(part) for part in one) if isinstance(one, tuple) else str(one)
