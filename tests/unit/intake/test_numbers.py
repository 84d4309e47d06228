"""Numbers as real calls carry them, and as a customer must leave his."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.numbers import read_number, require_dialable
from shared.refusals import Refusal


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "8613800138000",
        "+86 138-0013-8000",
        "008613800138000",
        "sip:+8613800138000@pbx.example;user=phone",
        "138/0013/8000",
        " １３８００１３８０００ ",
    ],
)
def test_one_number_has_one_normal_form_however_it_is_written(written: str) -> None:
    number = read_number(written, country="CN")
    assert (number.kind, number.normal, number.label) == ("public", "+8613800138000", "138****8000")
    assert number.raw == written


def test_an_extension_is_not_part_of_the_number() -> None:
    assert read_number("010-1234 5678 ext. 12", country="CN").normal == "+861012345678"


def test_a_number_of_another_country_shows_its_country_code() -> None:
    assert read_number("+1 415 867 5309", country="CN").label == "+1415****5309"


@pytest.mark.parametrize("written", ["anonymous", "Anonymous", "", "restricted", "+266696687"])
def test_a_hidden_caller_has_no_number_to_search_for(written: str) -> None:
    number = read_number(written, country="CN")
    assert (number.kind, number.normal, number.label) == ("anonymous", None, "anonymous")


@pytest.mark.parametrize(
    ("written", "normal", "label"),
    [
        ("95598", "95598", "****98"),
        ("8-001", "8001", "****01"),
        ("12", "12", "****"),
        ("9" * 40, "9" * 40, "999****9999"),
    ],
)
def test_short_and_absurd_numbers_are_kept_as_they_came(written: str, normal: str, label: str) -> None:
    number = read_number(written, country="CN")
    assert (number.kind, number.normal, number.label) == ("other", normal, label)


@settings(max_examples=200)
@given(st.text(max_size=60) | st.from_regex(r"\+?[0-9 ()/-]{1,20}", fullmatch=True))
def test_no_text_is_refused_on_a_call_and_no_label_shows_it_all(written: str) -> None:
    number = read_number(written, country="CN")
    assert number.raw == written
    assert number.kind == "anonymous" or number.normal not in {None, number.label}


@pytest.mark.parametrize("written", ["anonymous", "95598", "12345678901234567890", "call me", "+", "1380013800"])
def test_a_customer_leaves_a_number_that_can_be_called_back(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        require_dialable(written, country="CN")
    assert refused.value.code == "number_not_dialable"
    assert "13800138000" in refused.value.expected


def test_a_foreign_customer_leaves_his_number_with_its_country_code() -> None:
    assert require_dialable("+49 30 123456", country="CN").normal == "+4930123456"
