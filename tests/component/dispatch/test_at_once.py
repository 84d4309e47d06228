"""What happens at the same time: no turn is given twice, no window twice, no offer answered twice."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.contracts.dispatch import (
    TechnicianAssigned,
    TechnicianOffered,
    VisitScheduled,
    WorkOrderCancelled,
    WorkOrderOpened,
)
from support.case_events import START, cancelled, cleared
from support.control_room import ControlRoom
from support.waiting import eventually


@pytest.mark.rule("R234")
async def test_orders_that_come_at_once_never_take_the_same_turn(room: ControlRoom) -> None:
    team = [await room.add_technician(f"T{number}") for number in range(8)]
    await asyncio.gather(*(room.hear(cleared(number=number)) for number in range(8)))
    offered = await room.said(TechnicianOffered)
    assert sorted(offer.technician_id for offer in offered) == sorted(team)
    looks = await room.rows("SELECT technician_id FROM rota_log ORDER BY decided_at, id")
    assert len(looks) == 8
    rota = await room.get("/v1/rotas/engineering")
    assert rota["last_turn"] == str(team[-1])


async def test_the_same_case_heard_by_several_at_once_opens_one_order(room: ControlRoom) -> None:
    await room.add_technician("T1")
    case = cleared()
    await asyncio.gather(*(room.hear(case) for _ in range(6)))
    assert len(await room.said(WorkOrderOpened)) == 1
    assert len(await room.said(TechnicianOffered)) == 1


async def test_a_case_cancelled_by_several_at_once_is_called_off_once(room: ControlRoom) -> None:
    case = cleared()
    await room.hear(case)

    async def all_wait() -> bool:
        return len(await room.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")) >= 3

    async with room.database.sessions() as session, session.begin():
        await session.execute(text("SELECT 1 FROM work_order FOR UPDATE"))
        hearing = [asyncio.create_task(room.hear(cancelled(case))) for _ in range(3)]
        await eventually(all_wait)
    await asyncio.gather(*hearing)
    assert len(await room.said(WorkOrderCancelled)) == 1


async def test_an_offer_accepted_refused_and_called_off_at_once_ends_one_way(room: ControlRoom) -> None:
    await room.add_technician("T1")
    case = cleared()
    await room.hear(case)
    offer = await room.pending_offer("T1")
    path = f"/v1/offers/{offer['id']}"
    accepted, refused, _ = await asyncio.gather(
        room.post(f"{path}/acceptance"),
        room.post(f"{path}/refusal", {"reason": "too_far"}),
        room.hear(cancelled(case)),
    )
    assert sorted((accepted.status_code, refused.status_code)) in ([200, 409], [409, 409])
    await room.settle()
    assert (await room.order(case.case_id))["state"] == "cancelled"
    assert await room.rows("SELECT 1 FROM offer WHERE state = 'pending'") == []
    assert len(await room.said(TechnicianAssigned)) == (accepted.status_code == 200)


async def test_a_technician_is_never_promised_to_two_customers_at_once(room: ControlRoom) -> None:
    await room.add_technician("T1")
    cases = [cleared(number=number) for number in range(3)]
    for case in cases:
        await room.hear(case)
        await room.accept("T1")
    starts_at = START + timedelta(hours=2)
    answers = await asyncio.gather(*(room.agree(case.case_id, starts_at=starts_at) for case in cases))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert len(await room.said(VisitScheduled)) == 1
