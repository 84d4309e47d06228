"""The marks by which tests claim to prove rules."""

from pathlib import Path

from testkit.rules import proofs, rule_book


def test_every_mark_names_a_rule_of_the_rule_book() -> None:
    assert not set(proofs()) - set(rule_book())


def test_a_mark_is_found_with_the_test_that_carries_it(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    marked = '@pytest.mark.rule("R235")\n@pytest.mark.rule("R234")\nasync def test_turns() -> None: ...\n'
    (tmp_path / "tests/test_rota.py").write_text(marked)
    assert proofs(tmp_path) == {
        "R235": ["tests/test_rota.py::test_turns"],
        "R234": ["tests/test_rota.py::test_turns"],
    }
