"""The page in the reader's language, and nothing that he typed as markup."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.domain.answers import read_card
from feedback.page.languages import LANGUAGES, language_of
from feedback.page.rendering import EMPTY, Note, SurveyPage
from feedback.policy import FeedbackPolicy, Language
from shared.policy import load_policy

POLICY = load_policy(FeedbackPolicy, Path(__file__).parents[3] / "deploy/policies/standard/feedback.toml").policy
PAGE = SurveyPage(POLICY)


def shown(comment: str) -> str:
    card = read_card({"comment": comment}, questions=POLICY.surveys.questions, longest_comment=1000)
    return bytes(PAGE.form(card, order_number="W1", language="en").body).decode()


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_what_a_customer_typed_is_shown_as_text_and_never_as_markup(comment: str) -> None:
    page = shown(comment + "</textarea><script>alert(1)</script>")
    assert "<script>" not in page
    assert page.count("</textarea>") == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("note", Note)
def test_every_page_is_in_one_language_and_names_the_other_one(note: Note, language: Language) -> None:
    answer = PAGE.note(note, language=language, status=200)
    page = bytes(answer.body).decode()
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in page
    [other] = [one for one in LANGUAGES if one != language]
    assert f'href="?lang={other}"' in page
    assert "{" not in re.sub(r"<style>.*</style>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_a_name_for_those_who_cannot_see_it(language: Language) -> None:
    page = bytes(PAGE.form(EMPTY, order_number="W1", language=language).body).decode()
    assert page.count("<fieldset") == page.count("<legend") == len(POLICY.surveys.questions)
    assert page.count('type="radio"') == page.count('<label class="degree') == 16
    assert '<label class="legend" for="comment">' in page


@given(st.none() | st.text(max_size=8), st.text(max_size=60))
def test_any_header_leads_to_a_language_that_there_is(chosen: str | None, accepted: str) -> None:
    assert language_of(chosen, accepted=accepted, default="zh-CN") in LANGUAGES


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("en;q=0.5, zh;q=0.4", "en"), ("en;q=0, zh;q=0.1", "zh-CN"), ("EN-us", "en"), ("en;q=2", "zh-CN"), ("", "zh-CN")],
)
def test_the_weights_of_a_browser_are_obeyed(accepted: str, language: str) -> None:
    assert language_of(None, accepted=accepted, default="zh-CN") == language
