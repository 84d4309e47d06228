"""What a check found: figures and violated invariants, as JSON for programs and as a page of Markdown for people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from testkit.checker.books import Books
from testkit.checker.cases import counts
from testkit.checker.promises import Promises, unclaimed_cases
from testkit.checker.violations import INVARIANTS, Invariant, Violation

SHOWN_AT_MOST = 20
"""Violations of one invariant that the page shows; the JSON document holds all."""

MEANINGS: Mapping[Invariant, str] = {
    "I1": "every id that a client got a 2xx for is in the owner's table",
    "I2": "one case per idempotency key, one call per (source, call id), at most one case opened by itself per call",
    "I3": "no case that nobody sent",
    "I4": "each effect points to a committed cause",
    "I5": "each event has exactly the inbox rows that the subscriptions call for",
    "I6": "each (consumer, event) once, each effect once",
    "I7": "the events of one subject leave their service in order",
    "I8": "outboxes and queues are empty, `.dead` holds exactly the poison that was put in",
    "I9": "only legal transitions; times never run backwards; a closed case has a resolution and a closer",
    "I10": "opened = open + closed + cancelled; stock = its movements; deposits taken = held + refunded + forfeited",
    "I11": "no technician in two places",
    "I12": "the same key gets the same status and body for 7 days",
    "I13": "audit rows are append-only and chained",
    "I14": "no contact data outside intake, nothing of a customer in plain text",
}


class Finding(BaseModel):
    """One violation."""

    model_config = ConfigDict(frozen=True)

    invariant: Invariant
    about: str
    says: str


class Report(BaseModel):
    """What became of the requests, by their keys, and what is wrong."""

    model_config = ConfigDict(frozen=True)

    attempted: int = Field(description="requests, however often each was sent")
    acknowledged: int = Field(description="of them answered with 2xx")
    lost: int = Field(description="things that were acknowledged and are not there (I1)")
    unexpected: int = Field(description="cases that nobody sent (I3)")
    duplicated: int = Field(description="things that are there more often than they should be (I2, I6)")
    recovered: int = Field(
        description="requests that were not answered, or with 5xx, and were carried out all the same"
    )
    cases: dict[str, int] = Field(description="open, closed and cancelled")
    events: int
    deliveries: int
    violations: tuple[Finding, ...]

    @classmethod
    def of(cls, promises: Promises, *, books: Books, violations: Iterable[Violation]) -> "Report":
        """Count, and put the violations in order."""
        found = set(violations)
        findings = {Finding(invariant=one.invariant, about=one.about, says=one.says) for one in found}
        ordered = sorted(findings, key=lambda one: (INVARIANTS.index(one.invariant), one.about, one.says))
        return cls(
            attempted=len(promises.by_key),
            acknowledged=len(promises.keys("ok")),
            lost=_count(ordered, "I1"),
            unexpected=_count(ordered, "I3"),
            duplicated=sum(one.doubled for one in found),
            recovered=_recovered(promises, books=books),
            cases=dict(sorted(counts(books.cases).items())),
            events=len(books.said),
            deliveries=len(books.heard),
            violations=tuple(ordered),
        )

    @property
    def is_clean(self) -> bool:
        """Whether every invariant holds."""
        return not self.violations

    @property
    def violated(self) -> Mapping[Invariant, Sequence[Finding]]:
        """Every violated invariant with what violates it."""
        found: dict[Invariant, list[Finding]] = {}
        for one in self.violations:
            found.setdefault(one.invariant, []).append(one)
        return found

    def to_json(self) -> str:
        """One document, with a line of its own for each field."""
        return self.model_dump_json(indent=2) + "\n"

    def to_markdown(self, title: str) -> str:
        """A page."""
        return "\n".join([f"# {title}", "", *self._summary(), "", *_table(self), *self._details()]) + "\n"

    def _summary(self) -> Iterator[str]:
        yield "Every invariant holds." if self.is_clean else f"**{len(self.violated)} invariants are violated.**"
        yield ""
        yield "| attempted | acknowledged | lost | unexpected | duplicated | recovered | events | deliveries |"
        yield "|---|---|---|---|---|---|---|---|"
        figures = (self.attempted, self.acknowledged, self.lost, self.unexpected, self.duplicated, self.recovered)
        yield "| " + " | ".join(f"{figure:,}" for figure in (*figures, self.events, self.deliveries)) + " |"
        yield ""
        yield "Cases: " + (", ".join(f"{count:,} {state}" for state, count in self.cases.items()) or "none") + "."

    def _details(self) -> Iterator[str]:
        for invariant, findings in self.violated.items():
            yield from ("", f"## {invariant}", "")
            yield from (f"- {one.says}" for one in findings[:SHOWN_AT_MOST])
            if len(findings) > SHOWN_AT_MOST:
                yield f"- and {len(findings) - SHOWN_AT_MOST:,} more"


def _table(report: Report) -> Iterator[str]:
    yield "| | invariant | violations |"
    yield "|---|---|---|"
    for invariant in INVARIANTS:
        yield f"| {invariant} | {MEANINGS[invariant]} | {len(report.violated.get(invariant, ())) or 'none'} |"


def _count(findings: Iterable[Finding], invariant: Invariant) -> int:
    return sum(one.invariant == invariant for one in findings)


def _recovered(promises: Promises, *, books: Books) -> int:
    """Requests of which a client did not know: sent again until it did, or found to be there."""
    answered_later = promises.keys("info") & promises.keys("ok")
    return len(answered_later) + min(len(promises.unknown_cases), len(unclaimed_cases(promises, books=books)))
