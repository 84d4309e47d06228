"""How every rule stands: what carries it out and what proves it, in the whole suite or in one service."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from testkit.rules.book import Rule, rule_book
from testkit.rules.code_places import code_places
from testkit.rules.proofs import proofs
from testkit.suite import ROOT, SERVICES

type Standings = Mapping[str, Standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One rule, the code that names it and the tests that carry its mark."""

    rule: Rule
    code: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What it still needs to be in force."""
        needed = {"no code names it": self.code, "no test proves it": self.tests}
        return tuple(lack for lack, places in needed.items() if not places)

    def within(self, service: str) -> "Standing":
        """What the service itself does for a rule that it may share: nothing below the folder of another service."""
        others = [f"/{other}/" for other in SERVICES if other != service]
        code, tests = (
            tuple(place for place in places if not any(other in place for other in others))
            for places in (self.code, self.tests)
        )
        return replace(self, code=code, tests=tests)

    @property
    def document(self) -> dict[str, list[str]]:
        """For a program."""
        return {
            "owners": [*self.rule.owners],
            "kinds": [*self.rule.kinds],
            "code": [*self.code],
            "tests": [*self.tests],
        }


def standings(root: Path = ROOT) -> Standings:
    """All rules of the book by id, in order."""
    code, tests = code_places(root), proofs(root)
    return {
        id_: Standing(rule=rule, code=tuple(code.get(id_, ())), tests=tuple(tests.get(id_, ())))
        for id_, rule in rule_book(root).items()
    }


def owned(standings: Standings, *, service: str) -> Standings:
    """The rules that name the service among their owners, each with the service's own part."""
    return {id_: one.within(service) for id_, one in standings.items() if service in one.rule.owners}


def counted(standings: Standings) -> Iterator[tuple[str, int, int]]:
    """Kind, how many rules of it are in force, how many there are; kinds that do not occur are left out."""
    kinds = dict.fromkeys(kind for one in standings.values() for kind in one.rule.kinds)
    for kind in kinds:
        ones = [one for one in standings.values() if kind in one.rule.kinds]
        yield kind, sum(not one.missing for one in ones), len(ones)
