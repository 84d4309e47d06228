"""Short case numbers."""

from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.numbering import case_number


@settings(max_examples=200)
@given(st.integers(100_000, 9_999_999), st.data())
def test_one_misheard_digit_names_no_other_case(serial: int, data: st.DataObject) -> None:
    number = case_number(serial)
    place = data.draw(st.integers(1, len(number) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    misheard = number[:place] + wrong + number[place + 1 :]
    assert misheard != case_number(int(misheard[1:-1]))
