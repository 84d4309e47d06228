"""A customer who was erased is not called and not asked any more, and nothing that he said can be read."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from shared.contracts.facts import Degree
from shared.contracts.feedback import RevisitDue, SurveyAnswered, SurveyRequested
from support.aftercare import AftercareDesk, all_with, erased, signed_off
from support.case_events import START
from support.waiting import eventually

WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
SENTENCE = "the red kettle still sings"


async def test_his_words_are_destroyed_and_what_he_ticked_still_counts(desk: AftercareDesk) -> None:
    order, other = signed_off(), signed_off()
    await desk.hear(order, other)
    for one in (order, other):
        card = all_with(Degree.SATISFIED) | {"comment": SENTENCE}
        assert (await desk.submit(await desk.path_of_link(one), card)).status_code == 200
        revisit = await desk.revisit(one)
        await desk.post(f"/v1/revisits/{revisit['id']}/completion", {"outcome": "satisfied", "notes": SENTENCE})
    await desk.hear(erased(order), erased(order))
    kept = await desk.rows("SELECT order_id FROM survey WHERE comment IS NOT NULL")
    assert [row["order_id"] for row in kept] == [other.work_order_id]
    kept = await desk.rows("SELECT order_id FROM revisit WHERE notes IS NOT NULL")
    assert [row["order_id"] for row in kept] == [other.work_order_id]
    survey = await desk.survey(order)
    assert (survey["customer_label"], survey["has_comment"], len(survey["scores"])) == (None, False, 4)
    assert (await desk.get(f"/v1/surveys/{survey['id']}/comment?purpose=survey"))["text"] is None
    assert (await desk.survey(other))["customer_label"] == "138****8000"


async def test_nobody_calls_or_asks_him_any_more(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order, erased(order))
    await desk.move(days=20)
    assert await desk.said(RevisitDue) == []
    assert await desk.said(SurveyRequested) == []
    revisit = await desk.revisit(order)
    assert revisit["state"] == "withdrawn"
    answer = await desk.post(f"/v1/revisits/{revisit['id']}/completion", {"outcome": "satisfied", "notes": SENTENCE})
    assert answer.status_code == 409


async def test_a_link_that_he_still_has_takes_no_words_from_him(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    path = await desk.path_of_link(order)
    await desk.hear(erased(order, at=START + timedelta(hours=3)))
    answer = await desk.submit(path, all_with(Degree.SATISFIED) | {"comment": SENTENCE})
    assert (answer.status_code, (await desk.browse(path)).status_code) == (410, 410)
    assert await desk.said(SurveyAnswered) == []


async def test_words_that_are_stored_in_the_moment_of_erasure_do_not_stay(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    path = await desk.path_of_link(order)

    async def both_wait() -> bool:
        return len(await desk.rows(WAITING)) >= 2

    async with desk.database.sessions() as session, session.begin():
        await session.execute(text("SELECT 1 FROM served_order FOR UPDATE"))
        card = all_with(Degree.SATISFIED) | {"comment": SENTENCE}
        doing = [asyncio.create_task(desk.submit(path, card)), asyncio.create_task(desk.hear(erased(order)))]
        await eventually(both_wait)
    await asyncio.gather(*doing)
    assert await desk.rows("SELECT 1 FROM survey WHERE comment IS NOT NULL") == []
    assert (await desk.survey(order))["state"] in {"answered", "withdrawn"}
