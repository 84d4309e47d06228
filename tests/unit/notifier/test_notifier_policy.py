"""The policy file: what it may say, and what is said to whoever wrote something else."""

import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from notifier.domain.forms import Language
from notifier.domain.texts import fields_of, fill
from notifier.policy import NotifierPolicy
from shared.policy import load_policy

STANDARD = Path(__file__).parents[3] / "deploy" / "policies" / "standard" / "notifier.toml"
type Json = Any


def test_the_standard_policy_tells_somebody_of_all_that_it_should() -> None:
    policy = load_policy(NotifierPolicy, STANDARD).policy
    told = {route.on: route.to.kind for route in policy.routes.values()}
    assert told["feedback.dissatisfaction_raised.v1"] == "ladder"
    assert told["parts.part_arrived.v1"] == "customer"
    assert set(told.values()) == {"roles", "role_named_in", "member_named_in", "customer", "ladder"}


def wrong_field(policy: Json) -> None:
    policy["routes"]["response_breached"]["text"]["en"] = "Case {case_nubmer}"


def wrong_part(policy: Json) -> None:
    policy["routes"]["response_breached"]["subject"]["zh-CN"] = "{clock.dueat}"


def wrong_condition(policy: Json) -> None:
    policy["routes"]["response_warned"]["when"] = {"clock.name": "response"}


def stray_brace(policy: Json) -> None:
    policy["routes"]["response_warned"]["text"]["en"] = "{0}"


def unheard_event(policy: Json) -> None:
    policy["routes"]["response_warned"]["on"] = "intake.call_received.v1"


def unheard_ending(policy: Json) -> None:
    policy["routes"]["response_breached"]["to"]["ended_by"] = ["intake.nothing.v1"]


def ending_without_another(policy: Json) -> None:
    policy["routes"]["dissatisfaction_raised"]["to"]["ended_by"] = ["intake.case_cancelled.v1"]


def overtaken_by_something_else(policy: Json) -> None:
    policy["routes"]["visit_scheduled"]["overtaken"] = [{"by": ["intake.case_closed.v1"], "same": "visit_id"}]


def ending_of_no_case(policy: Json) -> None:
    policy["routes"]["response_breached"]["to"]["ended_by"] = ["intake.customer_erased.v1"]


def again_and_again(policy: Json) -> None:
    del policy["routes"]["assignment_failed"]["once_per"]


def again_after_something_else(policy: Json) -> None:
    policy["routes"]["assignment_failed"]["again_after"] = ["intake.case_reopened.v1"]


def unknown_role(policy: Json) -> None:
    policy["ladders"]["promise"]["levels"][0]["role"] = "emperor"


def unknown_ladder(policy: Json) -> None:
    policy["routes"]["response_breached"]["to"]["ladder"] = "rope"


def unknown_calendar(policy: Json) -> None:
    policy["ladders"]["promise"]["calendar"] = "moon"


def no_time(policy: Json) -> None:
    policy["ladders"]["promise"]["levels"][0]["answer_within"] = "0s"


def no_pause(policy: Json) -> None:
    policy["sending"]["pauses"] = ["0s"]


def no_customer(policy: Json) -> None:
    policy["routes"]["technician_offered"]["to"] = {"kind": "member_named_in", "field": "technician"}


def wording_field(policy: Json) -> None:
    policy["wording"]["page_done"]["en"] = "{who} did"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (wrong_field, "case_number"),
        (wrong_part, "clock.due_at"),
        (wrong_condition, "clock.clock"),
        (stray_brace, "{case_number}"),
        (unheard_event, "intake.case_opened.v1"),
        (unheard_ending, "intake.case_closed.v1"),
        (ending_without_another, "intake.case_cancelled.v1"),
        (overtaken_by_something_else, "intake.case_closed.v1 does not"),
        (ending_of_no_case, "intake.customer_erased.v1 does not"),
        (again_and_again, "once_per"),
        (again_after_something_else, "intake.case_reopened.v1 does not"),
        (unknown_role, "cs_supervisor"),
        (unknown_ladder, "promise"),
        (unknown_calendar, "office"),
        (no_time, "more than nothing"),
        (no_pause, "more than nothing"),
        (no_customer, "staff_number"),
        (wording_field, "page_done"),
    ],
)
def test_what_leads_nowhere_is_refused_with_what_would_be_right(spoil: Callable[[Json], None], says: str) -> None:
    policy = tomllib.loads(STANDARD.read_text())
    spoil(policy)
    with pytest.raises(ValidationError) as refused:
        NotifierPolicy.model_validate(policy)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("mark", "chinese", "english"),
    [
        ("2h before", "到期前 2 小时", "2 h before"),
        ("1d1h30m before", "到期前 1 天 1 小时 30 分钟", "1 d 1 h 30 min before"),
        ("80%", "80%", "80%"),
        ("before", "before", "before"),
    ],
)
def test_marks_of_clocks_are_written_in_the_readers_language(mark: str, chinese: str, english: str) -> None:
    policy = load_policy(NotifierPolicy, STANDARD).policy
    assert policy.word(mark, language=Language.CHINESE) == chinese
    assert policy.word(mark, language=Language.ENGLISH) == english


def test_values_are_written_as_people_read_them() -> None:
    policy = load_policy(NotifierPolicy, STANDARD).policy
    facts = {"urgency": "urgent", "clock": {"due_at": "2040-03-05T01:00:00Z"}, "amount": "380.00", "gone": None}
    text = "{urgency} {clock.due_at} {amount} {gone} {clock.gone}"
    assert fields_of(text) == {"urgency", "clock.due_at", "amount", "gone", "clock.gone"}
    written = {language: fill(text, facts=facts, word=partial(policy.word, language=language)) for language in Language}
    assert written == {
        Language.CHINESE: "紧急 2040-03-05 09:00 380.00 – –",
        Language.ENGLISH: "urgent 2040-03-05 09:00 380.00 – –",
    }
