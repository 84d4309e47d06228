"""What may be fitted: what the store issued for the order and did not get back, whatever was heard first."""

from itertools import permutations
from uuid import UUID

import pytest

from dispatch.domain.parts_requests import UNHEARD, Answer, Request, check_issued, hear
from shared.contracts.facts import PartNeed
from shared.contracts.parts import PartsIssued, PartsReturned
from shared.refusals import IllegalTransition
from support.case_events import START

ABOUT = {"request_id": UUID(int=1), "work_order_id": UUID(int=8), "case_id": UUID(int=9)}


def boards(pieces: int) -> tuple[PartNeed, ...]:
    return (PartNeed(part_code="PCB", quantity=pieces),)


def issued(pieces: int, *, number: int = 1) -> PartsIssued:
    return PartsIssued(issue_id=UUID(int=number), lines=boards(pieces), issued_to="T1", issued_at=START, **ABOUT)


def returned(pieces: int, *, number: int = 1) -> PartsReturned:
    return PartsReturned(return_id=UUID(int=number), lines=boards(pieces), returned_at=START, **ABOUT)


def having_heard(*answers: Answer) -> Request:
    facts = UNHEARD
    for answer in answers:
        facts = hear(facts, answer)
    return Request(lines=boards(4), facts=facts)


@pytest.mark.rule("R313", "R316")
def test_two_of_four_may_be_fitted_once_two_are_back_in_every_order_and_however_often() -> None:
    heard: tuple[Answer, ...] = (issued(3), issued(1, number=2), returned(1), returned(1, number=2))
    for order in permutations(heard):
        request = having_heard(*order, *order[:2])
        check_issued(boards(2), requests=[request])
        with pytest.raises(IllegalTransition, match="3 fitted, 2 issued"):
            check_issued(boards(3), requests=[request])


@pytest.mark.rule("R313")
def test_a_return_that_overtook_its_issue_takes_nothing_from_another_request() -> None:
    check_issued(boards(2), requests=[having_heard(returned(2)), having_heard(issued(2))])
