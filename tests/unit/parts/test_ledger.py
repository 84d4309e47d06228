"""Stock is the sum of its movements and never negative, whatever is tried in whatever order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.ledger import Change, Kind, Stock, change, post, total
from shared.refusals import IllegalTransition

attempts = st.lists(
    st.builds(
        lambda kind, pieces: change(kind, pieces=-pieces if kind is Kind.ADJUSTMENT and pieces % 2 else pieces),
        st.sampled_from([kind for kind in Kind if kind is not Kind.TRANSFER]),
        st.integers(1, 9),
    ),
    max_size=60,
)

WITHIN_THE_HOUSE = {Kind.RESERVE, Kind.RELEASE, Kind.ISSUE, Kind.RETURN}


@pytest.mark.rule("R324")
@given(attempts)
def test_stock_is_the_sum_of_its_movements_and_never_negative(tried: list[Change]) -> None:
    stock, posted = Stock(), []
    for movement in tried:
        try:
            stock = post(stock, part_code="PCB-77", movement=movement)
        except IllegalTransition:
            continue
        posted.append(movement)
        assert min(stock.on_hand, stock.reserved, stock.issued, stock.available) >= 0
    assert stock == total(posted)


@given(attempts)
def test_pieces_come_from_outside_leave_when_fitted_and_are_never_lost_between(tried: list[Change]) -> None:
    stock, inside = Stock(), 0
    for movement in tried:
        try:
            stock = post(stock, part_code="PCB-77", movement=movement)
        except IllegalTransition:
            continue
        if movement.kind not in WITHIN_THE_HOUSE:
            inside += movement.on_hand + movement.issued
        assert stock.on_hand + stock.issued == inside


@pytest.mark.parametrize(
    ("kind", "pieces"),
    [
        (Kind.RESERVE, 3),
        (Kind.RELEASE, 2),
        (Kind.ISSUE, 2),
        (Kind.RETURN, 2),
        (Kind.CONSUME, 2),
        (Kind.VENDOR_RETURN, 3),
        (Kind.ADJUSTMENT, -3),
    ],
)
def test_what_is_not_there_is_not_moved_and_the_refusal_says_what_is(kind: Kind, pieces: int) -> None:
    stock = Stock(on_hand=3, reserved=1, issued=1)
    post(stock, part_code="PCB-77", movement=change(kind, pieces=pieces + (1 if pieces < 0 else -1)))
    with pytest.raises(IllegalTransition) as refused:
        post(stock, part_code="PCB-77", movement=change(kind, pieces=pieces))
    assert "3 on the shelf" in refused.value.detail
    assert "at most 2 free" in refused.value.expected
