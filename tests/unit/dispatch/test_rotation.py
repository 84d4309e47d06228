"""Whose turn it is: fair, never somebody who does not fit, and a reason for everybody else."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.rotation import Candidate, Choice, Need, Place, Reason, next_in_rotation, unfit

NEED = Need(
    department="engineering",
    zone="city",
    skills=frozenset({"boiler"}),
    certificates=frozenset({"gas_fitter"}),
    max_open_orders=2,
)


def technician(number: int) -> Candidate:
    """One who fits, at place `number` of the rota."""
    return Candidate(
        place=Place(position=number, technician_id=UUID(int=number)),
        department="engineering",
        active=True,
        skills=frozenset({"boiler", "general"}),
        certificates=frozenset({"gas_fitter"}),
        zones=frozenset({"city", "suburb"}),
        refused=False,
        did_not_answer=False,
        away=False,
        out_on_visit=False,
        offer_pending=False,
        open_orders=0,
    )


def number_of(choice: Choice) -> int | None:
    return choice.chosen.position if choice.chosen else None


def reasons(choice: Choice) -> dict[int, Reason]:
    return {skipped.technician_id.int: skipped.reason for skipped in choice.passed_over}


codes = st.frozensets(st.sampled_from(["boiler", "gas_fitter", "general"]))


@st.composite
def candidates(draw: st.DrawFn) -> Candidate:
    number = draw(st.integers(1, 12))
    return Candidate(
        place=Place(position=draw(st.integers(1, 4)), technician_id=UUID(int=number)),
        department=draw(st.sampled_from(["engineering", "engineering", "production"])),
        active=draw(st.booleans()),
        skills=draw(codes),
        certificates=draw(codes),
        zones=draw(st.frozensets(st.sampled_from(["city", "suburb"]))),
        refused=draw(st.booleans()),
        did_not_answer=draw(st.booleans()),
        away=draw(st.booleans()),
        out_on_visit=draw(st.booleans()),
        offer_pending=draw(st.booleans()),
        open_orders=draw(st.integers(0, 3)),
    )


rotas = st.lists(
    st.one_of(candidates(), st.integers(1, 12).map(technician)),
    max_size=8,
    unique_by=lambda candidate: candidate.place.technician_id,
)
places = st.none() | st.builds(
    Place, position=st.integers(0, 12), technician_id=st.integers(0, 13).map(lambda n: UUID(int=n))
)


@pytest.mark.rule("R234")
@given(rotas.filter(bool), st.integers(1, 5), places)
def test_when_all_fit_every_technician_gets_the_same_number_of_turns(
    rota: list[Candidate], rounds: int, start: Place | None
) -> None:
    fitting = [replace(technician(1), place=candidate.place) for candidate in rota]
    turns: Counter[Place] = Counter()
    after = start
    for _ in range(rounds * len(fitting)):
        after = next_in_rotation(fitting, need=NEED, after=after).chosen
        assert after is not None
        turns[after] += 1
    assert set(turns.values()) == {rounds}
    assert len(turns) == len(fitting)


@pytest.mark.rule("R235")
@given(rotas, places)
def test_nobody_who_does_not_fit_is_chosen_and_every_other_one_has_a_reason(
    rota: list[Candidate], after: Place | None
) -> None:
    choice = next_in_rotation(rota, need=NEED, after=after)
    fit = {candidate.place for candidate in rota if unfit(candidate, need=NEED) is None}
    assert (choice.chosen is None) == (not fit)
    assert choice.chosen is None or choice.chosen in fit
    everybody = {candidate.place.technician_id for candidate in rota}
    passed_over = [skipped.technician_id for skipped in choice.passed_over]
    assert len(passed_over) == len(set(passed_over))
    assert set(passed_over) == everybody - ({choice.chosen.technician_id} if choice.chosen else set())


@given(rotas, places)
def test_nobody_who_fits_stands_between_the_pointer_and_the_chosen(rota: list[Candidate], after: Place | None) -> None:
    choice = next_in_rotation(rota, need=NEED, after=after)
    if choice.chosen is None:
        return
    fit = sorted(candidate.place for candidate in rota if unfit(candidate, need=NEED) is None)
    behind = [place for place in fit if after is None or place > after]
    assert choice.chosen == (behind or fit)[0]


@given(rotas, places, st.randoms(use_true_random=False))
def test_the_order_in_which_technicians_were_read_does_not_matter(
    rota: list[Candidate], after: Place | None, random: object
) -> None:
    shuffled = list(rota)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert next_in_rotation(shuffled, need=NEED, after=after) == next_in_rotation(rota, need=NEED, after=after)


@pytest.mark.rule("R235")
def test_a_skipped_technician_loses_the_turn() -> None:
    out = replace(technician(2), out_on_visit=True)
    first = next_in_rotation([technician(1), out, technician(3)], need=NEED, after=technician(1).place)
    assert number_of(first) == 3
    back = next_in_rotation([technician(1), technician(2), technician(3)], need=NEED, after=first.chosen)
    assert number_of(back) == 1


def test_those_who_fit_but_come_later_are_told_that_it_was_not_their_turn() -> None:
    choice = next_in_rotation([technician(n) for n in (1, 2, 3)], need=NEED, after=technician(1).place)
    assert number_of(choice) == 2
    assert reasons(choice) == {1: Reason.NOT_HIS_TURN, 3: Reason.NOT_HIS_TURN}


def test_the_only_one_who_fits_gets_the_turn_again() -> None:
    assert number_of(next_in_rotation([technician(1)], need=NEED, after=technician(1).place)) == 1


def test_a_place_in_the_rota_keeps_its_meaning_when_its_technician_has_left() -> None:
    choice = next_in_rotation([technician(1), technician(3)], need=NEED, after=technician(2).place)
    assert number_of(choice) == 3


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (replace(technician(1), active=False), Reason.INACTIVE),
        (replace(technician(1), department="production"), Reason.OTHER_DEPARTMENT),
        pytest.param(
            replace(technician(1), skills=frozenset({"general"})), Reason.LACKS_SKILL, marks=pytest.mark.rule("R235")
        ),
        pytest.param(
            replace(technician(1), certificates=frozenset()), Reason.NO_CERTIFICATE, marks=pytest.mark.rule("R246")
        ),
        (replace(technician(1), zones=frozenset({"suburb"})), Reason.OTHER_ZONE),
        (replace(technician(1), refused=True), Reason.REFUSED),
        (replace(technician(1), did_not_answer=True), Reason.DID_NOT_ANSWER),
        (replace(technician(1), away=True), Reason.AWAY),
        pytest.param(replace(technician(1), out_on_visit=True), Reason.OUT_ON_VISIT, marks=pytest.mark.rule("R235")),
        (replace(technician(1), offer_pending=True), Reason.OFFER_PENDING),
        (replace(technician(1), open_orders=2), Reason.TOO_MANY_ORDERS),
        (replace(technician(1), skills=frozenset(), away=True), Reason.LACKS_SKILL),
    ],
)
def test_the_most_telling_reason_is_given(candidate: Candidate, reason: Reason) -> None:
    choice = next_in_rotation([candidate, technician(2)], need=NEED, after=None)
    assert number_of(choice) == 2
    assert reasons(choice) == {1: reason}


def test_nobody_is_chosen_from_an_empty_rota() -> None:
    assert next_in_rotation([], need=NEED, after=None) == Choice(chosen=None, passed_over=())
