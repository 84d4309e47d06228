"""The policy `standard` of parts, and what a wrong one is told."""

from pathlib import Path

import pytest

from parts.domain.supply_words import Weight
from parts.policy import PartsPolicy, require_known
from shared.policy import PolicyError, load_policy
from shared.refusals import Refusal
from testkit.suite import policy_file

STANDARD = policy_file("parts", profile="standard")


@pytest.fixture(scope="module")
def policy() -> PartsPolicy:
    return load_policy(PartsPolicy, STANDARD).policy


@pytest.mark.rule("R199", "R320")
def test_every_order_is_signed_by_the_workshop_manager_and_waits_for_its_deposit(policy: PartsPolicy) -> None:
    always = [signer.role for signer in policy.claims.signers if signer.above is None]
    assert always == ["workshop_manager"]
    assert policy.deposits.terms.weight is Weight.BLOCKING


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ('minimum = "50"', 'minimum = "30000"', "maximum"),
        ('minimum = "50"', 'minimum = "0"', "minimum"),
        ("percent = 30", "percent = 130", "percent"),
        ('weight = "blocking"', 'weight = "heavy"', "advisory"),
        ('never_fitted = "forfeited"', 'never_fitted = "held"', "refunded"),
        ('asked_for = ["in_warranty", "out_of_warranty"]', 'asked_for = ["maybe"]', "in_warranty"),
        ('role = "workshop_manager"', 'role = "janitor"', "aftersales_director"),
        ('role = "aftersales_director"', 'role = "workshop_manager"', "each role once"),
        ('[[claims.signatures]]\nrole = "workshop_manager"\n', "", "signed by somebody"),
        ('chase_every = "7d"', 'chase_every = "0s"', "chase_every"),
        ('charged_to = "aftersales"', 'charged_to = "circus"', "departments"),
        ('usual_source = "purchasing"', 'usual_source = "circus"', "usual_source"),
        ('method = "moving_average"', 'method = "guess"', "fifo"),
        ('kept_for = "30d"', 'kept_for = "a month"', "kept_for"),
        ('time_zone = "Asia/Shanghai"', 'time_zone = "Shanghai"', "time_zone"),
    ],
)
def test_a_policy_that_cannot_be_obeyed_says_what_would_be_right(
    tmp_path: Path, right: str, wrong: str, named: str
) -> None:
    text = STANDARD.read_text()
    assert right in text
    changed = tmp_path / "parts.toml"
    changed.write_text(text.replace(right, wrong, 1))
    with pytest.raises(PolicyError, match=named):
        load_policy(PartsPolicy, changed)


def test_a_code_that_the_policy_does_not_know_is_refused_with_those_it_knows(policy: PartsPolicy) -> None:
    require_known("cash", known=policy.payment_methods, field="method")
    with pytest.raises(Refusal) as refused:
        require_known("shells", known=policy.payment_methods, field="method")
    assert "cash" in refused.value.expected
