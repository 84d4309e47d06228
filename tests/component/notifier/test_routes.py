"""What is told to whom under the profile `standard`."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from notifier.tables import METADATA
from shared.contracts.envelope import Event
from shared.contracts.facts import Urgency
from shared.contracts.notifier import MessageFailed
from shared.contracts.parts import ActionItemUrged, SupplierCaseRaised
from support.case_events import START
from support.post_room import PostRoom, address
from support.told_events import (
    CASE,
    CUSTOMER,
    NUMBER,
    approval,
    assigned,
    breached,
    contacted,
    erased,
    moved,
    offered,
    opened,
    reopened,
    scheduled,
    surveyed,
    unassigned,
    warned,
    withdrawn,
)
from testkit.smtp_sink import Behaviour

CUSTOMER_ADDRESS = "wang@customer.example"


async def told(room: PostRoom) -> list[str]:
    """The addresses that were written to, in order of the alphabet."""
    await room.deliver()
    return sorted(mail.to for mail in room.sink.mails)


@pytest.mark.rule("R070")
async def test_supervisors_hear_of_every_repair(room: PostRoom) -> None:
    await room.employ("S1", role="cs_supervisor")
    await room.employ("S2", role="cs_supervisor", language="en")
    await room.employ("S3", role="cs_supervisor", status="left")
    await room.employ("D1", role="aftersales_director")
    await room.hear(opened(at=START))
    assert await told(room) == [address("S1"), address("S2")]
    subjects = {mail.to: mail.subject for mail in room.sink.mails}
    assert subjects == {address("S1"): f"新报修 {NUMBER}", address("S2"): f"Repair {NUMBER} registered"}


@pytest.mark.rule("R002")
async def test_an_emergency_goes_to_the_after_sales_director_too(room: PostRoom) -> None:
    await room.employ("D1", role="aftersales_director")
    await room.hear(opened(at=START, urgency=Urgency.EMERGENCY))
    assert await told(room) == [address("D1")]


@pytest.mark.rule("R029")
async def test_quality_control_hears_of_a_bought_in_part_with_a_problem_and_of_whoever_is_urged(room: PostRoom) -> None:
    await room.employ("Q1", role="quality_control")
    await room.employ("B1", role="buyer")
    about = {"supplier_case_id": uuid4(), "case_id": CASE, "supplier_id": uuid4()}
    await room.hear(opened(at=START), SupplierCaseRaised(**about, part_code="PCB-77", raised_at=START))
    assert await told(room) == [address("Q1")]
    for role, department in (("buyer", "purchasing"), ("quality_control", "design")):
        item = {"action_item_id": uuid4(), "department": department, "role": role, "task": "ship"}
        await room.hear(ActionItemUrged(**item, about_case_id=CASE, due_at=START, urged_at=START))
    assert await told(room) == [address("B1"), *[address("Q1")] * 3], "once where it is urged itself"


async def test_a_route_with_a_condition_is_only_for_what_meets_it(room: PostRoom) -> None:
    await room.employ("S1", role="cs_supervisor")
    await room.hear(warned(at=START, clock="another"), breached(at=START, clock="another"))
    assert await told(room) == []


async def test_whoever_has_to_approve_is_told_by_the_role_that_the_event_names(room: PostRoom) -> None:
    await room.employ("V1", role="marketing_vp")
    await room.employ("G1", role="general_manager")
    await room.hear(approval(at=START, role="general_manager"))
    assert await told(room) == [address("G1")]


async def test_what_is_tried_again_and_again_is_told_once_per_order(room: PostRoom) -> None:
    await room.employ("S1", role="cs_supervisor")
    await room.employ("D1", role="dispatcher")
    first, second = uuid4(), uuid4()
    await room.hear(*(unassigned(at=START, work_order_id=order) for order in (first, first, second, first)))
    assert await told(room) == [address("D1")] * 2 + [address("S1")] * 2


async def test_after_an_assignment_it_is_told_again_that_nobody_fits(room: PostRoom) -> None:
    await room.employ("D1", role="dispatcher")
    order = uuid4()
    for minutes, event in enumerate(
        (
            unassigned(at=START, work_order_id=order),
            assigned(at=START, work_order_id=order),
            unassigned(at=START, work_order_id=order),
            unassigned(at=START, work_order_id=order),
        )
    ):
        await room.hear(event, at=START + timedelta(minutes=minutes))
        await room.deliver()
    assert len(room.sink.mails) == 2


async def test_a_failure_that_is_heard_before_the_assignment_it_follows_is_told_after_all(room: PostRoom) -> None:
    await room.employ("D1", role="dispatcher")
    order = uuid4()
    failure = unassigned(at=START, work_order_id=order)
    for minutes, event in ((0, failure), (2, failure), (1, assigned(at=START, work_order_id=order))):
        await room.hear(event, at=START + timedelta(minutes=minutes))
        await room.deliver()
    assert len(room.sink.mails) == 2
    kept = await room.rows("SELECT facts FROM told_once")
    assert [row["facts"] for row in kept] == [None, None]


@pytest.mark.parametrize(
    ("reason", "says", "never_says"), [("parts", "另约时间", "不再上门"), ("cancelled", "不再上门", "另约时间")]
)
async def test_a_customer_reads_whether_another_time_is_agreed(
    room: PostRoom, reason: str, says: str, never_says: str
) -> None:
    room.intake.emails[CUSTOMER] = CUSTOMER_ADDRESS
    await room.hear(opened(at=START), withdrawn(at=START, reason=reason))
    await room.deliver()
    [mail] = room.sink.to(CUSTOMER_ADDRESS)
    assert says in mail.text
    assert never_says not in mail.text


async def test_a_case_that_is_open_again_is_told_to_the_supervisor(room: PostRoom) -> None:
    await room.employ("S1", role="cs_supervisor")
    await room.hear(reopened(at=START))
    assert await told(room) == [address("S1")]
    assert NUMBER in room.sink.mails[0].subject


async def test_an_older_mail_does_not_come_after_a_newer_one_about_the_same_visit(room: PostRoom) -> None:
    room.intake.emails[CUSTOMER] = CUSTOMER_ADDRESS
    await room.hear(opened(at=START))
    room.sink.behave(Behaviour.REFUSE_FOR_NOW)
    visit = scheduled(at=START)
    await room.hear(visit, at=START)
    await room.hear(scheduled(at=START), at=START)
    await room.deliver()
    await room.hear(moved(visit, at=START), at=START + timedelta(seconds=30))
    room.sink.behave(Behaviour.TAKE)
    await room.move(minutes=2)
    states = sorted((one["about"], one["state"]) for one in await room.messages() if one["customer_id"])
    assert states == [
        ("dispatch.visit_rescheduled.v1", "delivered"),
        ("dispatch.visit_scheduled.v1", "delivered"),
        ("dispatch.visit_scheduled.v1", "withdrawn"),
    ]


async def test_a_warning_is_not_sent_once_the_customer_was_contacted(room: PostRoom) -> None:
    await room.employ("S1", role="cs_supervisor")
    await room.hear(contacted(at=START), at=START + timedelta(minutes=1))
    await room.hear(warned(at=START), at=START)
    assert await told(room) == []
    assert [one["state"] for one in await room.messages()] == ["withdrawn"]


async def test_a_technician_is_told_of_his_offer_by_staff_number(room: PostRoom) -> None:
    await room.employ("T1", role="technician")
    await room.employ("T2", role="technician")
    await room.hear(offered(at=START, staff_number="T2"))
    assert await told(room) == [address("T2")]


async def test_somebody_who_is_not_in_the_directory_gets_a_message_that_failed(room: PostRoom) -> None:
    await room.employ("T1", role="technician", status="left")
    await room.hear(*(offered(at=START, staff_number=number) for number in ("T1", "T9", None)))
    await room.deliver()
    failed = {(one.staff_number, one.reason) for one in await room.said(MessageFailed)}
    assert failed == {("T1", "unknown_staff"), ("T9", "unknown_staff"), (None, "nobody_in_role")}


async def test_a_message_waits_until_it_is_known_whose_case_it_is(room: PostRoom) -> None:
    room.intake.emails[CUSTOMER] = CUSTOMER_ADDRESS
    await room.hear(scheduled(at=START))
    assert await told(room) == []
    await room.hear(opened(at=START))
    assert await told(room) == [CUSTOMER_ADDRESS]
    assert NUMBER in room.sink.mails[0].text


async def test_a_message_of_whose_case_nobody_ever_heard_is_given_up(room: PostRoom) -> None:
    await room.hear(scheduled(at=START))
    await room.move(days=1, minutes=1)
    assert [one.reason for one in await room.said(MessageFailed)] == ["unknown_customer"]


@pytest.mark.parametrize("first", ["the message", "the erasure"])
async def test_nobody_writes_to_a_customer_who_was_erased(room: PostRoom, first: str) -> None:
    room.intake.emails[CUSTOMER] = CUSTOMER_ADDRESS
    events: list[Event] = [surveyed(at=START), erased(at=START)]
    await room.hear(*(events if first == "the message" else reversed(events)))
    assert await told(room) == []
    assert [one.reason for one in await room.said(MessageFailed)] == ["unknown_customer"]
    assert [row["facts"] for row in await room.rows("SELECT facts FROM message")] == [None]


STATE = {
    "message": "SELECT about, state, staff_number, customer_id, reason FROM message ORDER BY about, staff_number",
    "escalation": "SELECT state, level, end_reason FROM escalation",
    "known_case": "SELECT * FROM known_case",
    "deadline": "SELECT kind FROM deadline",
}


async def test_every_order_of_events_ends_in_the_same_state(room: PostRoom) -> None:
    await room.employ("S1", role="cs_supervisor")
    story = {
        opened(at=START): START,
        breached(at=START): START + timedelta(minutes=30),
        contacted(at=START): START + timedelta(minutes=40),
        scheduled(at=START): START + timedelta(minutes=50),
    }
    seen = []
    for order in permutations(story):
        for event in order:
            await room.hear(event, at=story[event])
        seen.append({name: [dict(row) for row in await room.rows(query)] for name, query in STATE.items()})
        async with room.database.sessions() as session, session.begin():
            for name in ("message_attempt", "message", "escalation", "happening", "known_case", "deadline"):
                await session.execute(METADATA.tables[name].delete())
    assert [row["state"] for row in seen[0]["escalation"]] == ["withdrawn"]
    assert all(state == seen[0] for state in seen)
