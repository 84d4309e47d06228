"""Removed parts and goods that come back: never more than left, and the faulty piece is not the replacement."""

from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.goods_returns import GivenOut, check_given_out, check_not_more
from parts.domain.lines import Line, bring_back, write_off
from parts.domain.old_parts import (
    FaultySerials,
    Repair,
    check_exchanged,
    check_not_exchanged,
    check_not_lying,
    check_removed,
    is_needed,
)
from parts.domain.serials import Away, Piece
from shared.contracts.facts import WarrantyStatus
from shared.refusals import IllegalTransition, Refusal

PIECES = st.integers(min_value=1, max_value=5)


@given(issued=PIECES, returned=PIECES, fitted=PIECES, deliveries=st.lists(PIECES, max_size=6))
def test_however_often_removed_parts_are_handed_in_they_are_never_more_than_were_exchanged(
    issued: int, returned: int, fitted: int, deliveries: list[int]
) -> None:
    returned = min(returned, issued)
    fitted = min(fitted, issued - returned)
    line = Line(part_code="PCB", asked=issued, issued=issued, returned=returned, fitted=fitted)
    for repair, most in ((Repair.UNDER_WAY, issued - returned), (Repair.COMPLETED, fitted)):
        came = 0
        for pieces in deliveries:
            try:
                check_exchanged([line], wanted={"PCB": pieces}, handed_in={"PCB": came}, repair=repair)
            except IllegalTransition:
                assert came + pieces > most
            else:
                came += pieces
        assert came <= most


@given(issued=PIECES, steps=st.lists(st.tuples(st.sampled_from(["old part", "return", "loss"]), PIECES), max_size=8))
def test_no_piece_comes_back_unused_whose_removed_one_came_in(issued: int, steps: list[tuple[str, int]]) -> None:
    line, came = Line(part_code="PCB", asked=issued, issued=issued), 0
    for step, pieces in steps:
        wanted, handed_in = {"PCB": pieces}, {"PCB": came}
        try:
            if step == "old part":
                check_exchanged([line], wanted=wanted, handed_in=handed_in, repair=Repair.UNDER_WAY)
                came += pieces
            else:
                [after] = (bring_back if step == "return" else write_off)([line], wanted=wanted)
                check_not_exchanged([line], wanted=wanted, handed_in=handed_in)
                line = after
        except IllegalTransition:
            assert came + pieces > line.out
    assert came <= line.out


def test_what_was_never_issued_was_exchanged_for_nothing() -> None:
    line = Line(part_code="PCB", asked=1)
    with pytest.raises(Refusal, match="not_issued"):
        check_exchanged([line], wanted={"PCB": 1}, handed_in={}, repair=Repair.UNDER_WAY)


def test_the_faulty_piece_is_neither_the_replacement_nor_on_a_shelf_nor_there_already() -> None:
    request_id = uuid4()
    new = Piece(location=None, away=Away.DRAWN, request_id=request_id, reference="store_note/1")
    stored = Piece(location="main", away=None, request_id=None, reference="DN-1")
    for known, code in ((new, "replacement_itself"), (stored, "serial_in_store")):
        with pytest.raises(IllegalTransition, match=code):
            check_removed(["SN-1"], part_code="PCB", known={"SN-1": known}, request_id=request_id)
    check_removed(["SN-1"], part_code="PCB", known={"SN-1": new}, request_id=uuid4())
    with pytest.raises(IllegalTransition, match="removed_already"):
        check_not_lying(["SN-1"], part_code="PCB", lying=["SN-1"])


def test_the_policy_says_whether_the_faulty_piece_is_named_under_warranty() -> None:
    named = [
        (terms, status) for terms in FaultySerials for status in WarrantyStatus if is_needed(terms, warranty=status)
    ]
    assert named == [(FaultySerials.IN_WARRANTY, WarrantyStatus.IN_WARRANTY)]


@given(left=st.integers(min_value=0, max_value=5), back=st.integers(min_value=0, max_value=5), wanted=PIECES)
def test_goods_come_back_up_to_what_left_with_their_paper(left: int, back: int, wanted: int) -> None:
    out = GivenOut(pieces=left, cost=Decimal(left), back=min(back, left), request_id=None)
    if not left:
        with pytest.raises(Refusal, match="not_given_out"):
            check_given_out(out, part_code="PCB", left_with="store_note/1")
    if wanted > left - min(back, left):
        with pytest.raises(IllegalTransition, match="more_than_left"):
            check_not_more(wanted, out=out, part_code="PCB", left_with="store_note/1")
    else:
        check_not_more(wanted, out=out, part_code="PCB", left_with="store_note/1")
