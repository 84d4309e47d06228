"""Each of the sixteen regulations that parts' rules come from has a policy file of its own."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from parts.domain.guidance import GuidancePlace
from parts.policy import PartsPolicy
from parts.policy.guidance import told_at
from shared.policy import PolicyError, load_policy, policy_command
from shared.policy.layers import read_layers
from testkit.rules import rule_book
from testkit.suite import policy_file

STANDARD = policy_file("parts", profile="standard")
NEUTRAL = policy_file("parts", profile="neutral")
OURS = [rule for rule in rule_book().values() if "parts" in rule.owners]
PROFILES = sorted({profile for rule in OURS for profile in rule.profiles})
EVERY_PROFILE = pytest.mark.parametrize("profile", PROFILES)
WAITING = {
    "clocks.parts_wait.allowed": "5 working days",
    "clocks.parts_wait.calendar": "office",
    "clocks.parts_wait.marks": ["80%"],
    "clocks.parts_wait.pause_reasons": [],
}
OWN_ACCOUNT = {
    "departments.aftersales.en": "After-sales service",
    "first_storeroom.department": "aftersales",
    "internal_requisitions.charged_to": "aftersales",
}
SAID: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "R083": {"group-complaint": {"goods_returns.origins.direct_shop.en": "Direct shop"}},
    "R143": {"generic-flow": {"goods_returns.unfit": ["quality"]}},
    "R168": {"retail-outlet": {"charges.free_for": ["in_warranty"]}},
    "R179": {
        "factory-rules": {"goods_returns.consented_by": "general_manager"},
        "consumer-electronics": {"goods_returns.consented_by": "general_manager"},
    },
    "R195": {"car-dealer": {"quotations.asked_for": ["out_of_warranty"]}},
    "R196": {"car-dealer": {"quotations.misorder_charge": "30"}},
    "R198": {"car-dealer": {"issuing.additions": "confirmed"}},
    "R199": {
        "car-dealer": {
            "claims.signatures": None,
            "claims.signatures.0.role": "workshop_manager",
            "claims.signatures.1.role": "aftersales_director",
            "claims.signatures.1.above": "5000",
        }
    },
    "R201": {"car-dealer": {"purchasing.quotes_needed": 3}},
    "R232": {
        "equipment-maker": {
            "issuing.shipped_from": "asked_for",
            "clocks.site_shipment.allowed": "4h",
            "clocks.site_shipment.calendar": "office",
            "clocks.site_shipment.marks": [],
            "clocks.site_shipment.pause_reasons": ["shipped"],
            "clocks.shipment.allowed": "4h",
            "clocks.shipment.calendar": "office",
            "clocks.shipment.marks": [],
            "clocks.shipment.pause_reasons": [],
        }
    },
    "R240": {"doors-windows": {"issuing.before_start": "emergencies"}},
    "R257": {"doors-windows": {"issuing.kits": "before_departure"}},
    "R313": {"car-dealer": {"issuing.order": "required"}},
    "R318": {"car-dealer": {"tools.lost_late": "borrower_pays"}},
    "R320": {"car-dealer": {"deposits.asked_for": ["in_warranty"]}},
    "R322": {"car-dealer": {"claims.chase_every": "1w"}},
    "R323": {
        "car-dealer": {
            **OWN_ACCOUNT,
            "internal_requisitions.departments": None,
            "internal_requisitions.departments.sales.en": "Sales",
        }
    },
    "R324": {"consumer-electronics": {**OWN_ACCOUNT, "departments.company.en": None}},
    "R327": {
        "equipment-maker": {"issuing.leaving": "whole_kit"},
        "software-project": {"issuing.leaving": "whole_kit"},
    },
    "R328": {
        "equipment-maker": {
            "clocks.supplier_contact.allowed": "2h",
            "clocks.supplier_contact.calendar": "office",
            "clocks.supplier_contact.marks": ["50%"],
            "clocks.supplier_contact.pause_reasons": [],
        }
    },
    "R333": {
        "pump-maker": {
            "prices.sources.finance.en": "Finance",
            "prices.sources.purchasing.en": "Purchasing",
            "prices.sources.store.en": None,
            "prices.usual_source": "purchasing",
        }
    },
    "R335": {
        "appliance-branch": {
            "store_work": None,
            "store_work.parts_management.en": "Parts management",
            "store_work.tool_upkeep.en": "Tool upkeep",
        }
    },
    "R468": {"generic-quality": WAITING, "dept-template": WAITING, "equipment-maker": WAITING},
}
"""What the profile of a rule says differently from `neutral`, where no rule of a single regulation is in force."""


def test_there_are_sixteen_beside_the_standard_and_what_holds_where_a_regulation_is_silent() -> None:
    assert len(PROFILES) == 16
    folders = {file.parent.name for file in STANDARD.parents[1].glob("*/parts.toml")}
    assert folders == {*PROFILES, "standard", "neutral"}


@EVERY_PROFILE
def test_a_profile_extends_what_holds_where_its_regulation_is_silent(profile: str) -> None:
    extended = [layer.path.resolve() for layer in read_layers(policy_file("parts", profile=profile))[1:]]
    assert extended == [NEUTRAL, STANDARD]


@EVERY_PROFILE
def test_a_rule_that_is_a_setting_is_in_force_under_its_own_profiles_and_off_under_every_other(
    profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(NEUTRAL), str(policy_file("parts", profile=profile))]
    policy_command(["diff", *files, "--json"], PartsPolicy, in_force=NEUTRAL, named_by="PARTS_POLICY_FILE")
    changes = {one["key"]: one["after"] for one in json.loads(capsys.readouterr().out)["changes"]}
    told = re.compile(r"guidance|operators_to_set|.*\.zh-CN$")
    says = {key: value for key, value in changes.items() if not told.match(key)}
    expected = {key: value for by in SAID.values() for key, value in by.get(profile, {}).items()}
    assert says == expected


def test_the_rules_that_are_a_setting_are_those_of_their_profiles() -> None:
    assert {rule: set(by) for rule, by in SAID.items()} == {rule: {*rule_book()[rule].profiles} for rule in SAID}


@pytest.mark.parametrize("profile", [*PROFILES, "neutral"])
def test_every_line_of_a_profile_says_something(profile: str, tmp_path: Path) -> None:
    for base in (STANDARD, NEUTRAL):
        written(tmp_path / base.parent.name, base.read_text())
    lines = policy_file("parts", profile=profile).read_text().splitlines(keepends=True)
    whole = in_force(written(tmp_path / profile, "".join(lines)))
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith("#"):
            without = written(tmp_path / profile, "".join([*lines[:number], *lines[number + 1 :]]))
            assert in_force(without) != whole, f"line {number + 1} says nothing: {line}"


def written(folder: Path, content: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "parts.toml"
    file.write_text(content)
    return file


def in_force(file: Path) -> object:
    """What a service would obey and its operator has to set; None where it would not start."""
    try:
        loaded = load_policy(PartsPolicy, file)
    except PolicyError:
        return None
    return loaded.policy.model_dump(exclude={"operators_to_set"}), loaded.set_by_operator


@EVERY_PROFILE
def test_a_profile_names_every_rule_of_its_regulation_and_no_other(profile: str) -> None:
    named = set(re.findall(r"R\d{3}", policy_file("parts", profile=profile).read_text()))
    settings = {rule for rule, by in SAID.items() if profile in by}  # of a rule of dispatch as well: what parts do then
    assert named == settings | {rule.id for rule in OURS if profile in rule.profiles}


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


TIMED = {"clocks.parts_wait.allowed", "clocks.parts_wait.calendar"}
OPEN = {
    "car-dealer": {"claims.chase_every", "claims.signatures.1.above", "quotations.signed_by", "quotations.asked_for"},
    "dept-template": TIMED,
    "equipment-maker": {
        *TIMED,
        "clocks.shipment.allowed",
        "clocks.shipment.calendar",
        "clocks.site_shipment.allowed",
        "clocks.site_shipment.calendar",
        "clocks.supplier_contact.allowed",
        "clocks.supplier_contact.calendar",
    },
    "generic-quality": TIMED,
    "pump-maker": {"prices.usual_source"},
}
"""What a regulation has a rule for, but no number or name."""


@EVERY_PROFILE
def test_what_a_regulation_leaves_open_is_its_operators_beside_what_every_one_leaves_open(profile: str) -> None:
    every = load_policy(PartsPolicy, NEUTRAL).set_by_operator.keys()
    its = load_policy(PartsPolicy, policy_file("parts", profile=profile)).set_by_operator.keys()
    assert its - every == OPEN.get(profile, set())
    assert every - its == ({"charges.free_for"} if profile == "retail-outlet" else set())


def test_what_the_car_dealers_regulation_leaves_open_is_his_operators() -> None:
    open_keys = load_policy(PartsPolicy, policy_file("parts", profile="car-dealer")).set_by_operator
    assert open_keys["claims.signatures.1.above"] == "5000"
    assert {"deposits.percent", "deposits.weight", "claims.chase_every"} <= set(open_keys)
    assert {"quotations.signed_by", "quotations.asked_for", "internal_requisitions.monthly_limit"} <= set(open_keys)
    assert "deposits.asked_for" not in open_keys
