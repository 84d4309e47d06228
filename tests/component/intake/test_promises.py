"""Clocks, timelines, contact data and the audit log."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from shared.contracts.dispatch import TechnicianArrived, WorkOrderOpened
from shared.contracts.envelope import Envelope
from shared.contracts.facts import Urgency, WarrantyStatus
from shared.contracts.intake import ClockBreached, ClockWarned
from support.case_news import enveloped, hear, offered
from support.front_desk import IN_WARRANTY, FrontDesk, repair, unit
from support.waiting import eventually

MAIL: dict[str, object] = {"email": "wang@example.com"}
MONDAY_MORNING = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
"""Nine o'clock in Shanghai on a working day."""


async def case_on_monday(desk: FrontDesk) -> dict[str, object]:
    await desk.advance_to(MONDAY_MORNING)
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    return await desk.create("/v1/cases", repair(), role="agent")


async def warned_of(desk: FrontDesk, marks: list[str]) -> bool:
    return [event.mark for event in await desk.said(ClockWarned) if isinstance(event, ClockWarned)] == marks


@pytest.mark.rule("R210")
async def test_an_hour_without_contact_is_warned_of_and_then_a_breach(working_desk: FrontDesk) -> None:
    desk = working_desk
    case = await case_on_monday(desk)
    for minutes, marks in ((31, ["50%"]), (46, ["50%", "15m before"])):
        await desk.advance_to(MONDAY_MORNING + timedelta(minutes=minutes))
        await eventually(partial(warned_of, desk, marks))
    assert await desk.said(ClockBreached) == []
    await desk.advance_to(MONDAY_MORNING + timedelta(minutes=61))
    (breached,) = await eventually(lambda: desk.said(ClockBreached))
    assert isinstance(breached, ClockBreached)
    assert breached.clock.allowed_seconds == 3600
    overdue = (await desk.client().get("/v1/cases", params={"overdue": "response"})).json()["items"]
    assert [found["id"] for found in overdue] == [case["id"]]
    clocks = (await desk.client().get("/v1/clocks", params={"overdue": "true", "running": "true"})).json()["items"]
    assert [clock["subject_id"] for clock in clocks] == [case["id"]]
    explained = (await desk.client().get(f"/v1/clocks/{clocks[0]['id']}")).json()
    assert explained["breached"] is True
    assert sum(interval["counted"] for interval in explained["intervals"]) >= 1


@pytest.mark.rule("R066")
async def test_the_first_contact_stops_the_clock(working_desk: FrontDesk) -> None:
    desk = working_desk
    case = await case_on_monday(desk)
    await desk.advance_to(MONDAY_MORNING + timedelta(minutes=20))
    assert (await desk.change(f"/v1/cases/{case['id']}/contact", version=1)).status_code == 200
    await desk.advance_to(MONDAY_MORNING + timedelta(hours=5))
    (clock,) = (await desk.client().get(f"/v1/cases/{case['id']}")).json()["clocks"]
    assert (clock["clock"], clock["stopped_at"] is not None) == ("response", True)
    assert await desk.said(ClockWarned, ClockBreached) == []


async def test_waiting_for_the_customer_pauses_the_clock_and_waiting_for_parts_does_not(
    working_desk: FrontDesk,
) -> None:
    desk = working_desk
    case = await case_on_monday(desk)
    held = await desk.change(f"/v1/cases/{case['id']}/holds", {"reason": "customer"}, version=1)
    await desk.advance_to(MONDAY_MORNING + timedelta(hours=8))
    assert await desk.said(ClockWarned) == []
    hold_id = held.json()["holds"][0]["id"]
    assert (await desk.change(f"/v1/cases/{case['id']}/holds/{hold_id}/release", version=2)).status_code == 200
    assert (await desk.change(f"/v1/cases/{case['id']}/holds", {"reason": "parts"}, version=3)).status_code == 201
    await desk.advance_to(MONDAY_MORNING + timedelta(hours=25))
    assert await eventually(lambda: desk.said(ClockBreached))


