"""An order is offered in turn, accepted, refused, not answered; nobody fits, and then somebody does."""

from uuid import UUID, uuid4

import pytest

from shared.contracts.dispatch import AssignmentFailed, OfferDeclined, TechnicianAssigned, TechnicianOffered
from shared.contracts.facts import PassedOver, Urgency, WarrantyStatus
from support.case_events import cleared
from support.control_room import ControlRoom


def reasons(passed_over: tuple[PassedOver, ...]) -> dict[UUID, str]:
    return {skipped.technician_id: skipped.reason for skipped in passed_over}


@pytest.mark.rule("R015")
@pytest.mark.parametrize(
    ("warranty", "department"),
    [(WarrantyStatus.IN_WARRANTY, "engineering"), (WarrantyStatus.OUT_OF_WARRANTY, "production")],
)
async def test_the_warranty_decides_who_repairs(room: ControlRoom, warranty: WarrantyStatus, department: str) -> None:
    case = cleared(warranty=warranty)
    await room.hear(case)
    order = await room.order(case.case_id)
    assert order["department"] == department
    assert order["number"] == "W1000017"


@pytest.mark.rule("R234")
async def test_technicians_are_offered_orders_in_turn(room: ControlRoom) -> None:
    team = [await room.add_technician(f"T{number}") for number in range(3)]
    cases = [cleared(number=number) for number in range(3)]
    await room.hear(*cases)
    offered = await room.said(TechnicianOffered)
    assert [offer.technician_id for offer in offered] == team
    assert reasons(offered[0].passed_over) == {team[1]: "not_his_turn", team[2]: "not_his_turn"}
    assert reasons(offered[2].passed_over) == {team[0]: "offer_pending", team[1]: "offer_pending"}


@pytest.mark.rule("R234")
async def test_each_technician_gets_as_many_turns_as_the_others(room: ControlRoom) -> None:
    team = [await room.add_technician(f"T{number}") for number in range(3)]
    for number in range(6):
        await room.hear(cleared(number=number))
        await room.accept(f"T{number % 3}")
    assert [offer.technician_id for offer in await room.said(TechnicianOffered)] == team * 2


@pytest.mark.rule("R235")
async def test_every_other_technician_is_told_why_he_was_passed_over(room: ControlRoom) -> None:
    expected = {
        await room.add_technician("T1", department="production"): "other_department",
        await room.add_technician("T2", skills=["general"]): "lacks_skill",
        await room.add_technician("T4", zones=["suburb"]): "other_zone",
        await room.add_technician("T5", active=False): "inactive",
    }
    away = await room.add_technician("T6")
    absence = {"away_from": "2040-03-05T00:00:00Z", "until": "2040-03-06T00:00:00Z", "reason": "sick"}
    assert (await room.post(f"/v1/technicians/{away}/absences", absence)).status_code == 201
    expected[away] = "away"
    chosen = await room.add_technician("T7")
    expected[await room.add_technician("T8")] = "not_his_turn"
    case = cleared()
    await room.hear(case)
    [offer] = await room.said(TechnicianOffered)
    assert offer.technician_id == chosen
    assert reasons(offer.passed_over) == expected
    order = await room.order(case.case_id)
    log = await room.get(f"/v1/work-orders/{order['id']}/rota-log")
    [look] = log["looks"]
    assert {UUID(one["technician_id"]): one["reason"] for one in look["passed_over"]} == expected


@pytest.mark.rule("R246")
async def test_a_certificate_counts_until_the_end_of_its_last_day_where_the_company_is(room: ControlRoom) -> None:
    technician = await room.add_technician("T1")
    [held] = (await room.get(f"/v1/technicians/{technician}"))["certificates"]
    async with room.client() as client:
        assert (await client.delete(f"/v1/certificates/{held['id']}")).status_code == 204
    last_day = {"code": "gas_fitter", "valid_from": "2039-01-01", "valid_until": "2040-03-05"}
    assert (await room.post(f"/v1/technicians/{technician}/certificates", last_day)).status_code == 201
    await room.hear(cleared(number=1))
    assert len(await room.said(TechnicianOffered)) == 1
    await room.accept("T1")
    await room.move(hours=15)  # past midnight in Shanghai, still the fifth in UTC
    await room.hear(cleared(number=2))
    [failed] = await room.said(AssignmentFailed)
    assert reasons(failed.passed_over) == {technician: "no_certificate"}


async def test_an_accepted_offer_assigns_the_order(room: ControlRoom) -> None:
    technician = await room.add_technician("T1")
    case = cleared()
    await room.hear(case)
    await room.accept("T1")
    [assigned] = await room.said(TechnicianAssigned)
    assert assigned.technician_id == technician
    order = await room.order(case.case_id)
    assert (order["state"], order["technician_id"]) == ("assigned", str(technician))
    await room.move(hours=1)
    assert await room.said(OfferDeclined) == []


async def test_a_refused_offer_goes_to_the_next_and_never_back(room: ControlRoom) -> None:
    first, second = [await room.add_technician(number) for number in ("T1", "T2")]
    await room.hear(cleared())
    offer = await room.pending_offer("T1")
    refusal = {"reason": "too_far"}
    answer = await room.post(f"/v1/offers/{offer['id']}/refusal", refusal, role="technician", subject="T1")
    assert answer.status_code == 200, answer.text
    [_, again] = await room.said(TechnicianOffered)
    assert again.technician_id == second
    assert reasons(again.passed_over) == {first: "refused"}
    offer = await room.pending_offer("T2")
    answer = await room.post(f"/v1/offers/{offer['id']}/refusal", refusal, role="technician", subject="T2")
    [failed] = await room.said(AssignmentFailed)
    assert reasons(failed.passed_over) == {first: "refused", second: "refused"}


