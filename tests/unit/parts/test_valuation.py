"""No cent is lost between what came in, what went out and what is there, under either way of reckoning."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.valuation import Layer, Layers, Method, take_in, take_out, together
from shared.refusals import IllegalTransition

receipts = st.lists(
    st.builds(Layer, pieces=st.integers(1, 50), value=st.decimals(0, 5000, places=2)), min_size=1, max_size=8
)
methods = st.sampled_from(Method)


def account(entering: list[Layer], *, method: Method) -> Layers:
    layers: Layers = ()
    for one in entering:
        layers = take_in(layers, entering=one, method=method)
    return layers


@given(receipts, methods, st.data())
def test_what_came_in_is_what_went_out_and_what_is_there_to_the_cent(
    entering: list[Layer], method: Method, data: st.DataObject
) -> None:
    layers = account(entering, method=method)
    came, went = together(entering), Decimal(0)
    left = came.pieces
    while left:
        pieces = data.draw(st.integers(1, left))
        layers, cost = take_out(layers, pieces=pieces)
        left, went = left - pieces, went + cost
        there = together(layers)
        assert (there.pieces, there.value + went) == (left, came.value)
        assert cost >= 0
        assert there.value >= 0
    assert layers == ()


@given(receipts)
def test_under_the_moving_average_every_piece_costs_value_by_quantity(entering: list[Layer]) -> None:
    [layer] = account(entering, method=Method.MOVING_AVERAGE)
    _, cost = take_out((layer,), pieces=1)
    assert abs(cost - layer.value / layer.pieces) <= Decimal("0.005")


@given(receipts)
def test_first_in_first_out_gives_the_oldest_layers_at_their_own_cost(entering: list[Layer]) -> None:
    layers = account(entering, method=Method.FIFO)
    assert layers == tuple(entering)
    for one in entering:
        layers, cost = take_out(layers, pieces=one.pieces)
        assert cost == one.value


@pytest.mark.parametrize("method", Method)
def test_an_account_gives_no_more_than_it_has(method: Method) -> None:
    layers = account([Layer(pieces=3, value=Decimal("10.00"))], method=method)
    with pytest.raises(IllegalTransition) as refused:
        take_out(layers, pieces=4)
    assert "at most 3" in refused.value.expected


def test_the_two_ways_differ_in_what_the_first_piece_costs() -> None:
    entering = [Layer(pieces=1, value=Decimal("10.00")), Layer(pieces=1, value=Decimal("20.00"))]
    costs = {method: take_out(account(entering, method=method), pieces=1)[1] for method in Method}
    assert costs == {Method.FIFO: Decimal("10.00"), Method.MOVING_AVERAGE: Decimal("15.00")}
