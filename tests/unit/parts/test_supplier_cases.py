"""A supplier is contacted, told in writing, tracked and judged."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.domain.supplier_cases import (
    Bearer,
    CaseState,
    Cost,
    Step,
    borne_by,
    follow,
    require_costs,
    require_supplier_of,
    require_tracked,
)
from parts.domain.supplier_notice import NoticeField, require_complete
from parts.domain.supplier_quality import ServedCase, service_quality
from shared.refusals import IllegalTransition, Refusal

NOW = datetime(2026, 3, 2, 1, 10, tzinfo=UTC)
WHOLE = {field: f"the {field}" for field in NoticeField}


@given(st.lists(st.sampled_from(Step), max_size=12))
def test_a_step_is_taken_or_refused_with_those_that_could_be_and_the_end_is_the_end(steps: list[Step]) -> None:
    state = CaseState.RAISED
    for step in steps:
        before = state
        try:
            state = follow(state, step=step)
        except IllegalTransition as refused:
            for possible in Step:
                if possible in refused.expected:
                    follow(before, step=possible)
        else:
            assert before is not CaseState.SETTLED
            assert (list(CaseState).index(state) > list(CaseState).index(before)) or step is Step.NOTIFY


@pytest.mark.rule("R329")
def test_nobody_comes_to_the_site_who_was_not_told_in_writing() -> None:
    for state in (CaseState.RAISED, CaseState.CONTACTED):
        with pytest.raises(IllegalTransition, match="not_to_arrive"):
            follow(state, step=Step.ARRIVE)
    assert follow(CaseState.NOTIFIED, step=Step.ARRIVE) is CaseState.ON_SITE


@pytest.mark.rule("R329")
@pytest.mark.parametrize("missing", NoticeField)
def test_a_notice_without_one_of_its_eight_fields_is_refused_and_says_which(missing: NoticeField) -> None:
    assert len(NoticeField) == 8
    require_complete(WHOLE)
    for nothing in ({**WHOLE, missing: " "}, {field: text for field, text in WHOLE.items() if field is not missing}):
        with pytest.raises(IllegalTransition) as refused:
            require_complete(nothing)
        assert refused.value.detail == f"the notice has no {missing}"


@pytest.mark.rule("R330")
def test_a_supplier_is_tracked_from_the_first_contact_until_it_is_solved() -> None:
    for state in (CaseState.CONTACTED, CaseState.NOTIFIED, CaseState.ON_SITE):
        require_tracked(state)
    for state in (CaseState.RAISED, CaseState.SOLVED, CaseState.SETTLED):
        with pytest.raises(IllegalTransition, match="not_tracked"):
            require_tracked(state)


@pytest.mark.rule("R185")
def test_only_a_bought_in_part_is_solved_by_a_supplier_and_only_by_who_made_it() -> None:
    require_supplier_of("A", sources=["S-1", "S-2"], number="S-2")
    with pytest.raises(Refusal, match="not_his_part") as refused:
        require_supplier_of("A", sources=["S-1"], number="S-2")
    assert refused.value.expected == "one of: S-1"
    with pytest.raises(Refusal) as own:
        require_supplier_of("A", sources=[], number="S-2")
    assert "the company itself" in own.value.expected


def test_costs_are_settled_once_somebody_has_said_who_bears_them() -> None:
    costs = [
        Cost(kind="material", amount=Decimal("80.00"), bearer=Bearer.SUPPLIER),
        Cost(kind="travel", amount=Decimal("20.50"), bearer=Bearer.SUPPLIER),
        Cost(kind="labour", amount=Decimal(30), bearer=Bearer.COMPANY),
    ]
    require_costs(costs)
    assert (borne_by(Bearer.SUPPLIER, costs=costs), borne_by(Bearer.CUSTOMER, costs=costs)) == (
        Decimal("100.50"),
        Decimal(0),
    )
    with pytest.raises(IllegalTransition, match="costs_unknown"):
        require_costs([])


def served(*, hours: float | None, within: float = 24, grades: tuple[str, ...] = ()) -> ServedCase:
    return ServedCase(
        supplier_number="S-1",
        supplier_name="恒通",
        raised_at=NOW,
        solve_by=NOW + timedelta(hours=within),
        solved_at=None if hours is None else NOW + timedelta(hours=hours),
        grades=grades,
        costs=(Cost(kind="material", amount=Decimal(10), bearer=Bearer.SUPPLIER),),
    )


@pytest.mark.rule("R330")
def test_the_report_says_of_each_supplier_how_soon_and_how_well_he_served() -> None:
    cases = [
        served(hours=3, grades=("good",)),
        served(hours=6),
        served(hours=30, grades=("poor", "fair")),
        served(hours=None),
    ]
    [service] = service_quality(cases, now=NOW)
    assert (service.raised, service.solved, service.late) == (4, 3, 1)
    assert (service.mean_hours, service.borne) == (Decimal("13.0"), Decimal(40))
    assert service.grades == {"good": 1, "fair": 1, "poor": 1}
    [open_] = service_quality([served(hours=None)], now=NOW)
    assert open_.mean_hours is None
    assert service_quality([], now=NOW) == []


@pytest.mark.rule("R330")
def test_a_supplier_who_never_solves_a_problem_is_late_once_its_time_is_over() -> None:
    due = served(hours=None).solve_by
    assert due is not None
    for now, late in ((due, 0), (due + timedelta(seconds=1), 1)):
        [service] = service_quality([served(hours=None), served(hours=1)], now=now)
        assert (service.solved, service.late) == (1, late)
