"""What is taken to the workshop: a receipt, a repair card, an inspection, and back against the same receipt."""

from datetime import timedelta

import pytest

from shared.contracts.dispatch import (
    ClockBreached,
    ClockWarned,
    HoursPosted,
    ItemReturned,
    ItemTakenIn,
    WorkOrderCompleted,
    WorkOrderSignedOff,
    WorkOrderStarted,
)
from shared.contracts.facts import PartNeed
from support.case_events import START, cancelled
from support.control_room import ControlRoom
from support.on_site import REPAIRED, SIGN_OFF, SIGNED, TAKE_IN, Job, Json, agreed_job, item_step

SEALED = {"fitted": [{"part_code": "SEAL", "quantity": 2}]}
PASSED, FAILED = {"result": "passed"}, {"result": "failed"}


async def taken_in(room: ControlRoom, **more: object) -> tuple[Job, Json]:
    """T1 took something to the workshop."""
    job = await agreed_job(room)
    await job.go("arrival")
    return job, (await job.step("take-in", TAKE_IN | more))["item"]


@pytest.mark.rule("R303")
@pytest.mark.rule("R309")
async def test_nothing_is_taken_in_without_a_signed_hand_over_and_a_promise(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival")
    for missing in ("signer", "signature", "description"):
        form = {name: value for name, value in TAKE_IN.items() if name != missing}
        assert (await job.ask("take-in", form)).status_code == 422, missing
    assert (await job.ask("take-in", TAKE_IN | {"promised_at": START.isoformat()})).status_code == 422
    promised = START + timedelta(days=2)
    taken = await job.step("take-in", TAKE_IN | {"promised_at": promised.isoformat()})
    [event] = await room.said(ItemTakenIn)
    assert (event.receipt_number, event.promised_at) == (taken["item"]["receipt_number"], promised)
    assert (await job.order())["state"] == "in_workshop"
    assert (await room.get("/v1/items?technician=T1&state=taken_in"))["items"][0]["id"] == str(event.item_id)


@pytest.mark.rule("R314")
@pytest.mark.parametrize("way", [("arrival",), ("arrival", "return"), ("arrival", "start"), ("preparation", "arrival")])
async def test_parts_may_be_drawn_for_whatever_was_taken_in(room: ControlRoom, way: tuple[str, ...]) -> None:
    job = await agreed_job(room)
    await job.go(*way)
    await job.step("take-in", TAKE_IN)
    [started] = await room.said(WorkOrderStarted)
    order = await job.order()
    assert (order["state"], order["started_at"] is not None) == ("in_workshop", True)
    assert (started.staff_number, str(started.visit_id)) == ("T1", (await job.visit())["id"])


@pytest.mark.rule("R304")
@pytest.mark.rule("R305")
@pytest.mark.rule("R307")
@pytest.mark.rule("R337")
async def test_the_way_through_the_workshop_ends_the_order(room: ControlRoom) -> None:
    job, item = await taken_in(room)
    assert (await item_step(room, item, "registration")).json()["registered_by"] == "T1"
    refused = await item_step(room, item, "repair", REPAIRED | SEALED)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/parts-not-issued")
    await job.draw(PartNeed(part_code="SEAL", quantity=2))
    repaired = (await item_step(room, item, "repair", REPAIRED | SEALED)).json()
    assert (repaired["work_minutes"], repaired["fitted"]) == (90, SEALED["fitted"])
    assert (await item_step(room, item, "inspection", PASSED, by="workshop_manager")).status_code == 200
    back = SIGN_OFF | {"receipt_number": item["receipt_number"]}
    wrong = await item_step(room, item, "return", back | {"receipt_number": "L1-1"})
    assert (wrong.status_code, wrong.json()["type"]) == (422, "/problems/wrong-receipt")
    returned = (await item_step(room, item, "return", back)).json()
    assert (returned["state"], returned["receipt_voided_at"]) == ("returned", returned["returned_at"])
    [completed] = await room.said(WorkOrderCompleted)
    assert (completed.resolution, completed.fitted[0].part_code) == ("repaired_in_workshop", "SEAL")
    assert [event.opinion for event in await room.said(WorkOrderSignedOff)] == ["satisfied"]
    assert [str(event.item_id) for event in await room.said(ItemReturned)] == [item["id"]]
    assert [hours.work_minutes for hours in await room.said(HoursPosted)] == [0, 90]
    assert (await job.order())["state"] == "signed_off"
    again = await item_step(room, item, "return", back)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/item-returned")


@pytest.mark.rule("R306")
async def test_nothing_goes_back_before_somebody_else_inspected_it(room: ControlRoom) -> None:
    job, item = await taken_in(room)
    await job.draw(PartNeed(part_code="SEAL", quantity=4))
    back = SIGN_OFF | {"receipt_number": item["receipt_number"]}
    steps = {"registration": None, "repair": REPAIRED | SEALED, "inspection": PASSED, "return": back}

    async def refused(*names: str) -> None:
        for name in names:
            by = "workshop_manager" if name == "inspection" else "technician"
            assert (await item_step(room, item, name, steps[name], by=by)).status_code == 409, name

    await refused("inspection", "return")
    assert (await item_step(room, item, "repair", REPAIRED | SEALED)).status_code == 200
    await refused("registration", "repair", "return")
    for by in ("technician", "dispatcher"):
        assert (await item_step(room, item, "inspection", PASSED, by=by)).status_code == 403
    assert (await item_step(room, item, "inspection", FAILED, by="cs_supervisor")).status_code == 200
    await refused("registration", "inspection", "return")
    repaired = await item_step(room, item, "repair", REPAIRED | SEALED | {"work_minutes": 10})
    assert (repaired.json()["work_minutes"], repaired.json()["fitted"][0]["quantity"]) == (100, 4)
    assert (await item_step(room, item, "inspection", PASSED, by="cs_supervisor")).status_code == 200
    await refused("registration", "repair", "inspection")


async def test_only_whoever_took_it_in_or_the_office_works_on_it(room: ControlRoom) -> None:
    _, item = await taken_in(room)
    for step, body in (("registration", None), ("repair", REPAIRED)):
        answer = await room.post(f"/v1/items/{item['id']}/{step}", body, role="technician", subject="T2")
        assert answer.status_code == 403, step
    stale = await room.post(f"/v1/items/{item['id']}/registration", role="workshop_manager", version=9)
    assert stale.status_code == 412


async def test_a_cancelled_order_gives_the_item_back_as_it_is(room: ControlRoom) -> None:
    job, item = await taken_in(room)
    await room.hear(cancelled(job.case, at=await room.now()))
    assert (await room.get(f"/v1/items/{item['id']}"))["possible_steps"] == ["hand_back"]
    back = SIGN_OFF | {"receipt_number": item["receipt_number"]}
    assert (await item_step(room, item, "return", back)).status_code == 200
    assert (await job.order())["state"] == "cancelled"
    assert len(await room.said(ItemReturned)) == 1
    assert await room.said(WorkOrderSignedOff) == []


@pytest.mark.rule("R225")
@pytest.mark.parametrize(("units", "day"), [(1, 6), (10, 6), (11, 7), (31, 9)])
async def test_up_to_ten_things_are_promised_for_the_next_working_day_and_so_on(
    room: ControlRoom, units: int, day: int
) -> None:
    _, item = await taken_in(room, units=units)
    assert item["promised_at"] == f"2040-03-{day:02}T09:30:00Z"  # work ends at 17:30 in Shanghai


async def test_a_late_item_is_warned_of_and_listed(room: ControlRoom) -> None:
    promised = START + timedelta(hours=6)
    job, item = await taken_in(room, promised_at=promised.isoformat())
    await room.move_to(promised)
    warned = [event for event in await room.said(ClockWarned) if event.clock.clock == "promised"]
    assert [(event.mark, event.work_order_id) for event in warned] == [("2h before", warned[0].work_order_id)]
    [breached] = [event for event in await room.said(ClockBreached) if event.clock.clock == "promised"]
    assert (breached.case_id, breached.clock.due_at) == (job.case.case_id, promised)
    await room.move(minutes=1)
    assert [one["id"] for one in (await room.get("/v1/items?late=true"))["items"]] == [item["id"]]
    assert [one["id"] for one in (await room.get("/v1/work-orders?overdue=true"))["items"]] == [item["work_order_id"]]


async def test_an_item_that_is_back_in_time_breaks_no_promise(room: ControlRoom) -> None:
    _, item = await taken_in(room)
    await item_step(room, item, "repair", REPAIRED)
    await item_step(room, item, "inspection", PASSED, by="workshop_manager")
    await item_step(room, item, "return", SIGNED | {"opinion": "satisfied", "receipt_number": item["receipt_number"]})
    await room.move(days=5)
    assert [event.clock.clock for event in await room.said(ClockBreached)] == []
