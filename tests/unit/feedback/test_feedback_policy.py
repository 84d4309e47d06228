"""The policy `standard` of feedback, and what a wrong one is told."""

from decimal import Decimal
from pathlib import Path

import pytest

from feedback.policy import FeedbackPolicy
from shared.contracts.facts import Degree
from shared.policy import PolicyError, load_policy

STANDARD = Path(__file__).parents[3] / "deploy/policies/standard/feedback.toml"


@pytest.fixture(scope="module")
def policy() -> FeedbackPolicy:
    return load_policy(FeedbackPolicy, STANDARD).policy


@pytest.mark.rule("R366")
def test_four_questions_are_asked_in_four_degrees(policy: FeedbackPolicy) -> None:
    questions = [label.zh_cn for label in policy.surveys.questions.values()]
    assert questions == ["服务态度", "维修技术", "到达是否准时", "答应事情的办理"]
    assert list(policy.surveys.degrees) == list(Degree)


@pytest.mark.rule("R367")
def test_nine_of_ten_answers_have_to_be_satisfied_ones(policy: FeedbackPolicy) -> None:
    assert policy.satisfaction.target == Decimal(90)


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ('[revisits]\ncalendar = "office"', '[revisits]\ncalendar = "moon"', "office"),
        ('[surveys]\ncalendar = "office"', '[surveys]\ncalendar = "moon"', "office"),
        ('within = "1 working day"', 'within = "soon"', "working days"),
        ('due_after_days = 1\nwithin = "1 working day"', 'due_after_days = 2\nwithin = "1 working day"', "signed_off"),
        ("[revisits.after.signed_off]", "[revisits.after.signature]", "signed_off"),
        ("attempts = 3", "attempts = 0", "attempts"),
        ('after = "4h"', 'after = "0s"', "more than nothing"),
        ('valid_for = "14d"', 'valid_for = "0s"', "valid_for"),
        ("very_dissatisfied = {", "awful = {", "very_dissatisfied"),
        ("promises = {", "comment = {", "comment"),
        ('degree = "dissatisfied"', 'degree = "angry"', "degree"),
        ("answers = 1", "answers = 5", "questions"),
        ("{hotline}.", "{phone}.", "hotline"),
        ("target = 90", "target = 190", "target"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would_be_right(
    tmp_path: Path, right: str, wrong: str, named: str
) -> None:
    text = STANDARD.read_text()
    assert right in text
    changed = tmp_path / "feedback.toml"
    changed.write_text(text.replace(right, wrong, 1))
    with pytest.raises(PolicyError, match=named):
        load_policy(FeedbackPolicy, changed)
