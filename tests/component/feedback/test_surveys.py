"""Every repair has one opinion card: sent after a while, answered once, counted once, over after its time."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from feedback.app import build
from shared.contracts.facts import Degree
from shared.contracts.feedback import DissatisfactionRaised, SurveyAnswered, SurveyExpired, SurveyRequested
from shared.security.blind_index import BlindIndex
from shared.security.links import LinkSigner
from shared.security.tokens import create_key_file
from support.aftercare import (
    PUBLIC_URL,
    QUESTIONS,
    AftercareDesk,
    all_with,
    settings_for,
    signed_off,
)
from support.case_events import START
from support.service_room import NO_BROKER
from support.waiting import eventually

GOOD = all_with(Degree.VERY_SATISFIED)
WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
SENTENCE = "师傅<b>很好</b> & came on time"


@pytest.mark.rule("R364")
async def test_every_repair_is_asked_about_once_and_none_is_left_out(desk: AftercareDesk) -> None:
    orders = [signed_off() for _ in range(20)]
    await desk.hear(*orders, *orders)
    await desk.move(days=3)
    asked = await desk.said(SurveyRequested)
    assert sorted(one.work_order_id for one in asked) == sorted(order.work_order_id for order in orders)


async def test_the_link_is_sent_after_an_hour_of_working_time_and_is_good_for_a_time(desk: AftercareDesk) -> None:
    evening = START + timedelta(hours=8, minutes=15)  # 17:15 in Shanghai, a quarter of an hour before work ends
    order = signed_off(at=evening)
    await desk.move_to(evening)
    await desk.hear(order)
    await desk.move_to(START + timedelta(days=1))
    assert await desk.said(SurveyRequested) == []
    await desk.move(hours=1)
    [asked] = await desk.said(SurveyRequested)
    assert (await desk.survey(order))["send_at"] == "2040-03-06T01:15:00Z"
    assert asked.expires_at == (asked.requested_at + timedelta(days=14)).replace(microsecond=0)
    assert asked.link.startswith("https://service.example/survey/")
    assert (asked.customer_id, asked.customer_label) == (order.customer_id, "138****8000")


@pytest.mark.rule("R366")
async def test_four_questions_in_four_degrees_are_answered_on_the_page(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    path = await desk.path_of_link(order)
    page = await desk.browse(path)
    assert page.status_code == 200
    ticked = re.findall(r'<input type="radio" name="(\w+)" value="(\w+)"', page.text)
    assert ticked == [(question, str(degree)) for question in QUESTIONS for degree in Degree]
    card = dict(zip(QUESTIONS, map(str, Degree), strict=True))
    answer = await desk.submit(path, card | {"comment": SENTENCE})
    assert (answer.status_code, "Thank you" in answer.text) == (200, True)
    [answered] = await desk.said(SurveyAnswered)
    assert {score.question: str(score.degree) for score in answered.scores} == card
    assert answered.technician_id == order.technician_id
    survey = await desk.survey(order)
    assert (survey["state"], survey["month"], survey["language"]) == ("answered", "2040-03", "en")
    assert {score["question"]: score["degree"] for score in survey["scores"]} == card


async def test_the_comment_is_sealed_and_read_for_a_purpose_only(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    await desk.submit(await desk.path_of_link(order), GOOD | {"comment": SENTENCE})
    [row] = await desk.rows("SELECT comment FROM survey")
    assert row["comment"].startswith("v1.k1.")
    survey = await desk.survey(order)
    assert survey["has_comment"]
    path = f"/v1/surveys/{survey['id']}/comment"
    assert (await desk.get(f"{path}?purpose=complaint_handling"))["text"] == SENTENCE
    async with desk.client("storekeeper") as client:
        assert (await client.get(f"{path}?purpose=survey")).status_code == 403
    async with desk.client() as client:
        assert (await client.get(path)).status_code == 422
    read = await desk.rows("SELECT purpose, actor_id FROM audit_entry WHERE action = 'words_read'")
    assert [(row["purpose"], row["actor_id"]) for row in read] == [("complaint_handling", "A1")]


async def test_a_second_answer_is_thanked_for_and_not_counted(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    path = await desk.path_of_link(order)
    await desk.submit(path, GOOD)
    again = await desk.submit(path, all_with(Degree.VERY_DISSATISFIED))
    looked = await desk.browse(path)
    assert (again.status_code, looked.status_code) == (409, 410)
    assert all("already answered" in page.text and "counted" in page.text for page in (again, looked))
    assert len(await desk.said(SurveyAnswered)) == 1
    assert {row["degree"] for row in await desk.rows("SELECT degree FROM survey_score")} == {"very_satisfied"}
    assert await desk.said(DissatisfactionRaised) == []


async def test_two_answers_at_once_are_counted_once(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    path = await desk.path_of_link(order)

    async def both_wait() -> bool:
        return len(await desk.rows(WAITING)) >= 2

    async with desk.database.sessions() as session, session.begin():
        await session.execute(text("SELECT 1 FROM served_order FOR UPDATE"))
        sending = [asyncio.create_task(desk.submit(path, all_with(degree))) for degree in list(Degree)[1:3]]
        await eventually(both_wait)
    answers = await asyncio.gather(*sending)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await desk.said(SurveyAnswered)) == 1
    assert len(await desk.rows("SELECT 1 FROM survey_score")) == len(QUESTIONS)


async def test_a_forged_link_is_not_known_in_the_language_of_the_reader(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    path = await desk.path_of_link(order)
    survey_id = UUID((await desk.survey(order))["id"])
    foreign = LinkSigner(BlindIndex(bytes(32)), purpose="survey")
    until = await desk.now() + timedelta(days=1)
    for forged in (
        f"/survey/{foreign.token(survey_id, expires_at=until)}",
        f"{path[:-1]}{'A' if path[-1] != 'A' else 'B'}",
        f"/survey/{survey_id}",
        "/survey/x",
    ):
        for page in (
            await desk.browse(forged, accept_language="zh"),
            await desk.submit(forged, GOOD, accept_language="zh"),
        ):
            assert (page.status_code, "链接无效" in page.text) == (404, True)
    assert await desk.said(SurveyAnswered) == []


async def test_a_survey_that_does_not_exist_is_not_known_even_with_a_good_signature(desk: AftercareDesk) -> None:
    links: LinkSigner = desk.service.api.state.desk.links
    token = links.token(uuid4(), expires_at=await desk.now() + timedelta(days=1))
    assert (await desk.browse(f"/survey/{token}")).status_code == 404


async def test_after_its_time_the_survey_is_over_and_nothing_is_counted(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    path = await desk.path_of_link(order)
    [asked] = await desk.said(SurveyRequested)
    await desk.move_to(asked.expires_at - timedelta(hours=1))
    assert (await desk.browse(path)).status_code == 200
    await desk.move_to(asked.expires_at)
    for page in (await desk.browse(path), await desk.submit(path, GOOD)):
        assert (page.status_code, "closed" in page.text) == (410, True)
    [expired] = await desk.said(SurveyExpired)
    assert expired.expired_at == asked.expires_at
    assert await desk.said(SurveyAnswered) == []
    assert (await desk.survey(order))["state"] == "expired"


async def test_an_answered_survey_does_not_expire(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    await desk.submit(await desk.path_of_link(order), GOOD)
    await desk.move(days=30)
    assert await desk.said(SurveyExpired) == []


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        ({}, QUESTIONS),
        (GOOD | {"promises": ""}, ("promises",)),
        (GOOD | {"attitude": "brilliant"}, ("attitude",)),
        (GOOD | {"comment": "长" * 1001}, ("comment",)),
        ({f"field_{number}": "x" for number in range(2000)}, QUESTIONS),
    ],
    ids=["nothing", "a question left out", "a degree that there is not", "a comment without end", "a flood of fields"],
)
async def test_what_is_missing_is_said_on_the_page_and_what_was_entered_is_kept(
    desk: AftercareDesk, form: dict[str, str], missing: tuple[str, ...]
) -> None:
    order = signed_off()
    await desk.hear(order)
    path = await desk.path_of_link(order)
    page = await desk.submit(path, {"comment": "很细心 <i>"} | form, accept_language="zh-CN,zh;q=0.9,en;q=0.1")
    assert page.status_code == 422
    assert tuple(re.findall(r'id="(\w+)-fault"', page.text)) == missing
    assert ("请选择一项" in page.text) is (missing != ("comment",))
    kept = re.findall(r'name="(\w+)" value="(\w+)" required checked', page.text)
    assert kept == [(question, form[question]) for question in QUESTIONS if question not in missing]
    assert ("很细心 &lt;i&gt;" in page.text) is ("comment" not in form)
    assert await desk.said(SurveyAnswered) == []
    assert (await desk.submit(path, GOOD)).status_code == 200


async def test_changing_the_language_keeps_what_was_entered_and_sends_nothing(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    path = await desk.path_of_link(order)
    page = await desk.submit(f"{path}?lang=zh-CN", {"attitude": "satisfied", "switch": "zh-CN", "comment": "ok"})
    assert (page.status_code, 'lang="zh-CN"' in page.text, "服务态度" in page.text) == (200, True, True)
    assert re.findall(r'name="(\w+)" value="(\w+)" required checked', page.text) == [("attitude", "satisfied")]
    assert 'role="alert"' not in page.text
    assert (await desk.survey(order))["state"] == "sent"


@pytest.mark.parametrize(
    ("query", "accept_language", "language"),
    [
        ("", "zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("", "de-DE,en-GB;q=0.7", "en"),
        ("", "fr", "zh-CN"),
        ("?lang=en", "zh", "en"),
        ("?lang=zh-CN&from=singlemessage", "en", "zh-CN"),
        ("?lang=tlh", "en", "en"),
    ],
)
async def test_the_reader_is_shown_his_language(
    desk: AftercareDesk, query: str, accept_language: str, language: str
) -> None:
    page = await desk.browse(f"/survey/x{query}", accept_language=accept_language)
    assert (page.headers["Content-Language"], f'<html lang="{language}">' in page.text) == (language, True)


async def test_the_page_loads_nothing_keeps_nothing_and_tells_nobody_its_address(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    page = await desk.browse(await desk.path_of_link(order))
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "set-cookie" not in page.headers
    assert re.findall(r"<script|<img|<link|(?:src|action)=\"http|style=\"", page.text) == []


@pytest.mark.rule("R158")
async def test_a_bad_answer_is_a_matter_of_its_own_and_counts_for_the_technician_too(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    await desk.submit(
        await desk.path_of_link(order), GOOD | {"promises": "dissatisfied", "technique": "very_dissatisfied"}
    )
    [raised] = await desk.said(DissatisfactionRaised)
    assert (raised.source, raised.questions) == ("survey", ("technique", "promises"))
    assert (raised.case_id, raised.customer_id) == (order.case_id, order.customer_id)
    report = await desk.get(f"/v1/satisfaction?since=2040-03&technician_id={order.technician_id}&until=2040-03")
    assert [(line["answered"], line["satisfied"], line["share"]) for line in report["technicians"]] == [(4, 2, "50")]


async def test_satisfied_customers_raise_nothing(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    await desk.submit(await desk.path_of_link(order), all_with(Degree.SATISFIED))
    assert await desk.said(DissatisfactionRaised) == []


async def test_a_bad_card_and_a_bad_call_about_one_order_are_both_raised(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    await desk.submit(await desk.path_of_link(order), all_with(Degree.VERY_DISSATISFIED))
    revisit = await desk.revisit(order)
    await desk.post(f"/v1/revisits/{revisit['id']}/completion", {"outcome": "dissatisfied"})
    assert [raised.source for raised in await desk.said(DissatisfactionRaised)] == ["survey", "revisit"]


async def test_an_order_that_was_never_heard_of_has_no_survey(desk: AftercareDesk) -> None:
    async with desk.client() as client:
        assert (await client.get(f"/v1/surveys/{uuid4()}")).status_code == 404
        assert (await client.get("/v1/surveys?month=2040-13")).status_code == 422
    assert (await desk.get("/v1/surveys?state=sent"))["items"] == []


async def test_while_the_database_is_away_the_customer_reads_that_nothing_was_stored(tmp_path: Path) -> None:
    key_file = create_key_file(tmp_path / "jwt.json")
    nowhere = "postgresql://nobody:nothing@127.0.0.1:1/none"
    service = build(settings_for(nowhere, key_file=key_file, broker_url=NO_BROKER, public_url=PUBLIC_URL))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.api), base_url=PUBLIC_URL) as browser:
        page = await browser.post("/survey/x?lang=en", data=GOOD)
    await service.close()
    assert (page.status_code, "Nothing was stored" in page.text) == (503, True)
    assert int(page.headers["Retry-After"]) > 0
