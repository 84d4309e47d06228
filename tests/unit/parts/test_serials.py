"""A serial number is in one place: what may come in, what leaves, and what a stock take has to post."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.ledger import Kind
from parts.domain.serials import COMES_AS, Away, Piece, check_coming, check_leaving, check_may_flip
from parts.domain.takes import Count, differences
from shared.refusals import IllegalTransition, Refusal

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NUMBERS = st.sets(st.sampled_from([f"SN-{number}" for number in range(8)]))


def away(how: Away) -> Piece:
    return Piece(location=None, away=how, request_id=uuid4() if how is Away.DRAWN else None, reference="store_note/1")


@given(st.sampled_from(sorted(COMES_AS)), st.sampled_from(Away))
def test_of_what_the_store_knows_only_what_really_comes_back_comes_in(kind: Kind, how: Away) -> None:
    known = {"SN-1": away(how)}
    check_coming(["SN-2"], part_code="PCB", kind=kind, known=known)
    if how in COMES_AS[kind]:
        check_coming(["SN-1"], part_code="PCB", kind=kind, known=known)
    else:
        with pytest.raises(IllegalTransition, match="serial_out"):
            check_coming(["SN-1", "SN-2"], part_code="PCB", kind=kind, known=known)
    assert not {Away.DRAWN, Away.USED_UP} & COMES_AS[kind], "what somebody drew comes back with a return alone"


def test_what_lies_anywhere_is_not_received_and_leaves_from_there_alone() -> None:
    lying = {"SN-1": Piece(location="van-7", away=None, request_id=None, reference="DN-1")}
    for kind in COMES_AS:
        with pytest.raises(IllegalTransition, match="serial_in_store"):
            check_coming(["SN-1"], part_code="PCB", kind=kind, known=lying)
    with pytest.raises(IllegalTransition, match="serial_not_there"):
        check_leaving(["SN-1", "SN-2"], part_code="PCB", lying=["SN-2"])


@given(NUMBERS, NUMBERS)
def test_after_a_stock_take_the_books_have_the_pieces_that_were_counted(booked: set[str], there: set[str]) -> None:
    count = Count(
        part_code="PCB",
        counted=len(there),
        booked=len(booked),
        movements=0,
        counted_at=NOW,
        serials=tuple(sorted(there)),
    )
    posted = differences([count], movements={}, lying={"PCB": booked}, location="main")
    assert sum(one.pieces for one in posted) == count.difference
    assert [one.pieces > 0 for one in posted] == sorted((one.pieces > 0 for one in posted), reverse=True)
    after, on_hand = set(booked), len(booked)
    for one in posted:
        assert len(one.serials) == abs(one.pieces)
        after = after | set(one.serials) if one.pieces > 0 else after - set(one.serials)
        on_hand += one.pieces
    assert (after, on_hand) == (there, len(there))


def test_a_count_of_pieces_with_numbers_names_them_all() -> None:
    count = Count(part_code="PCB", counted=2, booked=1, movements=0, counted_at=NOW, serials=("SN-1",))
    with pytest.raises(Refusal, match="serials_needed"):
        differences([count], movements={}, lying={"PCB": {"SN-1"}}, location="main")
    [unnamed] = differences([count], movements={}, lying={}, location="main")
    assert (unnamed.pieces, unnamed.serials) == (1, ())


@pytest.mark.parametrize(("on_hand", "issued"), [(1, 0), (0, 1)])
def test_serial_numbers_begin_and_end_with_an_empty_shelf(on_hand: int, issued: int) -> None:
    check_may_flip("PCB", on_hand=0, issued=0)
    with pytest.raises(IllegalTransition, match="serials_in_use"):
        check_may_flip("PCB", on_hand=on_hand, issued=issued)
