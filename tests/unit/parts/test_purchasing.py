"""How much is ordered, what came of it, and whose prices were compared."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.purchasing import (
    Delivery,
    Level,
    Ordered,
    receive,
    require_bought,
    require_covers,
    require_on_shelf,
    require_quotes,
    shared_out,
    to_sites,
)
from shared.refusals import IllegalTransition, NotAllowed, Refusal

PIECES = st.integers(0, 10_000)
THREE = {"恒通": Decimal(300), "大成": Decimal(320), "永利": Decimal(290)}


def line(code: str, *, ordered: int, received: int = 0) -> Ordered:
    return Ordered(part_code=code, ordered=ordered, received=received, unit_price=Decimal(10))


@pytest.mark.rule("R332")
@pytest.mark.parametrize(
    ("available", "minimum", "shortfall", "on_order", "to_order"),
    [
        (2, 5, 0, 0, 3),
        (2, 5, 4, 0, 7),  # those who wait, and the shelf
        (2, 5, 4, 3, 4),  # some of it is on its way
        (2, 5, 4, 9, 0),
        (9, 5, 0, 0, 0),
        (9, 5, 2, 0, 2),  # what is free does not complete their kits
    ],
)
def test_what_is_missing_to_the_minimum_and_to_those_who_wait_is_ordered_without_what_is_coming(
    available: int, minimum: int, shortfall: int, on_order: int, to_order: int
) -> None:
    level = Level(part_code="A", available=available, minimum=minimum, shortfall=shortfall, on_order=on_order)
    assert level.to_order == to_order


@given(available=PIECES, minimum=PIECES, shortfall=PIECES, on_order=PIECES)
def test_once_it_is_ordered_nothing_is_left_to_order(
    available: int, minimum: int, shortfall: int, on_order: int
) -> None:
    level = Level(part_code="A", available=available, minimum=minimum, shortfall=shortfall, on_order=on_order)
    again = Level(
        part_code="A",
        available=available,
        minimum=minimum,
        shortfall=shortfall,
        on_order=on_order + level.to_order,
    )
    assert level.to_order >= 0
    assert again.to_order == 0


def test_a_delivery_closes_the_order_once_all_is_there_or_nothing_more_comes() -> None:
    lines = [line("A", ordered=5), line("B", ordered=1)]
    partly, is_closed = receive(lines, came={"A": 2}, delivery=Delivery.PARTIAL)
    assert ([one.open for one in partly], is_closed) == ([3, 1], False)
    whole, is_closed = receive(partly, came={"A": 3, "B": 1}, delivery=Delivery.PARTIAL)
    assert ([one.open for one in whole], is_closed) == ([0, 0], True)
    _, is_closed = receive(partly, came={"A": 1}, delivery=Delivery.FINAL)
    assert is_closed


def test_more_than_is_open_is_not_received_on_the_order() -> None:
    with pytest.raises(Refusal, match="more_than_ordered: A: 4 came, and 3 are on order"):
        receive([line("A", ordered=5, received=2)], came={"A": 4}, delivery=Delivery.PARTIAL)
    with pytest.raises(Refusal, match="more_than_ordered: C"):
        receive([line("A", ordered=5)], came={"C": 1}, delivery=Delivery.FINAL)


@given(
    came=st.dictionaries(st.sampled_from("ABC"), st.integers(0, 9)),
    missing=st.lists(st.dictionaries(st.sampled_from("AB"), st.integers(1, 5)), max_size=4),
)
def test_what_came_of_an_order_goes_to_who_wants_it_first_and_is_never_given_twice(
    came: dict[str, int], missing: list[dict[str, int]]
) -> None:
    shares = shared_out(came, missing=missing)
    for code in "AB":
        given_out = [share.get(code, 0) for share in shares]
        wanted = [one.get(code, 0) for one in missing]
        assert sum(given_out) == min(came.get(code, 0), sum(wanted))
        served = [number for number, (got, want) in enumerate(zip(given_out, wanted, strict=True)) if got < want]
        assert not any(given_out[number] for number in served[1:]), "nobody has any while one before him lacks some"


@given(
    deliveries=st.lists(st.dictionaries(st.sampled_from("ABC"), st.integers(1, 9)), min_size=1, max_size=4),
    missing=st.lists(st.dictionaries(st.sampled_from("AB"), st.integers(1, 5)), min_size=1, max_size=4),
)
def test_all_that_went_to_sites_is_at_one_of_them_and_none_lacks_what_another_has_too_many_of(
    deliveries: list[dict[str, int]], missing: list[dict[str, int]]
) -> None:
    before: Counter[str] = Counter()
    at_sites: list[Counter[str]] = [Counter() for _ in missing]
    for came in deliveries:
        shares = to_sites(came, before=before, missing=missing)
        assert all(pieces > 0 for share in shares for pieces in share.values())
        before.update(came)
        for site, share in zip(at_sites, shares, strict=True):
            site.update(share)
    assert sum(at_sites, start=Counter()) == before
    for site, wanted in zip(at_sites[:-1], missing[:-1], strict=True):
        assert all(site[code] <= wanted.get(code, 0) for code in "ABC"), "what is too many went with the last"


@pytest.mark.rule("R201")
def test_three_suppliers_prices_are_compared_and_a_dearer_one_is_taken_for_a_reason() -> None:
    require_quotes(THREE, chosen="永利", needed=3, reason=None)
    require_quotes(THREE, chosen="大成", needed=3, reason="quality")
    with pytest.raises(Refusal, match="dearer_without_reason"):
        require_quotes(THREE, chosen="大成", needed=3, reason=None)
    with pytest.raises(NotAllowed) as refused:
        require_quotes({"恒通": Decimal(300), "永利": Decimal(290)}, chosen="永利", needed=3, reason=None)
    assert refused.value.expected.startswith("the prices of 3 different suppliers")
    with pytest.raises(Refusal, match="not_quoted"):
        require_quotes(THREE, chosen="华丰", needed=3, reason=None)


def test_a_supplier_is_asked_for_what_he_supplies_and_for_no_less_than_was_asked_for() -> None:
    require_bought(["A"], supplied={"A", "B"}, number="S-1")
    with pytest.raises(Refusal, match="not_supplied: C"):
        require_bought(["A", "C"], supplied={"A", "B"}, number="S-1")
    require_covers([line("A", ordered=3)], asked={"A": 3})
    with pytest.raises(Refusal, match="3 of A asked for, 2 ordered; 1 of B asked for, 0 ordered"):
        require_covers([line("A", ordered=2)], asked={"B": 1, "A": 3})


@pytest.mark.rule("R332")
def test_material_is_taken_from_the_shelf_only_where_all_of_it_lies_there() -> None:
    require_on_shelf({"A": 2}, available={"A": 2})
    with pytest.raises(IllegalTransition, match="2 of A asked for, 1 free"):
        require_on_shelf({"A": 2}, available={"A": 1})
