"""The standard policy, and what a timeline says with it."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from intake.domain.approvals import approver_for
from intake.policy import IntakePolicy
from intake.schemas.story import told
from intake.tables import StoryRow
from shared.policy import PolicyError, load_policy

STANDARD = Path(__file__).parents[3] / "deploy" / "policies" / "standard" / "intake.toml"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def said(event_type: str, facts: dict[str, object]) -> tuple[str, str]:
    row = StoryRow(
        event_id=uuid4(),
        case_id=uuid4(),
        type=event_type,
        service="dispatch",
        happened_at=NOW,
        recorded_at=NOW,
        facts=facts,
    )
    label = told(row, policy=load_policy(IntakePolicy, STANDARD).policy)
    return label.zh_cn, label.en


def test_codes_become_words_and_instants_local_time() -> None:
    assert said("intake.case_cleared.v1", {"basis": "fee_waived"}) == (
        "可以派工(费用已获批免收)",
        "Cleared for dispatch (fee waived)",
    )
    visit: dict[str, object] = {"starts_at": "2026-03-02T01:00:00Z", "ends_at": "2026-03-02T03:30:00Z"}
    assert said("dispatch.visit_scheduled.v1", visit)[0] == "已约定上门 2026-03-02 09:00 至 2026-03-02 11:30"
    assert said("intake.case_held.v1", {"reason": "never heard of"})[1] == "On hold: never heard of"


@pytest.mark.rule("R189")
@pytest.mark.parametrize(
    ("amount", "role"),
    [("0.01", "marketing_vp"), ("10000.00", "marketing_vp"), ("10000.01", "general_manager")],
)
def test_the_standard_policy_names_who_waives_a_fee_to_the_fen(amount: str, role: str) -> None:
    bands = load_policy(IntakePolicy, STANDARD).policy.waiver.bands
    assert approver_for(Decimal(amount), bands=bands) == role


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("up_to = 10000\n", "", "the last one"),
        ('role = "general_manager"', 'up_to = 500\nrole = "general_manager"', "the last one"),
        ("[clocks.response]", "[clocks.answer]", "clocks.response"),
        ('"intake.case_held.v1" =', '"intake.case_helt.v1" =', "intake.case_held.v1"),
        ("技师已到达", "技师{name}已到达", "name"),
        ('pause_reasons = ["customer", "disaster"]', 'pause_reasons = ["boredom"]', "boredom"),
        ('country = "CN"\n\n', 'country = "China"\n\n', "company.country"),
    ],
)
def test_a_policy_that_cannot_be_obeyed_says_where(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    text = STANDARD.read_text()
    assert before in text
    bad = tmp_path / "intake.toml"
    bad.write_text(text.replace(before, after, 1))
    with pytest.raises(PolicyError, match=complaint):
        load_policy(IntakePolicy, bad)
