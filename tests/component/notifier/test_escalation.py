"""A broken promise climbs the ladder until somebody answers, and then nothing more is sent."""

import asyncio
from datetime import datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from sqlalchemy import text

from notifier.tables import METADATA
from notifier.use_cases.claim_messages import Addressee
from shared.contracts.envelope import Event
from shared.contracts.intake import CaseContacted
from shared.contracts.notifier import (
    EscalationAcknowledged,
    EscalationExhausted,
    EscalationRaised,
    EscalationWithdrawn,
    MessageFailed,
)
from support.case_events import START
from support.post_room import PostRoom, address
from support.told_events import (
    CASE,
    NUMBER,
    arrived,
    breached,
    called_off,
    closed,
    contacted,
    dissatisfied,
    late,
    reopened,
    resolved,
    returned,
)
from testkit.smtp_sink import Behaviour

LEVELS = ("cs_supervisor", "aftersales_director", "general_manager")


@pytest.fixture
async def climbing(room: PostRoom) -> PostRoom:
    """A response clock was broken a moment ago; the supervisor has his mail."""
    await room.employ_everybody()
    await room.hear(breached(at=START))
    await room.settle()
    return room


@pytest.mark.rule("R430")
async def test_each_level_is_told_when_the_one_before_did_not_answer(climbing: PostRoom) -> None:
    assert [mail.to for mail in climbing.sink.mails] == [address("S1")]
    await climbing.move(minutes=29)
    assert len(climbing.sink.mails) == 1
    await climbing.move(minutes=2)
    assert [mail.to for mail in climbing.sink.mails] == [address("S1"), address("S2")]
    await climbing.move(hours=1)
    assert [mail.to for mail in climbing.sink.mails] == [address("S1"), address("S2"), address("S3")]
    raised = await climbing.said(EscalationRaised)
    assert [(one.level, one.role) for one in raised] == list(enumerate(LEVELS, 1))
    assert {one.case_id for one in raised} == {CASE}


async def test_after_the_last_level_the_escalation_is_exhausted(climbing: PostRoom) -> None:
    await climbing.move(days=3)
    assert (await climbing.escalation())["state"] == "exhausted"
    [exhausted] = await climbing.said(EscalationExhausted)
    assert exhausted.level == 3
    assert len(climbing.sink.mails) == 3


async def test_levels_answer_in_the_time_of_their_calendar(room: PostRoom) -> None:
    await room.employ_everybody()
    evening = datetime.combine(START.date(), START.time(), START.tzinfo) + timedelta(hours=9)
    await room.move_to(evening)
    await room.hear(breached(at=evening))
    await room.settle()
    answer_by = datetime.fromisoformat((await room.escalation())["answer_by"])
    assert answer_by > evening + timedelta(hours=12)
    await room.move_to(answer_by - timedelta(minutes=1))
    assert len(room.sink.mails) == 1


@pytest.mark.rule("R429")
async def test_whoever_acknowledges_by_the_link_ends_it(climbing: PostRoom) -> None:
    await climbing.move(minutes=31)
    link = await climbing.link_of("S2")
    async with climbing.stranger() as client:
        answer = await client.post(link)
    assert answer.status_code == 200
    assert "Ms Li" in answer.text
    escalation = await climbing.escalation()
    assert escalation["state"] == "acknowledged"
    assert (escalation["acknowledged_by"], escalation["acknowledged_via"]) == ("S2", "link")
    [said] = await climbing.said(EscalationAcknowledged)
    assert (said.level, said.staff_number, said.via) == (2, "S2", "link")
    await climbing.move(days=3)
    assert len(climbing.sink.mails) == 2
    [entry] = (await climbing.get("/v1/audit?action=escalation_acknowledged", role="auditor"))["items"]
    assert (entry["actor_id"], entry["actor_role"]) == ("S2", "aftersales_director")


async def test_looking_at_the_link_acknowledges_nothing(climbing: PostRoom) -> None:
    link = await climbing.link_of("S1")
    async with climbing.stranger() as client:
        for method in ("GET", "HEAD", "GET"):
            await client.request(method, link)
        page = await client.get(link)
        english = await client.get(link, params={"lang": "en"})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert '<html lang="zh-CN">' in page.text
    assert NUMBER in page.text
    assert page.text.count("<button") == 1
    assert "I take this on" in english.text
    assert (await climbing.escalation())["state"] == "open"
    assert await climbing.said(EscalationAcknowledged) == []


