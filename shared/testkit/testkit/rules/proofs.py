"""Which tests prove a rule: those that carry its mark, `@pytest.mark.rule("R235")`."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from testkit.suite import ROOT


def proofs(root: Path = ROOT, *, mark: str = "rule") -> dict[str, list[str]]:
    """Rule id to the tests that carry its mark, as `path::name`; or what another `mark` of tests names."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for file in sorted((root / "tests").rglob("test_*.py")):
        for name, rule in _marks(ast.parse(file.read_text()), mark=mark):
            place = f"{file.relative_to(root)}::{name}"
            if place not in found[rule]:
                found[rule].append(place)
    return dict(found)


def _marks(tree: ast.Module, *, mark: str) -> Iterator[tuple[str, str]]:
    """Of a test and of single cases of it: `pytest.param(…, marks=pytest.mark.rule("R235"))`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for call in (inner for decorator in node.decorator_list for inner in ast.walk(decorator)):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == f"pytest.mark.{mark}":
                    yield from ((node.name, str(ast.literal_eval(argument))) for argument in call.args)
