"""A policy file says what differs and extends another one; what its regulation leaves open is listed."""

import json
from pathlib import Path

import pytest
from pydantic import Field

from shared.clocks.terms import TimedPolicy
from shared.policy import Policy, PolicyError, PolicyFile, load_policy, policy_command
from shared.policy.layers import merged, read_layers
from testkit.suite import SERVICES, policy_file


class Signature(Policy):
    role: str
    above: int | None = None


class Orders(Policy):
    percent: int = Field(le=100)
    chased: str = "7d"
    signatures: tuple[Signature, ...]


class Shop(PolicyFile):
    orders: Orders
    words: dict[str, str] = Field(default={})


BASE = """
operators_to_set = ["orders.percent", "orders.signatures.1.above", "words.\\"a.b\\""]

[orders]
percent = 30

[[orders.signatures]]
role = "manager"

[[orders.signatures]]
role = "director"
above = 5000

[words]
cash = "Cash"
"a.b" = "dotted"
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return written(tmp_path / "standard", BASE)


def written(folder: Path, content: str, *, name: str = "shop.toml") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(content)
    return path


def extending(base: Path, content: str, *, folder: str = "dealer") -> Path:
    return written(base.parents[1] / folder, f'extends = "../standard/shop.toml"\n{content}')


def problems(path: Path) -> dict[tuple[str, str], str]:
    with pytest.raises(PolicyError) as refused:
        load_policy(Shop, path)
    return {(Path(one.file).parent.name, one.key): f"{one.given}; {one.expected}" for one in refused.value.problems}


def test_a_file_says_what_differs_and_the_rest_is_that_of_the_file_it_extends(base: Path) -> None:
    dealer = extending(base, '[orders]\nchased = "3d"\n[words]\nloan = "Loan"\n')
    policy = load_policy(Shop, dealer).policy
    assert (policy.orders.percent, policy.orders.chased) == (30, "3d")
    assert [one.role for one in policy.orders.signatures] == ["manager", "director"]
    assert policy.words == {"cash": "Cash", "a.b": "dotted", "loan": "Loan"}


def test_a_list_stands_as_the_nearer_file_has_it(base: Path) -> None:
    dealer = extending(base, '[[orders.signatures]]\nrole = "owner"\n')
    assert [one.role for one in load_policy(Shop, dealer).policy.orders.signatures] == ["owner"]


def test_what_extends_may_be_extended_and_lie_anywhere(base: Path, tmp_path: Path) -> None:
    extending(base, "[orders]\npercent = 20\n")
    further = tmp_path / "mine.toml"
    further.write_text('extends = "dealer/shop.toml"\n[orders]\nchased = "1d"\n')
    orders = load_policy(Shop, further).policy.orders
    assert (orders.percent, orders.chased, len(orders.signatures)) == (20, "1d", 2)


def test_the_version_is_that_of_all_files(base: Path) -> None:
    dealer = extending(base, "[orders]\npercent = 20\n")
    one = load_policy(Shop, dealer).version
    base.write_text(BASE.replace("5000", "6000"))
    other = load_policy(Shop, dealer).version
    dealer.write_text(dealer.read_text().replace("20", "21"))
    assert len({one, other, load_policy(Shop, dealer).version, load_policy(Shop, base).version}) == 4


def test_two_pairs_of_files_that_read_alike_one_behind_the_other_have_versions_of_their_own(base: Path) -> None:
    dealer = extending(base, "[orders]\npercent = 20\n")
    one = load_policy(Shop, dealer).version
    base.write_text("#\n" + BASE)
    other = load_policy(Shop, dealer).version
    dealer.write_text(dealer.read_text() + "#\n")
    base.write_text(BASE)
    assert len({one, other, load_policy(Shop, dealer).version}) == 3


def test_every_file_that_is_extended_may_lie_beside_the_one_in_force_as_a_config_map_holds_it(base: Path) -> None:
    extending(base, '[orders]\nchased = "3d"\n')
    mine = written(base.parents[1] / "policy", 'extends = "../dealer/shop.toml"\n')

    def obeyed() -> tuple[int, str]:
        orders = load_policy(Shop, mine).policy.orders
        return orders.percent, orders.chased

    assert obeyed() == (30, "3d")
    of_mine = written(mine.parent, BASE.replace("percent = 30", "percent = 40"), name="standard.shop.toml")
    assert obeyed() == (40, "3d")
    written(mine.parent, 'extends = "../standard/shop.toml"\n', name="dealer.shop.toml")
    assert obeyed() == (40, "7d")
    of_mine.write_text('extends = "../standard/shop.toml"\n[orders]\npercent = 50\n')
    assert obeyed() == (50, "7d"), "it extends the one that it stands for"
    of_mine.write_text(BASE.replace("percent = 30", "percent = 130"))
    with pytest.raises(PolicyError) as refused:
        load_policy(Shop, mine)
    assert [Path(one.file).name for one in refused.value.problems] == ["standard.shop.toml"]


def test_what_is_inherited_can_be_removed_with_its_mark(base: Path) -> None:
    dealer = extending(
        base, 'removes = ["words.\\"a.b\\"", "orders.signatures"]\n[[orders.signatures]]\nrole = "owner"\n'
    )
    loaded = load_policy(Shop, dealer)
    assert loaded.policy.words == {"cash": "Cash"}
    assert [one.role for one in loaded.policy.orders.signatures] == ["owner"]
    assert loaded.set_by_operator == {"orders.percent": 30}
    anew = extending(base, 'removes = ["words"]\n[words]\nloan = "Loan"\n', folder="other")
    assert load_policy(Shop, anew).policy.words == {"loan": "Loan"}


def test_a_key_that_has_to_be_there_is_missing_in_the_file_that_removed_it(base: Path) -> None:
    assert problems(extending(base, 'removes = ["orders.percent"]\n')) == {
        ("dealer", "orders.percent"): "is missing; a value of type int"
    }


@pytest.mark.parametrize("key", ["orders.percnt", "word", "[", "orders.signatures.1", "orders.signatures.1.above", ""])
def test_what_is_not_there_cannot_be_removed_nor_a_list_taken_apart(base: Path, key: str) -> None:
    dealer = extending(base, f'removes = ["words.cash", "{key}"]\n[word]\n')
    assert list(problems(dealer)) == [("dealer", "removes.1")]


@pytest.mark.parametrize("removes", ['"words"', "[3]"])
def test_what_is_removed_is_a_list_of_keys(base: Path, removes: str) -> None:
    assert problems(extending(base, f"removes = {removes}\n")) == {
        ("dealer", "removes"): "is no list of texts; dotted keys of the file that it extends"
    }


def test_a_file_that_extends_nothing_has_nothing_to_remove(base: Path) -> None:
    base.write_text(f'removes = ["words"]\n{BASE}')
    assert list(problems(base)) == [("standard", "removes.0")]


def test_a_file_that_a_section_names_lies_beside_the_nearest_file_that_has_one(tmp_path: Path) -> None:
    calendar = """[calendars.office]