async def test_a_lower_level_may_still_answer_after_the_next_one_was_told(climbing: PostRoom) -> None:
    link = await climbing.link_of("S1")
    await climbing.move(minutes=31)
    async with climbing.stranger() as client:
        await client.post(link)
    [said] = await climbing.said(EscalationAcknowledged)
    assert (said.level, said.staff_number) == (1, "S1")


async def test_two_who_answer_at_once_are_both_told_that_it_is_done_and_it_is_done_once(climbing: PostRoom) -> None:
    await climbing.move(minutes=31)
    links = [await climbing.link_of("S1"), await climbing.link_of("S2")]
    async with climbing.stranger() as client:
        answers = await asyncio.gather(*(client.post(link) for link in links * 3))
        again = await client.get(links[0])
    assert {answer.status_code for answer in answers} == {200}
    assert len(await climbing.said(EscalationAcknowledged)) == 1
    assert again.status_code == 200
    assert "<button" not in again.text


async def test_a_forged_link_is_not_found_and_changes_nothing(climbing: PostRoom) -> None:
    link = await climbing.link_of("S1")
    forged = link[:-4] + ("AAAA" if link[-4:] != "AAAA" else "BBBB")
    async with climbing.stranger() as client:
        for path in (forged, link[:-1], "/acknowledge/x", "/acknowledge/" + "A" * 64, "/acknowledge/%F0%9F%98%80"):
            for answer in (await client.get(path), await client.post(path)):
                assert answer.status_code == 404
                assert answer.headers["content-type"].startswith("text/html")
    assert (await climbing.escalation())["state"] == "open"


async def test_a_link_of_another_member_cannot_be_made_from_ones_own(climbing: PostRoom) -> None:
    await climbing.move(minutes=31)
    mine, his = await climbing.link_of("S1"), await climbing.link_of("S2")
    start = len("/acknowledge/")
    mixed = f"/acknowledge/{his[start : start + 20]}{mine[start + 20 :]}"
    async with climbing.stranger() as client:
        assert (await client.post(mixed)).status_code == 404
    assert (await climbing.escalation())["state"] == "open"


async def test_an_expired_link_says_so(room: PostRoom) -> None:
    await room.employ_everybody()
    await room.hear(dissatisfied(at=START))
    await room.settle()
    link = await room.link_of("S1")
    async with room.database.sessions() as session, session.begin():
        await room.time.advance_to(START + timedelta(days=7, minutes=1), session=session)
    async with room.stranger() as client:
        looked, pressed = await client.get(link), await client.post(link)
    assert (looked.status_code, pressed.status_code) == (410, 410)
    assert "过期" in pressed.text
    assert (await room.escalation())["state"] == "open"


