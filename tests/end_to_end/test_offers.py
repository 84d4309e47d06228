"""Whose turn it is, and what happens when he does not take it."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from shared.contracts import dispatch
from shared.contracts.dispatch import AssignmentFailed, OfferDeclined, TechnicianOffered
from shared.contracts.facts import PassedOver
from support.company import Company
from testkit.clients import Refused, items

ANSWER_WITHIN = timedelta(minutes=10)


def reasons(passed_over: tuple[PassedOver, ...]) -> dict[UUID, str]:
    return {one.technician_id: one.reason for one in passed_over}


@pytest.mark.rule("R235")
def test_whoever_cannot_is_passed_over_for_a_reason_that_is_written_down(company: Company) -> None:
    unskilled = company.technician(skills=["general"])
    elsewhere = company.technician(zones=["suburb"])
    other = company.technician(department="production")
    away = company.technician()
    fits, follows = company.technician(), company.technician()
    since, until = company.at(8), company.at(17)
    company.admins["dispatch"].create(
        f"/v1/technicians/{away.id}/absences",
        {"away_from": since.isoformat(), "until": until.isoformat(), "reason": "training"},
    )
    case = company.register()
    offer = case.heard(TechnicianOffered)
    assert offer.technician_id == fits.id
    expected = {
        unskilled.id: "lacks_skill",
        elsewhere.id: "other_zone",
        other.id: "other_department",
        away.id: "away",
        follows.id: "not_his_turn",
    }
    assert {one: why for one, why in reasons(offer.passed_over).items() if one in expected} == expected
    log = company.dispatcher.read(f"/v1/work-orders/{case.order()['id']}/rota-log")
    (look,) = items(log, "looks")
    assert look["technician_id"] == str(fits.id)
    assert {str(one) for one in expected} <= {one["technician_id"] for one in items(look, "passed_over")}


@pytest.mark.rule("R246")
def test_only_who_is_certified_today_is_sent_to_a_gas_boiler(company: Company) -> None:
    today = company.time.now().date()
    lapsed, certified = (company.technician(skills=["boiler"]) for _ in range(2))
    for technician, last_day in ((lapsed, today - timedelta(days=1)), (certified, today)):
        company.admins["dispatch"].create(
            f"/v1/technicians/{technician.id}/certificates",
            {"code": "gas_fitter", "valid_from": "2020-01-01", "valid_until": last_day.isoformat()},
        )
    offer = company.register(company.unit(family="boiler")).heard(TechnicianOffered)
    assert offer.technician_id == certified.id
    assert reasons(offer.passed_over)[lapsed.id] == "no_certificate"


@pytest.mark.rule("R234")
def test_technicians_take_orders_in_turn(company: Company) -> None:
    crew = [company.technician() for _ in range(3)]
    cases = [company.register() for _ in range(3)]
    for case in cases:
        case.assigned()
    turns = [case.heard(TechnicianOffered).technician_id for case in cases]
    assert turns == [technician.id for technician in crew]
    assert company.register().heard(TechnicianOffered).technician_id == crew[0].id


def test_a_refused_offer_goes_to_the_next_and_to_nobody_twice(company: Company) -> None:
    first, second = company.technician(), company.technician()
    case = company.register()
    first.refuse(case.heard(TechnicianOffered), reason="too_far")
    declined = case.heard(OfferDeclined)
    assert (declined.technician_id, declined.reason) == (first.id, "refused")
    offer = case.heard(TechnicianOffered, turn=2)
    assert offer.technician_id == second.id
    assert reasons(offer.passed_over)[first.id] == "refused"
    second.refuse(offer)
    failed = case.heard(AssignmentFailed)
    assert reasons(failed.passed_over)[first.id] == reasons(failed.passed_over)[second.id] == "refused"
    assert case.order()["state"] == "waiting"


def test_nobody_answers_for_another_technician_but_the_dispatcher(company: Company) -> None:
    first, second = company.technician(), company.technician()
    case = company.register()
    offer = case.heard(TechnicianOffered)
    assert offer.technician_id == first.id
    with pytest.raises(Refused) as problem:
        second.accept(offer)
    assert problem.value.answer.status_code == httpx.codes.FORBIDDEN
    assert case.order()["state"] == "offered"
    answered = company.dispatcher.create(f"/v1/offers/{offer.offer_id}/acceptance", {})
    assert answered["answered_as"] == "dispatcher"
    assert case.heard(dispatch.TechnicianAssigned).technician_id == first.id


def test_an_offer_that_nobody_answers_goes_to_the_next_once_its_time_is_over(company: Company) -> None:
    first, second = company.technician(), company.technician()
    case = company.register()
    offer = case.heard(TechnicianOffered)
    assert offer.expires_at == offer.offered_at + ANSWER_WITHIN
    company.time.advance_to(offer.expires_at - timedelta(minutes=2))
    assert case.order()["state"] == "offered"
    company.time.advance_to(offer.expires_at + timedelta(seconds=1))
    assert case.heard(OfferDeclined).reason == "expired"
    following = case.heard(TechnicianOffered, turn=2)
    assert following.technician_id == second.id
    assert reasons(following.passed_over)[first.id] == "did_not_answer"
    assert following.offered_at >= offer.expires_at
    with pytest.raises(Refused) as problem:
        first.accept(offer)
    assert problem.value.answer.status_code == httpx.codes.CONFLICT
    assert "pending" in problem.value.answer.json()["expected"]


def test_nobody_is_asked_in_the_night_save_in_an_emergency(company: Company) -> None:
    company.technician(), company.technician()
    company.time.advance_to(company.at(17, 25))
    usual, urgent = company.register(), company.register(urgency="emergency")
    offer = usual.heard(TechnicianOffered)
    the_night = timedelta(hours=15)
    assert offer.expires_at == offer.offered_at + ANSWER_WITHIN + the_night
    offer = urgent.heard(TechnicianOffered)
    assert offer.expires_at == offer.offered_at + ANSWER_WITHIN


def test_where_nobody_fits_the_order_waits_until_somebody_can(company: Company) -> None:
    unskilled = company.technician(skills=["general"])
    case = company.register()
    failed = case.heard(AssignmentFailed)
    assert reasons(failed.passed_over)[unskilled.id] == "lacks_skill"
    before = case.order()
    assert (before["state"], before["failures"]) == ("waiting", 1)
    company.change_technician(unskilled, skills=["general", "water_heater"])
    assert case.heard(TechnicianOffered).technician_id == unskilled.id
    assert case.assigned() == unskilled


def test_an_order_that_waits_is_tried_again_when_it_said_it_would(company: Company) -> None:
    away = company.technician()
    back = company.time.now() + timedelta(minutes=20)
    company.admins["dispatch"].create(
        f"/v1/technicians/{away.id}/absences",
        {"away_from": company.at(8).isoformat(), "until": back.isoformat(), "reason": "leave"},
    )
    case = company.register()
    failed = case.heard(AssignmentFailed)
    assert failed.retry_at == failed.failed_at + timedelta(minutes=30)
    company.time.advance_to(failed.retry_at + timedelta(seconds=1))
    offered = case.heard(TechnicianOffered)
    assert offered.technician_id == away.id
    assert offered.offered_at >= failed.retry_at


@pytest.mark.rule("R242")
def test_of_those_that_wait_the_most_urgent_is_served_first(company: Company) -> None:
    usual, emergency, urgent = (company.register(urgency=urgency) for urgency in ("normal", "emergency", "urgent"))
    for case in (usual, emergency, urgent):
        case.heard(AssignmentFailed)
    first = company.technician()
    offer = emergency.heard(TechnicianOffered)
    assert offer.technician_id == first.id
    assert [case.order()["state"] for case in (usual, urgent)] == ["waiting", "waiting"]
    first.accept(offer)
    assert urgent.heard(TechnicianOffered).technician_id == first.id
    assert usual.order()["state"] == "waiting"
