"""Every rule of a regulation is lived under that regulation's policy, by a test that carries the rule's mark."""

import ast
from collections.abc import Iterator

from testkit.rules import rule_book
from testkit.suite import ROOT


def test_every_rule_of_every_profile_is_lived_under_that_profile() -> None:
    ours = {(profile, rule.id) for rule in rule_book().values() if "parts" in rule.owners for profile in rule.profiles}
    lived = {pair for file in (ROOT / "tests/component/parts").glob("test_*.py") for pair in pairs(file.read_text())}
    assert sorted(ours - lived) == []


def pairs(source: str) -> Iterator[tuple[str, str]]:
    """Each profile under which a test is lived, with each rule whose mark it carries."""
    for test in ast.parse(source).body:
        if isinstance(test, ast.AsyncFunctionDef):
            profiles = [name for call in calls(test) for name in profiles_of(call)]
            rules = [rule for call in calls(test, of="pytest.mark.rule") for rule in map(ast.literal_eval, call.args)]
            yield from ((profile, rule) for profile in profiles for rule in rules)


def calls(test: ast.AsyncFunctionDef, *, of: str | None = None) -> Iterator[ast.Call]:
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and of in {None, ast.unparse(decorator.func)}:
            yield decorator


def profiles_of(call: ast.Call) -> list[str]:
    """Of `under(…)`, or of cases whose first value is the profile that `lived` opens."""
    match ast.unparse(call.func):
        case "under":
            return [ast.literal_eval(argument) for argument in call.args]
        case "pytest.mark.parametrize" if "'lived'" in ast.unparse(call.args[0]):
            return [case[0] for case in ast.literal_eval(call.args[1])]
        case _:
            return []
