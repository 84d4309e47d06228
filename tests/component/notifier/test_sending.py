"""A mail server that refuses, hangs, breaks off or is away, and an intake in trouble: the right retry, nothing lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from email.utils import parseaddr
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.contracts.notifier import MessageDelivered, MessageFailed
from support.case_events import START
from support.intake_stand_in import TOKEN
from support.post_room import PostRoom, address
from support.told_events import CUSTOMER, surveyed, warned
from testkit.smtp_sink import Behaviour

CUSTOMER_ADDRESS = "wang@customer.example"


@pytest.fixture
async def warning(room: PostRoom) -> PostRoom:
    """A warning for the supervisor waits to be sent."""
    await room.employ("S1", role="cs_supervisor")
    await room.hear(warned(at=START))
    return room


async def test_a_mail_is_delivered_once_with_text_and_html_in_the_readers_language(warning: PostRoom) -> None:
    await warning.deliver()
    await warning.deliver()
    [mail] = warning.sink.mails
    [message] = await warning.messages()
    assert message["state"] == "delivered"
    assert mail.message_id == f"<{message['id']}@aftersales.example>"
    assert parseaddr(str(mail.message["From"]))[1] == "service@aftersales.example"
    assert mail.subject == "响应时限提醒：B24-017（80%）"
    assert "员工S1，您好" in mail.text
    assert "2040-03-05 09:00" in mail.text
    assert "2040-03-05 09:00" in mail.html
    assert mail.message["Auto-Submitted"] == "auto-generated"
    [delivered] = await warning.said(MessageDelivered)
    assert (delivered.staff_number, delivered.attempts) == ("S1", 1)


@pytest.mark.parametrize(
    ("trouble", "detail"),
    [
        (Behaviour.REFUSE_FOR_NOW, "451"),
        (Behaviour.BREAK_OFF, "disconnected"),
        (Behaviour.HANG, "timeout"),
    ],
)
async def test_trouble_that_may_pass_is_waited_out_with_growing_pauses(
    warning: PostRoom, trouble: Behaviour, detail: str
) -> None:
    warning.sink.behave(trouble)
    await warning.deliver()
    [message] = await warning.messages()
    assert message["state"] == "postponed"
    assert await warning.said(MessageFailed) == []
    await warning.move(seconds=20)
    assert len(warning.sink.asked) == 1
    warning.sink.behave(Behaviour.REFUSE_FOR_NOW)
    await warning.move(seconds=41)
    await warning.move(minutes=4)
    assert len(warning.sink.asked) == 2
    warning.sink.behave(Behaviour.TAKE)
    await warning.move(minutes=2)
    assert len(warning.sink.mails) == 1
    tried = (await warning.get(f"/v1/messages/{message['id']}"))["tried"]
    assert [(one["outcome"], one["detail"]) for one in tried] == [
        ("not_now", detail),
        ("not_now", "451"),
        ("taken", "250"),
    ]
    [delivered] = await warning.said(MessageDelivered)
    assert delivered.attempts == 3


async def test_a_server_that_is_away_is_waited_for(warning: PostRoom) -> None:
    warning.sink.stop()
    await warning.deliver()
    assert (await warning.messages())[0]["state"] == "postponed"
    warning.sink.start()
    await warning.move(minutes=2)
    assert len(warning.sink.mails) == 1


async def test_a_mail_that_is_refused_for_good_fails_and_is_not_tried_again(warning: PostRoom) -> None:
    warning.sink.behave(Behaviour.REFUSE)
    await warning.deliver()
    warning.sink.behave(Behaviour.TAKE)
    await warning.move(days=1)
    assert warning.sink.mails == []
    assert len(warning.sink.asked) == 1
    [failed] = await warning.said(MessageFailed)
    assert (failed.staff_number, failed.reason, failed.attempts) == ("S1", "refused", 1)


async def test_what_nobody_takes_for_a_day_is_given_up(warning: PostRoom) -> None:
    warning.sink.behave(Behaviour.REFUSE_FOR_NOW)
    await warning.move(days=2)
    [failed] = await warning.said(MessageFailed)
    assert failed.reason == "too_late"
    assert failed.failed_at <= START + timedelta(days=1)


async def test_a_mail_that_was_taken_without_a_word_is_sent_again_under_the_same_id(warning: PostRoom) -> None:
    warning.sink.behave(Behaviour.TAKE_AND_BREAK_OFF)
    await warning.deliver()
    warning.sink.behave(Behaviour.TAKE)
    await warning.move(minutes=2)
    first, second = warning.sink.mails
    assert first.message_id == second.message_id
    assert len(await warning.said(MessageDelivered)) == 1


async def test_what_one_courier_has_in_hand_no_other_takes(warning: PostRoom) -> None:
    await warning.hear(*(warned(at=START) for _ in range(7)))
    hands = await asyncio.gather(*(warning.courier.take() for _ in range(4)))
    taken = [errand.message_id for hand in hands for errand in hand]
    assert len(taken) == len(set(taken)) == 8
    assert await warning.courier.take() == []


async def test_what_was_in_hand_of_a_dead_courier_is_taken_again_when_its_lease_is_over(warning: PostRoom) -> None:
    [lost] = await warning.courier.take()
    await warning.lose_leases()
    [again] = await warning.courier.take()
    assert (again.message_id, again.attempt) == (lost.message_id, 2)
    await warning.courier.carry(again)
    warning.sink.behave(Behaviour.REFUSE)
    await warning.courier.carry(lost)
    assert [message["state"] for message in await warning.messages()] == ["delivered"]


async def test_what_messages_say_is_kept_sealed_and_only_while_it_is_needed(warning: PostRoom) -> None:
    link = "http://feedback.example/survey/canary-token"
    warning.intake.emails[CUSTOMER] = CUSTOMER_ADDRESS
    await warning.hear(surveyed(at=START, link=link))
    before = [dict(row) for row in await warning.rows("SELECT facts FROM message")]
    assert all(row["facts"].startswith("v1.") for row in before)
    await warning.deliver()
    assert [row["facts"] for row in await warning.rows("SELECT facts FROM message")] == [None, None]
    [mail] = warning.sink.to(CUSTOMER_ADDRESS)
    assert mail.links == [link]
    assert "王小明" in mail.text
    for table in ("message", "message_attempt", "known_case", "outbox", "audit_entry", "deadline", "staff_member"):
        for row in await warning.rows(f"SELECT to_jsonb(t)::text AS told FROM {table} t"):  # noqa: S608  # our own names
            for secret in ("canary", CUSTOMER_ADDRESS, "王小明", "员工S1", address("S1")):
                assert secret not in row["told"]


async def test_a_customers_address_is_asked_of_intake_with_token_and_purpose(room: PostRoom) -> None:
    room.intake.emails[CUSTOMER] = CUSTOMER_ADDRESS
    await room.hear(surveyed(at=START))
    await room.deliver()
    assert room.intake.asked == [(CUSTOMER, "notice", f"Bearer {TOKEN}")]
    [delivered] = await room.said(MessageDelivered)
    assert (delivered.customer_id, delivered.staff_number) == (CUSTOMER, None)


@pytest.mark.parametrize(
    ("emails", "status", "reason"),
    [
        ({CUSTOMER: None}, None, "no_address"),
        ({CUSTOMER: "not\r\nBcc: an@address"}, None, "no_address"),
        ({}, None, "unknown_customer"),
        ({}, 410, "unknown_customer"),
    ],
)
async def test_a_customer_without_an_address_is_not_tried_again(
    room: PostRoom, emails: dict[UUID, str | None], status: int | None, reason: str
) -> None:
    room.intake.emails, room.intake.status = emails, status
    await room.hear(surveyed(at=START))
    await room.move(days=1)
    [failed] = await room.said(MessageFailed)
    assert (failed.customer_id, failed.reason) == (CUSTOMER, reason)
    assert len(room.intake.asked) == 1
    assert room.sink.asked == []


async def test_an_intake_in_trouble_is_asked_again(room: PostRoom) -> None:
    room.intake.emails[CUSTOMER] = CUSTOMER_ADDRESS
    await room.hear(surveyed(at=START))
    for status, body in ((503, None), (500, None), (403, None), (None, b"{}")):
        room.intake.status, room.intake.body = status, body
        await room.move(hours=1)
        assert room.sink.mails == []
    room.intake.status = room.intake.body = None
    await room.move(hours=2)
    assert len(room.sink.mails) == 1
    tried = (await room.get(f"/v1/messages/{(await room.messages())[0]['id']}"))["tried"]
    assert {"intake_503", "intake_500", "intake_403", "intake_unreadable", "250"} == {one["detail"] for one in tried}


async def test_an_intake_that_hangs_costs_one_attempt(room: PostRoom) -> None:
    room.intake.emails[CUSTOMER] = CUSTOMER_ADDRESS
    room.intake.hangs = asyncio.Event()
    await room.hear(surveyed(at=START))
    await room.deliver()
    assert (await room.messages())[0]["state"] == "postponed"
    room.intake.hangs.set()
    room.intake.hangs = None
    await room.move(minutes=2)
    assert len(room.sink.mails) == 1


async def test_what_no_key_opens_fails_alone_and_everything_else_is_sent(warning: PostRoom) -> None:
    await warning.employ("S2", role="cs_supervisor")
    await warning.employ("S3", role="cs_supervisor")
    await warning.hear(warned(at=START))
    async with warning.database.sessions() as session, session.begin():
        broken = "UPDATE message SET facts = 'v1.k1.AAAA' WHERE id = (SELECT min(id::text)::uuid FROM message)"
        await session.execute(text(broken))
        await session.execute(text("UPDATE staff_member SET email = 'v1.k1.AAAA' WHERE staff_number = 'S2'"))
    await warning.deliver()
    assert [mail.to for mail in warning.sink.mails].count(address("S1")) == 1
    assert len(warning.sink.to(address("S3"))) == 1
    failed = sorted((one.staff_number, one.reason) for one in await warning.said(MessageFailed))
    assert failed == [("S1", "unreadable"), ("S2", "unreadable")]


async def test_an_error_that_nobody_thought_of_is_tried_again_with_pauses(warning: PostRoom) -> None:
    [errand] = await warning.courier.take()
    await warning.courier.carry(replace(errand, contents=None))
    [message] = await warning.messages()
    assert message["state"] == "postponed"
    [tried] = (await warning.get(f"/v1/messages/{message['id']}"))["tried"]
    assert (tried["outcome"], tried["detail"]) == ("not_now", "internal")
    await warning.move(minutes=2)
    assert len(warning.sink.mails) == 1


async def test_what_waits_to_be_sent_is_under_way_for_the_test_clock(warning: PostRoom) -> None:
    assert (await warning.get("/v1/test-clock", role="admin"))["waiting"] == {"courier": 1}
    [errand] = await warning.courier.take()
    assert (await warning.get("/v1/test-clock", role="admin"))["waiting"] == {"courier": 1}
    await warning.courier.carry(errand)
    assert (await warning.get("/v1/test-clock", role="admin"))["waiting"] == {"courier": 0}
