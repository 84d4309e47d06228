"""What a customer may send back, and what it says."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.domain.answers import COMMENT, SWITCH, Fault, read_card
from feedback.domain.scoring import SATISFIED, Tally, Threshold, bad_questions, is_dissatisfied, total
from feedback.domain.surveys import OPEN, SurveyState, SurveyStep, advance, possible_steps
from shared.contracts.facts import Degree, Score
from shared.refusals import IllegalTransition

QUESTIONS = ("attitude", "technique", "arrival_time", "promises")
DEGREES = st.sampled_from(Degree)
CARDS = st.fixed_dictionaries(dict.fromkeys(QUESTIONS, DEGREES.map(str)))
FORMS = st.dictionaries(st.sampled_from((*QUESTIONS, COMMENT, "other")), DEGREES.map(str) | st.text())
SCORES = st.lists(
    st.builds(Score, question=st.sampled_from(QUESTIONS), degree=DEGREES), unique_by=lambda one: one.question
)
THRESHOLDS = st.builds(Threshold, degree=DEGREES, answers=st.integers(1, 4))


@given(st.sampled_from(SurveyState), st.sampled_from(SurveyStep))
def test_an_illegal_step_is_refused_with_the_steps_that_are_possible(state: SurveyState, step: SurveyStep) -> None:
    if step in possible_steps(state):
        advance(state, step=step)
        return
    with pytest.raises(IllegalTransition) as refused:
        advance(state, step=step)
    assert all(possible in refused.value.expected for possible in possible_steps(state))


@given(st.lists(st.sampled_from(SurveyStep), max_size=8))
def test_no_survey_is_answered_twice_and_every_one_ends(steps: list[SurveyStep]) -> None:
    state, answered = SurveyState.PLANNED, 0
    for step in steps:
        if step in possible_steps(state):
            state = advance(state, step=step)
            answered += step is SurveyStep.ANSWER
    assert answered <= 1
    assert (possible_steps(state) == ()) is (state not in OPEN)


@pytest.mark.rule("R366")
@given(CARDS)
def test_a_card_on_which_every_question_has_one_of_four_degrees_counts(form: dict[str, str]) -> None:
    card = read_card(form, questions=QUESTIONS, longest_comment=10)
    assert card.counts
    assert {score.question: str(score.degree) for score in card.scores} == form


@given(FORMS)
def test_any_form_is_read_and_only_a_whole_one_counts(form: dict[str, str]) -> None:
    card = read_card(form, questions=QUESTIONS, longest_comment=10)
    unanswered = {question for question, fault in card.faults.items() if fault is Fault.UNANSWERED}
    assert set(card.ticked) | unanswered == set(QUESTIONS)
    assert set(card.ticked) & unanswered == set()
    assert card.counts is (len(card.ticked) == len(QUESTIONS) and len(card.comment) <= 10)


@given(FORMS)
def test_nothing_is_wrong_with_a_card_that_was_not_sent(form: dict[str, str]) -> None:
    card = read_card(form | {SWITCH: "en"}, questions=QUESTIONS, longest_comment=10)
    assert (card.faults, card.counts) == ({}, False)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("  师傅\u3000很好 👨\u200d🔧 ", "师傅\u3000很好 👨\u200d🔧"),
        ("a\x00b\x1bc\ud800", "abc"),
    ],
)
def test_a_comment_is_kept_as_it_was_typed_without_what_nobody_sees(typed: str, kept: str) -> None:
    assert read_card({COMMENT: typed}, questions=(), longest_comment=100).comment == kept


def test_line_ends_count_as_one_character_however_a_browser_sends_them() -> None:
    form = {COMMENT: "\r\n".join("abc")}
    assert read_card(form, questions=(), longest_comment=5).counts
    assert read_card(form, questions=(), longest_comment=4).faults == {COMMENT: Fault.TOO_LONG}


@pytest.mark.rule("R158")
@given(SCORES, THRESHOLDS)
def test_a_worse_answer_never_makes_a_bad_card_good(scores: list[Score], threshold: Threshold) -> None:
    before = is_dissatisfied(scores, threshold=threshold)
    assert before is (len(bad_questions(scores, degree=threshold.degree)) >= threshold.answers)
    for number, score in enumerate(scores):
        worst = [
            *scores[:number],
            Score(question=score.question, degree=Degree.VERY_DISSATISFIED),
            *scores[number + 1 :],
        ]
        assert is_dissatisfied(worst, threshold=threshold) or not before


def test_one_dissatisfied_answer_among_good_ones_is_found_by_its_question() -> None:
    scores = [Score(question=question, degree=Degree.SATISFIED) for question in QUESTIONS[:3]]
    scores.append(Score(question="promises", degree=Degree.DISSATISFIED))
    assert bad_questions(scores, degree=Degree.DISSATISFIED) == ("promises",)
    assert bad_questions(scores, degree=Degree.VERY_DISSATISFIED) == ()


TALLIES = st.integers(0, 5000).flatmap(
    lambda answered: st.builds(Tally, answered=st.just(answered), satisfied=st.integers(0, answered))
)


@pytest.mark.rule("R367")
@given(TALLIES, st.integers(0, 100).map(Decimal))
def test_a_share_reaches_its_target_exactly_and_not_by_rounding(tally: Tally, target: Decimal) -> None:
    reached = tally.answered > 0 and tally.satisfied * 100 >= int(target) * tally.answered
    assert tally.reaches(target) is reached
    assert tally.share * tally.answered <= tally.satisfied * 100
    if tally.answered:
        assert (tally.share + Decimal("0.1")) * tally.answered > tally.satisfied * 100


@given(st.lists(TALLIES, max_size=8))
def test_the_whole_is_the_sum_of_its_parts(tallies: list[Tally]) -> None:
    whole = total(tallies)
    assert (whole.answered, whole.satisfied) == (sum(t.answered for t in tallies), sum(t.satisfied for t in tallies))


def test_the_two_upper_degrees_are_the_satisfied_ones() -> None:
    assert {Degree.VERY_SATISFIED, Degree.SATISFIED} == SATISFIED
