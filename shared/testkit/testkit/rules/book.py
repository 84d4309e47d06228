"""The index of the rule book, `docs/rules.json`: every rule in one sentence of ours, with its source."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from testkit.suite import ROOT

KINDS = {
    "ENF": "enforced",
    "CLK": "timed",
    "CMP": "computed",
    "RPT": "reported",
    "REC": "recorded",
    "REM": "reminded",
    "NTF": "notified",
    "POL": "guidance",
}
"""How a rule can be carried out, by the letters of the index: refused otherwise, timed by a clock, computed …"""


class Rule(BaseModel):
    """One rule. `owners` are services, of which the first owns the state, or `all`; `source` is where it is written."""

    model_config = ConfigDict(frozen=True)

    id: str
    owners: tuple[str, ...]
    kinds: tuple[str, ...]
    profiles: tuple[str, ...]
    source: str
    rule: str

    @property
    def kind(self) -> str:
        """Its kinds in words: `enforced, timed`."""
        return ", ".join(KINDS[kind] for kind in self.kinds)


def rule_book(root: Path = ROOT) -> dict[str, Rule]:
    """All rules by id, in order."""
    rules = TypeAdapter(list[Rule]).validate_json((root / "docs/rules.json").read_bytes())
    return {rule.id: rule for rule in rules}
