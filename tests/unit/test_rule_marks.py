"""The marks by which tests claim to prove rules, the places at which code names them, and what `make rules` says."""

import json
import re
from pathlib import Path

import pytest

from testkit.rules import code_places, proofs, rule_book
from testkit.rules.__main__ import main
from testkit.rules.book import KINDS
from testkit.rules.standing import counted, owned, standings
from testkit.suite import ROOT, SERVICES

DRAWING = '''"""When parts leave the store (R001)."""

class Drawing:
    """Against a paper (见单发料, R002)."""

    @property
    def posted(self) -> bool:
        """Before it is handed out (R003, R002)."""
        return True

    limit: int = 3  # a day (R003)

def idle() -> None: ...
'''
MARKED = """@pytest.mark.rule("R002", "R001")
@pytest.mark.parametrize("case", [pytest.param(1, marks=pytest.mark.rule("R003"))])
async def test_draws() -> None: ...

TestStory = pytest.mark.rule("R003")(Story.TestCase)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository of three rules that parts and dispatch carry out in part."""
    rules = [
        {"id": "R001", "owners": ["parts"], "kinds": ["ENF"]},
        {"id": "R002", "owners": ["parts", "dispatch"], "kinds": ["ENF", "REC"]},
        {"id": "R003", "owners": ["dispatch", "parts"], "kinds": ["POL"]},
    ]
    rest: dict[str, object] = {"profiles": ["standard"], "source": "1", "rule": "So it is."}
    written = {
        "docs/rules.json": json.dumps([rule | rest for rule in rules]),
        "services/parts/parts/domain/drawing.py": DRAWING,
        "services/dispatch/dispatch/visits.py": '"""Nothing yet (R001)."""\n',
        "shared/shared/contracts/parts.py": '"""Said of R003."""\n',
        "tests/unit/dispatch/test_draws.py": MARKED,
        "tests/unit/parts/test_rest.py": '@pytest.mark.rule("R001")\ndef test_rests() -> None: ...\n',
    }
    for place, content in written.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(content)
    return tmp_path


def test_every_mark_and_every_place_names_a_rule_of_the_rule_book() -> None:
    assert not (set(proofs()) | set(code_places())) - set(rule_book())


def test_the_index_holds_every_rule_once_with_words_that_are_known() -> None:
    book = rule_book()
    assert [*book] == [f"R{number:03}" for number in range(1, 472)]
    for rule in book.values():
        assert set(rule.kinds) <= set(KINDS)
        assert set(rule.owners) <= {*SERVICES, "all"}
        assert rule.owners
        assert rule.source
        assert len(re.findall(r"\.(?=\s|$)", rule.rule)) >= 1, rule.id


def test_a_mark_is_found_with_the_test_that_carries_it_also_for_one_case(tree: Path) -> None:
    test = "tests/unit/dispatch/test_draws.py::test_draws"
    assert proofs(tree) == {
        "R002": [test],
        "R001": [test, "tests/unit/parts/test_rest.py::test_rests"],
        "R003": [test, f"{test.rpartition('::')[0]}::TestStory"],
    }


def test_a_place_is_the_innermost_symbol_whose_lines_name_the_rule_else_the_module(tree: Path) -> None:
    drawing = "services/parts/parts/domain/drawing.py"
    assert code_places(tree) == {
        "R001": ["services/dispatch/dispatch/visits.py:visits", f"{drawing}:drawing"],
        "R002": [f"{drawing}:Drawing", f"{drawing}:Drawing.posted"],
        "R003": [f"{drawing}:Drawing.posted", f"{drawing}:Drawing"],
    }


def test_a_shared_rule_stands_in_a_service_with_that_services_own_part(tree: Path) -> None:
    parts, dispatch = (owned(standings(tree), service=service) for service in ("parts", "dispatch"))
    assert {id_: one.missing for id_, one in parts.items()} == {
        "R001": (),
        "R002": ("no test proves it",),
        "R003": ("no test proves it",),
    }
    assert {id_: one.missing for id_, one in dispatch.items()} == {
        "R002": ("no code names it",),
        "R003": ("no code names it",),
    }
    assert [*counted(parts)] == [("ENF", 1, 2), ("REC", 0, 1), ("POL", 0, 1)]


def test_the_document_has_every_rule_whatever_is_there_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["rules", "--json"])
    assert main() == 0
    document = json.loads(capsys.readouterr().out)
    assert [*document] == [*rule_book()]
    assert all([*one] == ["owners", "kinds", "code", "tests"] for one in document.values())
    assert "services/parts/parts/routes/requests.py:post_return" in document["R315"]["code"]
    for one in document.values():
        assert all((ROOT / place.split(":")[0]).is_file() for place in (*one["code"], *one["tests"]))


def test_a_service_of_which_something_is_missing_is_told_what(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["rules", "--service", "feedback"])
    assert main() == 1
    told = capsys.readouterr()
    assert "R004: no code names it; no test proves it\n" in told.err
    assert "R314" not in told.out
