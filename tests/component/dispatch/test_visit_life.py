"""A visit from packing the van to the customer's signature, and every step out of turn."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from dispatch.domain.visits import VisitState, possible_steps
from shared.contracts.dispatch import (
    HoursPosted,
    PartsRequested,
    TechnicianArrived,
    TechnicianDeparted,
    TechnicianOffered,
    VisitUnfinished,
    VisitWithdrawn,
    WorkOrderCompleted,
    WorkOrderSignedOff,
    WorkOrderStarted,
)
from shared.contracts.parts import StoreWorkRecorded
from support.case_events import START, cancelled, cleared
from support.control_room import ControlRoom
from support.on_site import DONE, LATER, NOT_DONE, SIGN_OFF, SIGNED, TAKE_IN, Job, agreed_job, assigned_job
from support.parts_events import BOARD, parts_desk

WAYS: dict[VisitState, list[str]] = {
    VisitState.AGREED: [],
    VisitState.PREPARED: ["preparation"],
    VisitState.DEPARTED: ["preparation", "departure"],
    VisitState.ARRIVED: ["preparation", "departure", "arrival"],
    VisitState.STARTED: ["arrival", "start"],
    VisitState.COMPLETED: ["arrival", "start", "completion"],
    VisitState.UNFINISHED: ["arrival", "unfinished"],
    VisitState.TAKEN_IN: ["arrival", "take-in"],
    VisitState.BACK: ["arrival", "return"],
    VisitState.RETURNED: ["arrival", "start", "completion", "return"],
}
BODIES = {"completion": DONE, "unfinished": NOT_DONE, "take-in": TAKE_IN}
REPLACED = {"resolution": "part_replaced", "fitted": [{"part_code": "PCB", "quantity": 1}]}
STEPS = {
    "prepare": "preparation",
    "depart": "departure",
    "arrive": "arrival",
    "start": "start",
    "complete": "completion",
    "leave_unfinished": "unfinished",
    "take_in": "take-in",
    "return": "return",
}


@pytest.mark.parametrize("state", WAYS)
async def test_every_step_out_of_turn_is_refused_and_changes_nothing(room: ControlRoom, state: VisitState) -> None:
    job = await agreed_job(room)
    for step in WAYS[state]:
        await job.step(step, BODIES.get(step))
    before = await job.visit()
    assert (before["state"], before["possible_steps"]) == (state, [str(step) for step in possible_steps(state)])
    for name, path in STEPS.items():
        if name not in before["possible_steps"]:
            refused = await job.ask(path, BODIES.get(path))
            assert (refused.status_code, refused.json()["type"]) == (
                409,
                f"/problems/visit-{state.replace('_', '-')}",
            ), path
    assert await job.visit() == before


@pytest.mark.rule("R239")
async def test_nobody_goes_out_for_an_order_that_was_called_off(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("preparation")
    await room.hear(cancelled(job.case, at=await room.now()))
    for step in ("departure", "arrival"):
        refused = await job.ask(step)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/visit-released"), step
    assert await room.said(TechnicianDeparted) == []


@pytest.mark.parametrize(
    ("steps", "told"),
    [((), ["cancelled"]), (("preparation", "departure"), ["cancelled"]), (("arrival",), [])],
    ids=["agreed", "on the way", "there"],
)
async def test_who_expects_a_visit_hears_that_it_was_called_off(
    room: ControlRoom, steps: tuple[str, ...], told: list[str]
) -> None:
    job = await agreed_job(room)
    await job.go(*steps)
    case_off = cancelled(job.case, at=await room.now())
    await room.hear(case_off, case_off)
    assert [event.reason for event in await room.said(VisitWithdrawn)] == told
    assert (await job.visit())["release_reason"] == "cancelled"


@pytest.mark.rule("R257")
@pytest.mark.rule("R258")
@pytest.mark.rule("R262")
@pytest.mark.rule("R263")
async def test_the_way_from_packing_to_the_signature(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.draw(*BOARD)
    await job.go("preparation", "departure")
    await room.move_to(LATER)
    await job.go("arrival", "start")
    await job.step("completion", DONE | REPLACED | {"checks": ["site_cleaned", "polite"]})
    assert (await job.on_order("sign-off", SIGN_OFF)).status_code == 200
    told = ["work_order_started", "technician_departed", "technician_arrived", "work_order_completed", "hours_posted"]
    assert [name for name in await room.story() if name in {*told, "work_order_signed_off"}] == [
        *told,
        "work_order_signed_off",
    ]
    [completed] = await room.said(WorkOrderCompleted)
    assert (completed.resolution, completed.fitted[0].part_code) == ("part_replaced", "PCB")
    [hours] = await room.said(HoursPosted)
    assert (hours.work_minutes, hours.travel_minutes, str(hours.expenses)) == (45, 30, "17.50")
    [signed] = await room.said(WorkOrderSignedOff)
    assert (signed.opinion, signed.customer_id) == ("satisfied", job.case.customer_id)
    order = await job.order()
    assert (order["state"], order["opinion"], order["resolution"]) == ("signed_off", "satisfied", "part_replaced")
    assert order["hours"][0]["expenses"][1] == {"kind": "parking", "amount": "5.50", "voucher": "P-77"}
    assert (await job.visit())["checks"] == ["site_cleaned", "polite"]
    [sheet] = await room.get("/v1/hours?day=2040-03-05")
    assert (sheet["staff_number"], sheet["work_minutes"], sheet["cost"]) == ("T1", 45, "17.50")
    assert sheet["administration_minutes"] == 0
    assert await room.get("/v1/hours?day=2040-03-06") == []


@pytest.mark.rule("R335")
async def test_time_in_the_store_stands_on_the_time_sheet_of_whoever_is_a_technician(room: ControlRoom) -> None:
    day, others = date(2040, 3, 5), {"activity": "tool_upkeep", "recorded_at": START}
    spent = [
        StoreWorkRecorded(store_work_id=uuid4(), staff_number=who, day=when, minutes=minutes, **others)
        for who, when, minutes in (("T1", day, 30), ("T1", day, 15), ("T1", date(2040, 3, 6), 60), ("S1", day, 480))
    ]
    await room.hear(*spent)
    assert await room.get("/v1/hours?day=2040-03-05") == []
    await room.add_technician("T1")
    await room.hear(*reversed(spent))
    [sheet] = await room.get("/v1/hours?day=2040-03-05")
    assert (sheet["staff_number"], sheet["administration_minutes"], sheet["work_minutes"]) == ("T1", 45, 0)


@pytest.mark.rule("R314")
async def test_packing_starts_the_order_once_and_beginning_does_where_nobody_packed(room: ControlRoom) -> None:
    job = await agreed_job(room)
    assert (await job.order())["started_at"] is None
    await job.go("preparation")
    [started] = await room.said(WorkOrderStarted)
    assert (started.staff_number, str(started.visit_id)) == ("T1", (await job.visit())["id"])
    await job.go("departure", "arrival", "start")
    assert len(await room.said(WorkOrderStarted)) == 1
    await room.add_technician("T2")
    second = Job(room=room, case=cleared(number=2), technician="T2")
    await room.hear(second.case)
    await room.accept("T2")
    await second.agree()
    await second.go("arrival", "start")
    assert len(await room.said(WorkOrderStarted)) == 2


@pytest.mark.rule("R280")
@pytest.mark.rule("R259")
async def test_what_is_not_tried_or_not_warned_of_is_not_completed(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival", "start")
    tomorrow = (START + timedelta(days=1)).isoformat()
    for wrong in ({"test_run": "failed"}, {"usable_from": tomorrow}, {"resolution": "magic"}, {"checks": ["magic"]}):
        assert (await job.ask("completion", DONE | wrong)).status_code == 422, wrong
    assert (await job.visit())["state"] == "started"
    assert await room.said(WorkOrderCompleted) == []
    warned = await job.step("completion", DONE | {"usable_from": tomorrow, "warning": "tag"})
    assert warned["warning"] == "tag"


@pytest.mark.rule("R313")
async def test_nothing_is_fitted_that_the_store_has_not_issued_for_the_order(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival", "start")
    refused = await job.ask("completion", DONE | REPLACED)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/parts-not-issued")
    assert "PCB: 1 fitted, 0 issued" in refused.json()["detail"]
    assert await room.said(WorkOrderCompleted) == []
    await job.draw(*BOARD)
    two = {"fitted": [{"part_code": "PCB", "quantity": 1}, {"part_code": "PCB", "quantity": 1}]}
    assert (await job.ask("completion", DONE | REPLACED | two)).status_code == 409
    await job.step("completion", DONE | REPLACED)
    assert (await job.order())["fitted"] == REPLACED["fitted"]


@pytest.mark.rule("R316")
async def test_what_was_brought_back_to_the_store_is_not_fitted(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival", "start")
    await job.draw(*BOARD, *BOARD)
    back = parts_desk((await room.said(PartsRequested))[-1]).returned(START)
    await room.hear(back, back)
    two = {"fitted": [{"part_code": "PCB", "quantity": 2}]}
    refused = await job.ask("completion", DONE | REPLACED | two)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/parts-not-issued")
    assert "PCB: 2 fitted, 1 issued" in refused.json()["detail"]
    await job.step("completion", DONE | REPLACED)


async def test_more_pieces_than_anybody_can_mean_are_refused_wherever_people_name_them(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival", "start")
    many = [{"part_code": "PCB", "quantity": 6_000}] * 2
    for answer in (
        await job.ask("completion", DONE | {"fitted": many}),
        await job.ask("unfinished", NOT_DONE | {"parts": many}),
        await job.on_order("parts-requests", {"lines": many}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/too-many-pieces")


@pytest.mark.rule("R241")
@pytest.mark.rule("R242")
@pytest.mark.rule("R261")
async def test_an_unfinished_visit_is_explained_and_scheduled_again_with_priority(room: ControlRoom) -> None:
    job = await agreed_job(room)
    before = (await job.order())["priority"]
    await job.go("preparation", "departure", "arrival", "start")
    for missing in ("reason", "explanation"):
        report = {name: value for name, value in NOT_DONE.items() if name != missing}
        assert (await job.ask("unfinished", report)).status_code == 422, missing
    assert (await job.ask("unfinished", NOT_DONE | {"reason": "mood"})).status_code == 422
    await job.step("unfinished", NOT_DONE)
    [unfinished] = await room.said(VisitUnfinished)
    assert unfinished.reason == "parts_missing"
    order = await job.order()
    assert (order["state"], order["priority"]) == ("assigned", before + 50)
    assert order["technician_id"] == str(unfinished.technician_id)
    again = await job.agree(LATER + timedelta(days=1))
    await job.go("departure", "arrival", "start")
    await job.step("completion", DONE)
    assert (await job.order())["state"] == "completed"
    assert again["id"] != str(unfinished.visit_id)
    assert [hours.work_minutes for hours in await room.said(HoursPosted)] == [20, 45]


@pytest.mark.rule("R260")
@pytest.mark.rule("R270")
async def test_nobody_signs_before_the_repair_is_done_nor_twice_nor_without_an_opinion(room: ControlRoom) -> None:
    job = await agreed_job(room)
    early = await job.on_order("sign-off", SIGN_OFF)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/work-order-scheduled")
    await job.go("arrival", "start")
    await job.step("completion", DONE)
    assert (await job.on_order("sign-off", SIGNED)).status_code == 422
    assert (await job.on_order("sign-off", SIGN_OFF | {"opinion": "mixed"})).status_code == 422
    assert (await job.on_order("sign-off", SIGN_OFF | {"signature": "x" * 100_001})).status_code == 422
    assert (await job.on_order("sign-off", SIGN_OFF)).status_code == 200
    again = await job.on_order("sign-off", SIGN_OFF | {"opinion": "dissatisfied"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/work-order-signed-off")
    assert [event.opinion for event in await room.said(WorkOrderSignedOff)] == ["satisfied"]


async def test_only_the_technician_himself_or_the_office_acts_on_a_visit(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await room.add_technician("T2")
    for path in STEPS.values():
        refused = await job.ask(path, BODIES.get(path), subject="T2")
        assert refused.status_code == 403, path
    order = await job.order()
    for what, body in (("sign-off", SIGN_OFF), ("parts-requests", {"lines": REPLACED["fitted"]})):
        answer = await room.post(f"/v1/work-orders/{order['id']}/{what}", body, role="technician", subject="T2")
        assert answer.status_code == 403, what
    assert (await job.ask("preparation", role="dispatcher", subject="D1")).status_code == 200


async def test_a_report_is_made_on_the_version_that_was_seen(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival", "start")
    path = f"/v1/visits/{(await job.visit())['id']}/completion"
    assert (await room.post(path, DONE, version=None)).status_code == 428
    assert (await room.post(path, DONE, version=1)).status_code == 412


@pytest.mark.rule("R235")
async def test_who_has_completed_is_still_out_until_he_is_back_and_may_agree_other_windows(room: ControlRoom) -> None:
    job = await agreed_job(room)
    waiting = Job(room=room, case=cleared(number=2))
    await room.hear(waiting.case)
    await room.accept("T1")
    await job.go("departure", "arrival", "start")
    await job.step("completion", DONE)
    await waiting.agree()  # the same window: the first visit does not occupy it any more
    await room.hear(cleared(number=3))
    assert len(await room.said(TechnicianOffered)) == 2
    await job.go("return")
    await room.settle()
    assert len(await room.said(TechnicianOffered)) == 3


@pytest.mark.rule("R314")
async def test_who_came_back_without_a_word_reports_afterwards(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("departure", "arrival", "return")
    assert (await job.visit())["state"] == "back"
    done = await job.step("completion", DONE)
    assert (done["state"], done["outcome"]) == ("returned", "completed")
    assert (await job.order())["started_at"] is not None
    story = await room.story()
    assert [name for name in story if name in {"work_order_started", "work_order_completed"}] == [
        "work_order_started",
        "work_order_completed",
    ]
    assert len(await room.said(TechnicianDeparted)) == len(await room.said(TechnicianArrived)) == 1


async def test_a_code_that_the_policy_does_not_know_is_refused_with_the_known_ones(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival", "start")
    wrong = await job.ask("completion", DONE | {"expenses": [{"kind": "gifts", "amount": "1.00"}]})
    assert wrong.status_code == 422
    assert "transport" in wrong.json()["expected"]
    assert "part_replaced" in (await room.get("/v1/codes"))["resolutions"]


async def test_my_day_shows_what_is_to_be_packed(room: ControlRoom) -> None:
    job = await assigned_job(room)
    await job.agree()
    day = await room.get("/v1/my-day", role="technician", subject="T1")
    assert "prepare" in day["visits"][0]["possible_steps"]
    await job.go("preparation", "departure")
    assert (await room.get("/v1/my-day", role="technician", subject="T1"))["visits"][0]["state"] == "departed"


def with_visits(room: ControlRoom, **differently: str) -> None:
    """From now on the policy says something else about visits."""
    desk = room.service.api.state.desk
    visits = desk.policy.visits.model_copy(update=differently)
    room.service.api.state.desk = replace(desk, policy=desk.policy.model_copy(update={"visits": visits}))


@pytest.mark.rule("R314")
async def test_a_policy_may_have_orders_start_with_the_repair_itself(room: ControlRoom) -> None:
    with_visits(room, starts_with="start")
    job = await agreed_job(room)
    await job.go("preparation", "departure", "arrival")
    assert await room.said(WorkOrderStarted) == []
    await job.go("start")
    assert len(await room.said(WorkOrderStarted)) == 1


@pytest.mark.rule("R242")
async def test_a_policy_may_give_what_is_unfinished_to_whoever_is_next(room: ControlRoom) -> None:
    with_visits(room, carry_over="rotation")
    job = await agreed_job(room)
    other = await room.add_technician("T2")
    await job.go("departure", "arrival")
    await job.step("unfinished", NOT_DONE)
    order = await job.order()
    assert (order["state"], order["technician_id"]) == ("waiting", None)
    await room.settle()
    [*_, offer] = await room.said(TechnicianOffered)
    assert offer.technician_id == other
    await room.accept("T2")
    assert (await job.order())["technician_id"] == str(other)