time_zone = "Asia/Shanghai"
week = { mon-fri = ["09:00-18:00"] }
exceptions_file = "days.toml"
[clocks]
"""
    timed = written(tmp_path / "standard", calendar)
    written(tmp_path / "standard", 'closed = [{ first = 2026-06-01, reason = "outing" }]', name="days.toml")
    dealer = extending(timed, "")

    def closed_on() -> list[str]:
        return [str(day.first) for day in load_policy(TimedPolicy, dealer).policy.calendars["office"].closed]

    assert closed_on() == ["2026-06-01"]
    written(tmp_path / "dealer", 'closed = [{ first = 2026-07-01, reason = "stock" }]', name="days.toml")
    assert closed_on() == ["2026-07-01"]


def test_a_mistake_is_told_with_the_file_in_which_it_stands(base: Path) -> None:
    dealer = extending(base, "[orders]\nchased = 3\n")
    base.write_text(BASE.replace("percent = 30", "percent = 130").replace('role = "manager"', 'rule = "manager"'))
    assert problems(dealer) == {
        ("dealer", "orders.chased"): "3 given; a valid string",
        ("standard", "orders.percent"): "130 given; less than or equal to 100",
        ("standard", "orders.signatures.0.role"): "is missing; a value of type str",
        ("standard", "orders.signatures.0.rule"): "is not known here; one of: role",
    }


@pytest.mark.parametrize(
    ("extends", "told"),
    [
        ('"nowhere.toml"', "No such file or directory); the path of a policy file"),
        ('"shop.toml"', '"shop.toml" extends this file; a file that does not'),
        ("3", "is no text; the path of a policy file"),
    ],
)
def test_a_file_that_cannot_be_extended_is_told(base: Path, extends: str, told: str) -> None:
    base.write_text(f"extends = {extends}\n{BASE}")
    assert problems(base)[("standard", "extends")].endswith(told) or told in problems(base)[("standard", "extends")]


def test_what_the_regulation_leaves_open_is_known_with_its_value(base: Path) -> None:
    assert load_policy(Shop, base).set_by_operator == {
        "orders.percent": 30,
        "orders.signatures.1.above": 5000,
        'words."a.b"': "dotted",
    }


def test_what_a_nearer_file_says_is_not_open_any_more_unless_it_says_so(base: Path) -> None:
    said = extending(base, '[orders]\npercent = 20\n[[orders.signatures]]\nrole = "owner"\n')
    assert load_policy(Shop, said).set_by_operator == {'words."a.b"': "dotted"}
    open_still = extending(base, 'operators_to_set = ["orders.percent"]\n[orders]\npercent = 20\n', folder="other")
    assert load_policy(Shop, open_still).set_by_operator == {
        "orders.percent": 20,
        "orders.signatures.1.above": 5000,
        'words."a.b"': "dotted",
    }


def test_a_mark_for_what_is_not_in_the_file_is_a_mistake(base: Path) -> None:
    dealer = extending(
        base, 'operators_to_set = ["orders.percnt", "orders.chased", "[", "orders.signatures.2.above"]\n'
    )
    told = problems(dealer)
    assert [key for _, key in told] == [f"operators_to_set.{number}" for number in range(4)]
    assert "orders.percent" in told["dealer", "operators_to_set.0"]


def test_check_lists_what_its_operator_has_to_set(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert policy_command(["check"], Shop, in_force=base, named_by="SHOP_POLICY_FILE") == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  set by you: orders.percent = 30",
        "  set by you: orders.signatures.1.above = 5000",
        '  set by you: words."a.b" = "dotted"',
    ]
    assert policy_command(["check", "--json"], Shop, in_force=base, named_by="SHOP_POLICY_FILE") == 0
    assert json.loads(capsys.readouterr().out)["set_by_you"][str(base)]["orders.percent"] == 30


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_marks_what_the_regulations_leave_open(service: str) -> None:
    data = merged(read_layers(policy_file(service, profile="standard")))
    marks = data["operators_to_set"]
    assert isinstance(marks, list)
    assert len(marks) == len(set(marks)) > 2