async def test_an_offer_that_nobody_answers_expires_on_the_second_and_goes_to_the_next(room: ControlRoom) -> None:
    _, second = [await room.add_technician(number) for number in ("T1", "T2")]
    await room.hear(cleared())
    [offer] = await room.said(TechnicianOffered)
    await room.move_to(offer.expires_at)
    [declined] = await room.said(OfferDeclined)
    assert declined.reason == "expired"
    assert 0 <= (declined.declined_at - offer.expires_at).total_seconds() < 2
    assert (await room.said(TechnicianOffered))[1].technician_id == second


async def test_an_answer_after_the_end_is_refused_and_changes_nothing(room: ControlRoom) -> None:
    await room.add_technician("T1")
    await room.hear(cleared())
    offer = await room.pending_offer("T1")
    await room.accept("T1")
    before = await room.story()
    for answer in ("acceptance", "refusal"):
        late = await room.post(
            f"/v1/offers/{offer['id']}/{answer}", {"reason": "too_far"} if answer == "refusal" else None
        )
        assert late.status_code == 409
        assert late.json()["type"] == "/problems/offer-accepted"
    assert await room.story() == before


async def test_nobody_answers_for_another_technician_but_a_dispatcher(room: ControlRoom) -> None:
    await room.add_technician("T1")
    await room.hear(cleared())
    offer = await room.pending_offer("T1")
    path = f"/v1/offers/{offer['id']}/acceptance"
    assert (await room.post(path, role="technician", subject="T2")).status_code == 403
    assert (await room.post(path, role="agent")).status_code == 403
    answered = await room.post(path, role="dispatcher", subject="D9")
    assert answered.status_code == 200
    assert (answered.json()["answered_by"], answered.json()["answered_as"]) == ("D9", "dispatcher")


@pytest.mark.rule("R242")
async def test_where_nobody_fits_the_order_waits_with_priority_and_is_tried_again(room: ControlRoom) -> None:
    case = cleared(urgency=Urgency.URGENT)
    await room.hear(case)
    [failed] = await room.said(AssignmentFailed)
    waiting = await room.order(case.case_id)
    assert (waiting["state"], waiting["priority"], waiting["possible_steps"]) == (
        "waiting",
        110,
        ["wait", "offer", "cancel"],
    )
    await room.move_to(failed.retry_at)
    assert len(await room.said(AssignmentFailed)) == 2
    assert (await room.order(case.case_id))["priority"] == 120
    retried = await room.post(f"/v1/work-orders/{waiting['id']}/assignment")
    assert (retried.status_code, retried.json()["failures"]) == (200, 3)


@pytest.mark.rule("R242")
async def test_whoever_comes_is_offered_the_most_urgent_order_that_waits(room: ControlRoom) -> None:
    cases = [cleared(number=number, urgency=urgency) for number, urgency in enumerate(Urgency)]
    await room.hear(*cases)
    technician = await room.add_technician("T1")
    await room.settle()
    [offer] = await room.said(TechnicianOffered)
    assert (offer.technician_id, offer.case_id) == (technician, cases[-1].case_id)
    waiting = await room.get("/v1/work-orders?state=waiting&department=engineering")
    assert len(waiting["items"]) == 2


async def test_who_has_answered_one_offer_is_made_the_next_that_waits(room: ControlRoom) -> None:
    await room.add_technician("T1")
    await room.settle()
    first, second = cleared(number=1), cleared(number=2)
    await room.hear(first, second)
    assert (await room.order(second.case_id))["state"] == "waiting"
    await room.accept("T1")
    await room.settle()
    assert [offer.case_id for offer in await room.said(TechnicianOffered)] == [first.case_id, second.case_id]


async def test_a_technician_who_has_enough_orders_gets_no_more(room: ControlRoom) -> None:
    technician = await room.add_technician("T1")
    for number in range(4):
        await room.hear(cleared(number=number))
        if number < 3:
            await room.accept("T1")
    [failed] = await room.said(AssignmentFailed)
    assert reasons(failed.passed_over) == {technician: "too_many_orders"}


async def test_looking_for_a_technician_needs_an_order_that_waits(room: ControlRoom) -> None:
    await room.add_technician("T1")
    case = cleared()
    await room.hear(case)
    order = await room.order(case.case_id)
    answer = await room.post(f"/v1/work-orders/{order['id']}/assignment")
    assert answer.status_code == 409
    assert "accept, decline, cancel" in answer.json()["expected"]
    assert (await room.post(f"/v1/work-orders/{uuid4()}/assignment")).status_code == 404


async def test_whoever_is_offered_and_given_an_order_is_named_by_his_staff_number(room: ControlRoom) -> None:
    await room.add_technician("T1")
    await room.hear(cleared())
    await room.accept("T1")
    said = await room.said(TechnicianOffered), await room.said(TechnicianAssigned)
    assert [event.staff_number for events in said for event in events] == ["T1", "T1"]
