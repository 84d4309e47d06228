"""The policy `standard` of dispatch, and what a wrong one is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.policy import DispatchPolicy, require_known
from shared.contracts.facts import WarrantyStatus
from shared.policy import PolicyError, load_policy
from shared.refusals import Refusal

STANDARD = Path(__file__).parents[3] / "deploy/policies/standard/dispatch.toml"


@pytest.fixture(scope="module")
def policy() -> DispatchPolicy:
    return load_policy(DispatchPolicy, STANDARD).policy


@pytest.mark.rule("R015")
def test_repairs_in_warranty_go_to_one_department_and_others_to_another(policy: DispatchPolicy) -> None:
    inside, outside = (policy.department(status) for status in WarrantyStatus)
    assert (policy.departments[inside].zh_cn, policy.departments[outside].zh_cn) == ("工程科", "生产部")


@pytest.mark.rule("R222")
@pytest.mark.parametrize(("district", "hours"), [("huangpu", 6), ("chongming", 7), ("somewhere else", 7)])
def test_city_and_suburbs_have_promises_of_their_own(policy: DispatchPolicy, district: str, hours: int) -> None:
    assert policy.arrival_clock(policy.zone(district)).allowed == timedelta(hours=hours)


def test_a_family_that_is_not_listed_asks_for_what_the_others_ask(policy: DispatchPolicy) -> None:
    need = policy.need(family="teleporter", department="engineering", zone="city")
    assert need.skills == {"general"}


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ('in_warranty = "engineering"', 'in_warranty = "enginering"', "enginering"),
        ('clock = "arrival_city"', 'clock = "arrival"', "arrival_city"),
        ('skills = ["boiler"]', 'skills = ["boilers"]', "boilers"),
        ('"pudong",', '"huangpu",', "huangpu"),
        ("emergency = 200", "", "emergency"),
        ("[needs.other]", "[needs.others]", "other"),
        ('shortest = "30m"', 'shortest = "9h"', "shortest"),
        ('other_districts = "suburb"', 'other_districts = "moon"', "suburb"),
        ('clock = "workshop"', 'clock = "attic"', "take_in.clock"),
        ('resolution = "repaired_in_workshop"', 'resolution = "magic"', "take_in.resolution"),
        ('starts_with = "preparation"', 'starts_with = "breakfast"', "starts_with"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused_with_what_would_be_right(
    tmp_path: Path, right: str, wrong: str, named: str
) -> None:
    text = STANDARD.read_text()
    assert right in text
    changed = tmp_path / "dispatch.toml"
    changed.write_text(text.replace(right, wrong, 1))
    with pytest.raises(PolicyError, match=named):
        load_policy(DispatchPolicy, changed)


def test_an_unknown_code_of_a_request_is_refused_with_the_known_ones(policy: DispatchPolicy) -> None:
    with pytest.raises(Refusal) as refused:
        require_known(["boiler", "boilers"], known=policy.skills, field="skills")
    assert "boilers" in refused.value.detail
    assert "air_conditioner" in refused.value.expected