async def test_contact_data_is_shown_to_those_who_may_for_a_purpose_and_that_is_written_down(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit())
    case = await desk.create("/v1/cases", repair(), role="agent")
    path = f"/v1/customers/{case['customer_id']}/contact"
    assert (await desk.client("dispatcher").get(path, params={"purpose": "curiosity"})).status_code == 403
    assert (await desk.client("technician").get(path)).status_code == 422
    offer = offered(UUID(str(case["id"])), staff_number="tech-7", now=await desk.now())
    await hear(desk, offer)
    shown = await desk.client("technician", subject="tech-7").get(path, params={"purpose": "visit_preparation"})
    assert (shown.json()["name"], shown.json()["phones"]) == ("王小明", ["+8613800138000"])
    assert shown.json()["sites"][0]["address"] == "中关村大街1号"
    (entry,) = (await desk.client("auditor").get("/v1/audit", params={"action": "contact_shown"})).json()["items"]
    assert (entry["actor_id"], entry["purpose"]) == ("tech-7", "visit_preparation")
    assert entry["subject"] == f"customer/{case['customer_id']}"


async def test_contact_data_is_not_shown_for_a_purpose_that_the_policy_does_not_know(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit())
    case = await desk.create("/v1/cases", repair(), role="agent")
    answer = await desk.client().get(f"/v1/customers/{case['customer_id']}/contact", params={"purpose": "curiosity"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-purpose")
    assert "callback" in answer.json()["expected"]
    assert "visit_preparation" in answer.json()["expected"]
    assert "contact_shown" not in await desk.audited()


@pytest.mark.rule("R329", "R331")
async def test_a_buyer_reads_where_something_is_sent_or_a_supplier_comes_and_nothing_else(
    desk: FrontDesk,
) -> None:
    await desk.create("/v1/units", unit())
    case = await desk.create("/v1/cases", repair(), role="agent")
    path, buyer = f"/v1/customers/{case['customer_id']}/contact", desk.client("buyer")
    purposes = (await desk.client().get("/v1/codes")).json()["purposes"]
    answers = {purpose: await buyer.get(path, params={"purpose": purpose}) for purpose in purposes}
    shown = {purpose for purpose, answer in answers.items() if answer.status_code == 200}
    assert shown == {"delivery", "supplier_notice"}
    for purpose in answers.keys() - shown:
        refused = answers[purpose]
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-his-purpose")
        assert refused.json()["expected"] == "one of delivery, supplier_notice"
    assert (await desk.audited()).count("contact_shown") == 2


async def test_a_machine_that_sends_notices_asks_for_the_mail_address_and_that_is_written_down(desk: FrontDesk) -> None:
    customer = await desk.create("/v1/customers", {"name": "王小明", "phones": ["13800138000"]} | MAIL, role="agent")
    path, notice = f"/v1/customers/{customer['id']}/contact", {"purpose": "notice"}
    assert "wang@example.com" not in str(customer)
    for scope, status in (("contacts:read", 200), ("customers:read", 403)):
        answer = await desk.machine(scope=scope).get(path, params=notice)
        assert (answer.status_code, answer.json().get("email")) == (status, MAIL["email"] if status == 200 else None)
    (entry,) = (await desk.client("auditor").get("/v1/audit", params={"action": "contact_shown"})).json()["items"]
    assert (entry["actor_id"], entry["purpose"]) == ("robot", "notice")


@pytest.mark.parametrize(
    "address", ["", "wang", "wang@", "@example.com", "wang@example", "王@example.com", "a b@example.com", "a@b..c"]
)
async def test_a_mail_address_that_cannot_be_written_to_is_refused(desk: FrontDesk, address: str) -> None:
    wanted = {"name": "王小明", "phones": ["13800138000"], "email": address}
    answer = await desk.try_to_create("/v1/customers", wanted, role="agent")
    assert (answer.status_code, await desk.count("customer")) == (422, 0)


async def test_elsewhere_a_customer_is_masked(desk: FrontDesk) -> None:
    customer = await desk.create(
        "/v1/customers",
        {"name": "王小明", "phones": ["13800138000", "+86 138 0013 8000", "010 1234 5678"]},
        role="agent",
    )
    assert customer["phones"] == ["138****8000", "101****5678"]
    await desk.create(
        f"/v1/customers/{customer['id']}/sites", {"district": "haidian", "address": "中关村大街1号"}, role="agent"
    )
    agent = desk.client()
    for answer in (
        await agent.get(f"/v1/customers/{customer['id']}"),
        await agent.get("/v1/customers", params={"number": "01012345678"}),
        await agent.get("/v1/customers", params={"name": " 王小明 "}),
    ):
        assert str(customer["id"]) in answer.text
        for secret in ("王小明", "13800138000", "12345678", "中关村"):
            assert secret not in answer.text
    assert (await agent.get("/v1/customers", params={"name": "王"})).json()["items"] == []


async def test_nothing_personal_stands_in_the_database_in_plain_text(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit())
    await desk.create("/v1/cases", repair(), role="agent")
    async with desk.database.engine.connect() as connection:
        tables = await connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for table in tables.scalars().all():
            rows = await connection.exec_driver_sql(f'SELECT t::text FROM "{table}" t')  # noqa: S608
            for row in rows.scalars():
                for secret in ("王小明", "13800138000", "中关村", "早上开始不热"):
                    assert secret not in row
                    assert secret.encode().hex() not in row


@pytest.mark.parametrize("first", [0, 1])
async def test_the_timeline_tells_the_whole_story_whatever_order_it_was_heard_in(desk: FrontDesk, first: int) -> None:
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    case = await desk.create("/v1/cases", repair(), role="agent")
    case_id, order_id, now = UUID(str(case["id"])), uuid4(), await desk.now()
    opened = WorkOrderOpened(
        work_order_id=order_id,
        work_order_number="W1",
        case_id=case_id,
        department="own",
        zone="city",
        urgency=Urgency.NORMAL,
        warranty=WarrantyStatus.IN_WARRANTY,
        opened_at=now,
    )
    arrived = TechnicianArrived(
        work_order_id=order_id,
        work_order_number="W1",
        case_id=case_id,
        visit_id=uuid4(),
        technician_id=uuid4(),
        arrived_at=now,
    )
    heard: list[tuple[WorkOrderOpened | TechnicianArrived, Envelope]] = [
        (opened, enveloped(opened, sequence=1, time=now + timedelta(seconds=1))),
        (arrived, enveloped(arrived, sequence=2, time=now + timedelta(seconds=2))),
    ]
    for happened, envelope in (heard[first], heard[1 - first], heard[first]):
        await hear(desk, happened, envelope=envelope)
    told = (await desk.client().get(f"/v1/cases/{case_id}/timeline")).json()
    assert [(line["service"], line["type"].split(".")[1]) for line in told["happenings"]] == [
        ("intake", "case_opened"),
        ("intake", "case_cleared"),
        ("dispatch", "work_order_opened"),
        ("dispatch", "technician_arrived"),
    ]
    assert [line["actor_id"] for line in told["happenings"]] == ["li", "li", None, None]
    assert told["happenings"][2]["what"] == {"zh-CN": "已建维修单 W1", "en": "Work order W1 opened"}


async def test_forms_know_their_codes_in_both_languages(desk: FrontDesk) -> None:
    codes = (await desk.client().get("/v1/codes")).json()
    assert codes["purposes"]["visit_preparation"] == {"zh-CN": "上门准备", "en": "Preparing a visit"}
    assert codes["problems"]["no_heat"] == {"zh-CN": "不制热", "en": "Does not heat"}