async def test_somebody_who_left_cannot_answer_any_more(climbing: PostRoom) -> None:
    link = await climbing.link_of("S1")
    [member] = (await climbing.get("/v1/staff?search=S1"))["items"]
    record = {"staff_number": "S1", "name": "员工S1", "role": "cs_supervisor", "email": address("S1"), "status": "left"}
    async with climbing.client() as client:
        changed = await client.put(f"/v1/staff/{member['id']}", json=record, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    async with climbing.stranger() as client:
        assert (await client.post(link)).status_code == 404


async def test_by_the_api_those_who_were_told_may_answer_and_strangers_may_not(climbing: PostRoom) -> None:
    await climbing.employ("X1", role="dispatcher")
    path = f"/v1/escalations/{(await climbing.escalation())['id']}/acknowledgement"
    for role, subject in (
        ("dispatcher", "X1"),
        ("aftersales_director", "S2"),
        ("cs_supervisor", "nobody"),
        ("auditor", "S1"),
    ):
        assert (await climbing.post(path, role=role, subject=subject)).status_code == 403, subject
    assert (await climbing.escalation())["state"] == "open"
    answered = await climbing.post(path, role="cs_supervisor", subject="S1")
    assert answered.status_code == 200, answered.text
    assert answered.json()["acknowledged_via"] == "api"
    again = await climbing.post(path, role="cs_supervisor", subject="S1")
    assert again.status_code == 409
    unknown = await climbing.post(f"/v1/escalations/{uuid4()}/acknowledgement", role="cs_supervisor", subject="S1")
    assert unknown.status_code == 404


async def test_a_change_decided_on_an_older_look_is_refused(climbing: PostRoom) -> None:
    escalation = await climbing.escalation()
    await climbing.move(minutes=31)
    async with climbing.client("cs_supervisor", subject="S1") as client:
        path, stale = f"/v1/escalations/{escalation['id']}/acknowledgement", f'"{escalation["version"]}"'
        assert (await client.post(path, headers={"If-Match": stale})).status_code == 412


async def test_it_is_withdrawn_when_what_it_is_about_is_over(climbing: PostRoom) -> None:
    link = await climbing.link_of("S1")
    await climbing.hear(contacted(at=START))
    escalation = await climbing.escalation()
    assert (escalation["state"], escalation["end_reason"]) == ("withdrawn", CaseContacted.TYPE)
    assert len(await climbing.said(EscalationWithdrawn)) == 1
    await climbing.move(days=2)
    assert len(climbing.sink.mails) == 1
    async with climbing.stranger() as client:
        assert (await client.post(link)).status_code == 410


async def test_an_end_that_is_heard_first_ends_it_at_once(room: PostRoom) -> None:
    await room.employ_everybody()
    await room.hear(contacted(at=START), at=START + timedelta(minutes=5))
    await room.hear(breached(at=START), at=START)
    await room.move(days=1)
    assert (await room.escalation())["state"] == "withdrawn"
    assert room.sink.mails == []


async def test_what_ended_before_does_not_end_what_happens_later(room: PostRoom) -> None:
    await room.employ_everybody()
    await room.hear(contacted(at=START), at=START - timedelta(hours=1))
    await room.hear(breached(at=START), at=START)
    await room.settle()
    assert (await room.escalation())["state"] == "open"
    await room.hear(contacted(at=START), at=START - timedelta(minutes=1))
    assert (await room.escalation())["state"] == "open"


async def test_a_level_that_cannot_be_reached_is_passed_at_once(room: PostRoom) -> None:
    await room.employ_everybody()
    room.sink.behave(Behaviour.REFUSE, to=address("S1"))
    await room.hear(breached(at=START))
    await room.deliver()
    assert [mail.to for mail in room.sink.mails] == [address("S2")]
    [failed] = await room.said(MessageFailed)
    assert (failed.staff_number, failed.reason) == ("S1", "refused")
    assert (await room.escalation())["level"] == 2


async def test_a_level_of_which_one_was_reached_is_waited_for(room: PostRoom) -> None:
    await room.employ_everybody()
    await room.employ("S9", role="cs_supervisor")
    room.sink.behave(Behaviour.REFUSE, to=address("S9"))
    await room.hear(breached(at=START))
    await room.deliver()
    assert [mail.to for mail in room.sink.mails] == [address("S1")]
    assert (await room.escalation())["level"] == 1


async def test_a_role_that_nobody_has_is_passed_at_once_and_an_empty_ladder_is_exhausted(room: PostRoom) -> None:
    await room.employ("S3", role="general_manager", status="left")
    await room.hear(breached(at=START))
    await room.settle()
    assert (await room.escalation())["state"] == "exhausted"
    assert [one.level for one in await room.said(EscalationRaised)] == [1, 2, 3]
    assert {one.reason for one in await room.said(MessageFailed)} == {"nobody_in_role"}


async def test_an_outage_longer_than_the_ladder_loses_nothing_and_takes_nobodys_time(room: PostRoom) -> None:
    await room.employ_everybody()
    room.sink.behave(Behaviour.REFUSE_FOR_NOW)
    await room.hear(breached(at=START))
    await room.move(hours=9)
    escalation = await room.escalation()
    assert (escalation["state"], escalation["level"], escalation["answer_by"]) == ("open", 1, None)
    room.sink.behave(Behaviour.TAKE)
    await room.move(hours=1)
    assert [mail.to for mail in room.sink.mails] == [address("S1")]
    assert datetime.fromisoformat((await room.escalation())["answer_by"]) > await room.now()
    async with room.stranger() as client:
        assert (await client.post(await room.link_of("S1"))).status_code == 200
    assert (await room.escalation())["state"] == "acknowledged"
    assert await room.said(MessageFailed) == []


async def test_a_level_that_no_mail_reaches_before_it_is_given_up_is_passed(room: PostRoom) -> None:
    await room.employ_everybody()
    room.sink.behave(Behaviour.REFUSE_FOR_NOW, to=address("S1"))
    await room.hear(breached(at=START))
    await room.move(days=1, minutes=1)
    assert [mail.to for mail in room.sink.mails] == [address("S2")]
    [failed] = await room.said(MessageFailed)
    assert (failed.staff_number, failed.reason) == ("S1", "too_late")


@pytest.fixture
async def exhausted(climbing: PostRoom) -> PostRoom:
    """Every level was told, and nobody answered; a colleague of the last level has his mail still to come."""
    await climbing.employ("S9", role="general_manager")
    climbing.sink.behave(Behaviour.REFUSE_FOR_NOW, to=address("S9"))
    await climbing.move(hours=8)
    assert (await climbing.escalation())["state"] == "exhausted"
    return climbing


async def test_what_was_written_is_still_sent_after_the_last_level_did_not_answer(exhausted: PostRoom) -> None:
    exhausted.sink.behave(Behaviour.TAKE)
    await exhausted.move(hours=1)
    [mail] = exhausted.sink.to(address("S9"))
    assert NUMBER in mail.text
    async with exhausted.stranger() as client:
        assert (await client.post(await exhausted.link_of("S9"))).status_code == 200
    assert (await exhausted.escalation())["acknowledged_by"] == "S9"


async def test_an_exhausted_escalation_is_taken_on_by_the_link_and_its_page_says_how_it_stands(
    exhausted: PostRoom,
) -> None:
    link = await exhausted.link_of("S1")
    async with exhausted.stranger() as client:
        chinese, english = await client.get(link), await client.get(link, params={"lang": "en"})
        done = await client.post(link)
    assert "各级均未及时答复" in chinese.text
    assert "nobody is left to be told" in english.text
    assert NUMBER in english.text
    assert english.text.count("<button") == 1
    assert done.status_code == 200
    assert (await exhausted.escalation())["state"] == "acknowledged"
    [said] = await exhausted.said(EscalationAcknowledged)
    assert (said.level, said.staff_number) == (1, "S1")
    exhausted.sink.behave(Behaviour.TAKE)
    await exhausted.move(days=1)
    assert exhausted.sink.to(address("S9")) == []
    assert [row["facts"] for row in await exhausted.rows("SELECT facts FROM escalation")] == [None]


async def test_an_exhausted_escalation_is_taken_on_by_the_api(exhausted: PostRoom) -> None:
    path = f"/v1/escalations/{(await exhausted.escalation())['id']}/acknowledgement"
    answered = await exhausted.post(path, role="general_manager", subject="S3")
    assert (answered.status_code, answered.json()["state"]) == (200, "acknowledged")


async def test_an_exhausted_escalation_is_withdrawn_when_what_it_is_about_is_over(exhausted: PostRoom) -> None:
    await exhausted.hear(contacted(at=START))
    assert (await exhausted.escalation())["state"] == "withdrawn"
    exhausted.sink.behave(Behaviour.TAKE)
    await exhausted.move(days=1)
    assert exhausted.sink.to(address("S9")) == []


async def test_what_waits_for_a_person_is_shown_as_metrics(exhausted: PostRoom) -> None:
    await exhausted.move(days=1)
    await exhausted.courier.look()
    async with exhausted.stranger() as client:
        shown = (await client.get("/metrics")).text
    assert "\nescalations_exhausted 1.0\n" in shown
    assert '\nmessages_failed{reason="too_late"} 1.0\n' in shown
    assert '\nmessages_failed{reason="refused"} 0.0\n' in shown


async def test_a_mail_that_waits_is_not_sent_after_somebody_answered(room: PostRoom) -> None:
    await room.employ_everybody()
    await room.employ("S9", role="cs_supervisor")
    room.sink.behave(Behaviour.REFUSE_FOR_NOW, to=address("S9"))
    await room.hear(breached(at=START))
    await room.deliver()
    async with room.stranger() as client:
        await client.post(await room.link_of("S1"))
    room.sink.behave(Behaviour.TAKE)
    await room.move(days=1)
    assert room.sink.to(address("S9")) == []
    assert sorted(message["state"] for message in await room.messages()) == ["delivered", "withdrawn"]


async def test_a_mail_left_by_a_dead_courier_is_not_sent_after_somebody_answered(climbing: PostRoom) -> None:
    await climbing.employ("S9", role="aftersales_director")
    await climbing.move(minutes=29)
    async with climbing.database.sessions() as session, session.begin():
        await climbing.time.advance_to(await climbing.now() + timedelta(minutes=2), session=session)
    await climbing.fire()
    left = await climbing.courier.take()
    assert len(left) == 2
    async with climbing.stranger() as client:
        await client.post(await climbing.link_of("S1"))
    await climbing.lose_leases()
    assert await climbing.courier.take() == []
    assert {message["state"] for message in await climbing.messages()} == {"delivered", "withdrawn"}


async def test_a_mail_in_hand_that_could_not_be_sent_is_not_tried_again_after_somebody_answered(room: PostRoom) -> None:
    await room.employ_everybody()
    await room.employ("S9", role="cs_supervisor")
    await room.hear(breached(at=START))
    errands = await room.courier.take()
    room.sink.behave(Behaviour.REFUSE_FOR_NOW, to=address("S9"))
    [mine] = [one for one in errands if isinstance(one.to, Addressee) and one.to.email == address("S1")]
    await room.courier.carry(mine)
    async with room.stranger() as client:
        await client.post(await room.link_of("S1"))
    await asyncio.gather(*(room.courier.carry(one) for one in errands if one is not mine))
    assert sorted(message["state"] for message in await room.messages()) == ["delivered", "withdrawn"]


async def test_what_is_late_in_the_workshop_goes_to_its_manager_and_ends_when_it_is_returned(room: PostRoom) -> None:
    await room.employ_everybody()
    await room.employ("W1", role="workshop_manager")
    order = uuid4()
    await room.hear(late(at=START, clock="workshop", work_order_id=order))
    await room.move(minutes=31)
    assert [mail.to for mail in room.sink.mails] == [address("W1"), address("S1")]
    await room.hear(arrived(at=START), *called_off(at=START, work_order_id=order))
    assert (await room.escalation())["state"] == "open", "neither ends it: the customer has not got it again"
    await room.hear(returned(at=START, work_order_id=order))
    assert (await room.escalation())["state"] == "withdrawn"


@pytest.mark.parametrize("clock", ["arrival", "required_by"])
async def test_whoever_has_not_arrived_goes_to_the_supervisor_and_ends_when_somebody_arrives(
    room: PostRoom, clock: str
) -> None:
    await room.employ_everybody()
    await room.hear(late(at=START, clock=clock, work_order_id=uuid4()))
    await room.deliver()
    assert [mail.to for mail in room.sink.mails] == [address("S1")]
    await room.hear(arrived(at=START))
    assert (await room.escalation())["state"] == "withdrawn"


@pytest.mark.parametrize("end", [resolved(at=START), closed(at=START)])
async def test_a_response_that_is_late_is_over_when_the_case_is(climbing: PostRoom, end: Event) -> None:
    await climbing.hear(end)
    assert (await climbing.escalation())["state"] == "withdrawn"


GRIEVANCE = (
    (dissatisfied(at=START), 0),
    (closed(at=START), 1),
    (reopened(at=START), 2),
)


@pytest.mark.rule("R153")
async def test_a_closure_that_crossed_with_a_grievance_does_not_end_it_and_a_later_one_does(room: PostRoom) -> None:
    await room.employ_everybody()
    for order in permutations(GRIEVANCE):
        for event, minutes in order:
            await room.hear(event, at=START + timedelta(minutes=minutes))
        assert (await room.escalation())["state"] == "open"
        await room.hear(closed(at=START), at=START + timedelta(minutes=3))
        assert (await room.escalation())["state"] == "withdrawn"
        async with room.database.sessions() as session, session.begin():
            for name in ("message_attempt", "message", "escalation", "happening"):
                await session.execute(METADATA.tables[name].delete())


@pytest.mark.rule("R153")
async def test_a_second_grievance_about_a_case_that_is_open_again_ends_with_the_next_closure(room: PostRoom) -> None:
    await room.employ_everybody()
    for minutes, event in enumerate((dissatisfied(at=START), reopened(at=START), dissatisfied(at=START))):
        await room.hear(event, at=START + timedelta(minutes=minutes))
    await room.hear(resolved(at=START), at=START + timedelta(minutes=3))
    states = [row["state"] for row in await room.rows("SELECT state FROM escalation")]
    assert states == ["open", "open"], "nobody has closed it yet"
    await room.hear(closed(at=START), at=START + timedelta(minutes=4))
    states = [row["state"] for row in await room.rows("SELECT state FROM escalation")]
    assert states == ["withdrawn", "withdrawn"]


@pytest.mark.parametrize("added", ["from=singlemessage", "utm_source=mail&fbclid=1"])
async def test_what_messengers_add_to_a_link_changes_nothing(climbing: PostRoom, added: str) -> None:
    link = await climbing.link_of("S1")
    async with climbing.stranger() as client:
        shown, pressed = await client.get(f"{link}?{added}"), await client.post(f"{link}?{added}")
    assert (shown.status_code, pressed.status_code) == (200, 200)
    assert (await climbing.escalation())["state"] == "acknowledged"


async def test_a_page_of_which_no_key_opens_anything_has_gaps_and_still_takes_the_answer(climbing: PostRoom) -> None:
    link = await climbing.link_of("S1")
    async with climbing.database.sessions() as session, session.begin():
        await session.execute(text("UPDATE escalation SET facts = 'v1.k1.AAAA'"))
        await session.execute(text("UPDATE staff_member SET name = 'v1.k1.AAAA', email = 'v1.k1.AAAA'"))
    async with climbing.stranger() as client:
        shown, pressed = await client.get(link), await client.post(link)
    assert (shown.status_code, pressed.status_code) == (200, 200)
    assert "未在 – 前" in shown.text
    assert shown.text.count("<button") == 1
    assert "S1 已于" in pressed.text
    assert (await climbing.escalation())["acknowledged_by"] == "S1"


@pytest.mark.parametrize("path", ["lang=fr", "lang="])
async def test_a_page_in_an_unknown_language_is_shown_in_the_readers(climbing: PostRoom, path: str) -> None:
    async with climbing.stranger() as client:
        page = await client.get(f"{await climbing.link_of('S1')}?{path}")
    assert page.status_code == 200
    assert '<html lang="zh-CN">' in page.text


async def test_a_link_that_is_too_long_is_answered_by_a_page(climbing: PostRoom) -> None:
    async with climbing.stranger() as client:
        for page in (await client.get("/acknowledge/" + "A" * 900), await client.post("/acknowledge/" + "A" * 900)):
            assert page.status_code == 404
            assert "链接无效" in page.text


async def test_while_the_database_is_away_a_page_says_so(climbing: PostRoom) -> None:
    link = await climbing.link_of("S1")
    async with climbing.database.sessions() as session, session.begin():
        await session.execute(text("LOCK TABLE message IN ACCESS EXCLUSIVE MODE"))
        async with climbing.stranger() as client:
            page = await client.post(link, params={"lang": "en"})
    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")
    assert "nothing was confirmed" in page.text
    assert (await climbing.escalation())["state"] == "open"


@pytest.mark.rule("R153")
async def test_a_grievance_climbs_to_the_superior(room: PostRoom) -> None:
    await room.employ_everybody()
    await room.hear(dissatisfied(at=START))
    await room.move(hours=1, minutes=1)
    assert [mail.to for mail in room.sink.mails] == [address("S1"), address("S2")]
