"""The policy `standard` of parts, and what a wrong one is told."""

from pathlib import Path

import pytest

from parts.domain.supply_words import Weight
from parts.policy import PartsPolicy, require_known
from parts.settings import PartsSettings
from shared.policy import PolicyError, load_policy
from shared.refusals import Refusal
from shared.security.encryption import new_key
from shared.settings import SettingsError, load_settings
from testkit.suite import policy_file

STANDARD = policy_file("parts", profile="standard")
GIVEN = {
    "database_url": "postgresql://parts@db.example/parts",
    "broker_url": "amqp://mq.example/",
    "policy_file": str(STANDARD),
    "jwt_jwks_url": "https://issuer.example/jwks.json",
    "jwt_issuer": "tests",
    "jwt_audience": "tests",
    "encryption_keys": f"k1:{new_key()}",
    "blind_index_key": new_key(),
}


@pytest.fixture(scope="module")
def policy() -> PartsPolicy:
    return load_policy(PartsPolicy, STANDARD).policy


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
        ('priorities = ["urgency", "acceptance"]', 'priorities = ["urgency", "urgency"]', "each priority once"),
        ('partial = "kept" ', 'partial = "some" ', "whole_kit"),
        ('signed_by = "workshop_manager"', 'signed_by = "agent"', "aftersales_director"),
        ("[goods_returns]", '[goods_returns]\nconsented_by = "agent"', "marketing_vp"),
        ('unfit = ["quality"]', 'unfit = ["dented"]', "wrong_goods"),
        ('misorder_charge = "30"', 'misorder_charge = "-1"', "misorder_charge"),
        ('order = "optional"', 'order = "maybe"', "required"),
        ('method = "wechat"', 'method = "shells"', "alipay"),
        ('calendar = "office"', 'calendar = "factory"', "office"),
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


@pytest.mark.parametrize("wrong", ["gateway", "gateway:", ":secret", "gateway:secret,other"])
def test_secrets_of_payment_providers_name_the_provider(wrong: str) -> None:
    with pytest.raises(SettingsError, match="provider:secret"):
        load_settings(PartsSettings, given=GIVEN | {"payment_secrets": wrong})


def test_a_provider_has_several_secrets_while_one_is_rotated() -> None:
    given = GIVEN | {"payment_secrets": "gateway:new, gateway:old,bank:a:b"}
    settings = load_settings(PartsSettings, given=given)
    assert settings.secrets_of_providers == {"gateway": ("new", "old"), "bank": ("a:b",)}
    assert "old" not in repr(settings)


def test_a_code_that_the_policy_does_not_know_is_refused_with_those_it_knows(policy: PartsPolicy) -> None:
    require_known("cash", known=policy.payment_methods, field="method")
    with pytest.raises(Refusal) as refused:
        require_known("shells", known=policy.payment_methods, field="method")
    assert "cash" in refused.value.expected
