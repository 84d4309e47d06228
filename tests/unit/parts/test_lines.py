"""The pieces of a request: asked for, kept, drawn, fitted, brought back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.lines import Line, bring_back, draw, fit, reserve, together, write_off
from shared.refusals import IllegalTransition, Refusal

numbers = st.integers(0, 9)


@given(
    st.integers(1, 9),
    numbers,
    st.lists(st.tuples(st.sampled_from(["draw", "back", "fit", "lose"]), numbers), max_size=20),
)
def test_no_piece_is_drawn_twice_or_taken_back_or_written_off_after_it_was_fitted(
    asked: int, available: int, tried: list[tuple[str, int]]
) -> None:
    lines = [reserve(Line(part_code="PCB-77", asked=asked), available=available)]
    assert lines[0].reserved == min(asked, available)
    for verb, pieces in tried:
        wanted = {"PCB-77": pieces}
        try:
            match verb:
                case "draw":
                    lines = draw(lines, wanted=wanted)
                case "back":
                    lines = bring_back(lines, wanted=wanted)
                case "lose":
                    lines = write_off(lines, wanted=wanted)
                case _:
                    lines, left = fit(lines, fitted=wanted)
                    assert 0 <= left.get("PCB-77", 0) <= pieces
        except IllegalTransition:
            continue
        [line] = lines
        assert line.reserved + line.issued <= asked
        assert line.returned + line.fitted + line.lost <= line.issued
        assert min(line.reserved, line.missing, line.owed) >= 0


def test_the_same_part_on_two_lines_is_one_quantity() -> None:
    assert together([("A", 1), ("B", 2), ("A", 3)]) == {"A": 4, "B": 2}


def test_what_was_fitted_is_taken_from_what_was_drawn_and_the_rest_is_left_for_another_request() -> None:
    lines = [Line(part_code="A", asked=2, issued=2), Line(part_code="B", asked=1, issued=1)]
    after, left = fit(lines, fitted={"A": 3, "B": 1})
    assert [line.fitted for line in after] == [2, 1]
    assert left == {"A": 1}


def test_a_part_that_the_request_does_not_have_is_named() -> None:
    lines = [Line(part_code="A", asked=1, reserved=1)]
    with pytest.raises(Refusal) as refused:
        draw(lines, wanted={"B": 1})
    assert "B" in refused.value.detail
    assert "A" in refused.value.expected
