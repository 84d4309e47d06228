"""`make rules`: which rules of the rule book are in force, as what, where in the code, and which test proves it.

A rule is in force when a test carries `@pytest.mark.rule("R235")`. Its place in the code is where its id stands in a
docstring or comment. `docs/rules.json` holds the rules with their sources.
"""

import argparse
import ast
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter
from rich.console import Console
from rich.markup import escape

from testkit.suite import ROOT

WORDS = {
    "ENF": "enforced",
    "CLK": "timed",
    "CMP": "computed",
    "RPT": "reported",
    "REC": "recorded",
    "REM": "reminded",
    "NTF": "notified",
    "POL": "guidance",
}
SHOWN = 100
"""Characters of a rule that are printed; its whole text stands in `docs/rules.json`."""
RULE_ID = re.compile(r"\bR\d{3}\b")


class Rule(BaseModel):
    """One rule of the rule book."""

    model_config = ConfigDict(frozen=True)

    id: str
    owners: tuple[str, ...]
    kinds: tuple[str, ...]
    rule: str
    citation: str


def rule_book(root: Path = ROOT) -> dict[str, Rule]:
    """All rules by id."""
    rules = TypeAdapter(list[Rule]).validate_json((root / "docs/rules.json").read_bytes())
    return {rule.id: rule for rule in rules}


def proofs(root: Path = ROOT, *, mark: str = "rule") -> dict[str, list[str]]:
    """Rule id to the tests that carry its mark, as `path::name`; or what another `mark` of tests names."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted((root / "tests").rglob("test_*.py")):
        for name, rule in _marks(ast.parse(file.read_text()), mark=mark):
            found[rule].append(f"{file.relative_to(root)}::{name}")
    return found


def places(root: Path = ROOT) -> dict[str, list[str]]:
    """Rule id to the source files that name it."""
    found: dict[str, list[str]] = defaultdict(list)
    sources = [*(root / "services").rglob("*.py"), *(root / "shared/shared").rglob("*.py")]
    for file in sorted(source for source in sources if "contracts" not in source.parts):
        for rule in sorted(set(RULE_ID.findall(file.read_text()))):
            found[rule].append(str(file.relative_to(root)))
    return found


def _marks(tree: ast.Module, *, mark: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == f"pytest.mark.{mark}":
                    yield from ((node.name, str(ast.literal_eval(argument))) for argument in decorator.args)


def _lines(
    book: Mapping[str, Rule], *, proved: Mapping[str, list[str]], named: Mapping[str, list[str]]
) -> Iterator[str]:
    for rule in (book[id_] for id_ in sorted(proved)):
        says = rule.rule if len(rule.rule) <= SHOWN else f"{rule.rule[: SHOWN - 2]} …"
        yield f"[bold]{rule.id}[/bold] {', '.join(WORDS[kind] for kind in rule.kinds)}: {escape(says)}"
        yield from (f"     code   {place}" for place in named.get(rule.id, []))
        yield from (f"     proved {place}" for place in proved[rule.id])
    yield f"{len(proved)} of {len(book)} rules are proved by a test"


def main() -> int:
    """Print a paragraph for each rule, or with `--json` one document."""
    parser = argparse.ArgumentParser(prog="make rules")
    parser.add_argument("--json", action="store_const", const="json", default="table", dest="style")
    style = parser.parse_args().style
    book, proved, named = rule_book(), proofs(), places()
    if style == "json":
        document = {id_: {**book[id_].model_dump(), "code": named.get(id_, []), "tests": proved[id_]} for id_ in proved}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    else:
        console = Console(soft_wrap=True, highlight=False)
        for line in _lines(book, proved=proved, named=named):
            console.print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
