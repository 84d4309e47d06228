"""Where the code names a rule: the function or class in whose docstring, or beside whose line, the rule's id stands."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from testkit.suite import ROOT

RULE_ID = re.compile(r"\bR\d{3}\b")


def code_places(root: Path = ROOT) -> dict[str, list[str]]:
    """Rule id to the places that name it, as `services/parts/parts/domain/drawing.py:require_started`.

    Of a docstring of a whole module the symbol is the module. Contracts are not looked at: they say what others do.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    sources = [*(root / "services").rglob("*.py"), *(root / "shared/shared").rglob("*.py")]
    for file in sorted(source for source in sources if not {"contracts", ".venv"} & set(source.parts)):
        for rule, symbol in _named(file):
            place = f"{file.relative_to(root)}:{symbol}"
            if place not in found[rule]:
                found[rule].append(place)
    return dict(found)


def _named(file: Path) -> Iterator[tuple[str, str]]:
    text = file.read_text()
    if not RULE_ID.search(text):
        return
    symbols = list(_symbols(ast.parse(text)))
    module = file.parent.name if file.stem == "__init__" else file.stem
    for number, line in enumerate(text.splitlines(), start=1):
        for rule in RULE_ID.findall(line):
            within = [name for lines, name in symbols if number in lines]
            yield rule, within[-1] if within else module


def _symbols(tree: ast.AST, prefix: str = "") -> Iterator[tuple[range, str]]:
    """Every function and class with its lines, decorators included, the outer before the inner."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}{node.name}"
            first = min((decorator.lineno for decorator in node.decorator_list), default=node.lineno)
            yield range(first, (node.end_lineno or first) + 1), name
            yield from _symbols(node, f"{name}.")
        else:
            yield from _symbols(node, prefix)
