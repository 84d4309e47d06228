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
    """Of a test, of a case of it, of a state machine: `TestStory = pytest.mark.rule("R235")(Story.TestCase)`."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                name, marked = node.name, node.decorator_list
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.startswith("Test"):
                marked = [value]
            case _:
                continue
        for call in (inner for expression in marked for inner in ast.walk(expression)):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == f"pytest.mark.{mark}":
                yield from ((name, str(ast.literal_eval(argument))) for argument in call.args)
