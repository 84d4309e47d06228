"""Each of the sixteen regulations that parts' rules come from has a policy file of its own."""

import re

import pytest

from parts.domain.guidance import GuidancePlace
from parts.policy import PartsPolicy
from parts.policy.guidance import told_at
from shared.policy import load_policy
from shared.policy.layers import read_layers
from testkit.rules import rule_book
from testkit.suite import policy_file

STANDARD = policy_file("parts", profile="standard")
OURS = [rule for rule in rule_book().values() if "parts" in rule.owners]
PROFILES = sorted({profile for rule in OURS for profile in rule.profiles})
EVERY_PROFILE = pytest.mark.parametrize("profile", PROFILES)


def test_there_are_sixteen_beside_the_standard() -> None:
    assert len(PROFILES) == 16
    folders = {file.parent.name for file in STANDARD.parents[1].glob("*/parts.toml")}
    assert folders == {*PROFILES, "standard"}


@EVERY_PROFILE
def test_a_profile_can_be_obeyed_and_differs_from_the_standard_by_what_it_says(profile: str) -> None:
    own, standard = read_layers(policy_file("parts", profile=profile))
    assert standard.path.resolve() == STANDARD
    loaded = load_policy(PartsPolicy, own.path)
    assert loaded.version != load_policy(PartsPolicy, STANDARD).version


@EVERY_PROFILE
def test_a_profile_names_every_rule_of_its_regulation_and_no_other(profile: str) -> None:
    named = set(re.findall(r"R\d{3}", policy_file("parts", profile=profile).read_text()))
    assert named == {rule.id for rule in OURS if profile in rule.profiles}


@EVERY_PROFILE
def test_what_a_regulation_only_advises_is_told_under_its_profile_and_nothing_else(profile: str) -> None:
    advised = {rule.id for rule in OURS if profile in rule.profiles and "POL" in rule.kinds}
    guidance = load_policy(PartsPolicy, policy_file("parts", profile=profile)).policy.guidance
    assert advised == {one.rule for one in told_at(guidance, places=list(GuidancePlace))}


def test_only_the_car_dealer_asks_for_a_deposit_and_only_for_claims_under_warranty() -> None:
    asked = {profile: load_policy(PartsPolicy, policy_file("parts", profile=profile)).policy for profile in PROFILES}
    assert {profile: policy.deposits.asked_for for profile, policy in asked.items() if policy.deposits.asked_for} == {
        "car-dealer": ("in_warranty",)
    }


def test_what_the_car_dealers_regulation_leaves_open_is_his_operators() -> None:
    open_keys = load_policy(PartsPolicy, policy_file("parts", profile="car-dealer")).set_by_operator
    assert open_keys["claims.signatures.1.above"] == "5000"
    assert {"deposits.percent", "deposits.weight", "claims.chase_every"} <= set(open_keys)
    assert "deposits.asked_for" not in open_keys
