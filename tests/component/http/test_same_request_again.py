"""I12: the same key and body get the same answer, and have one effect."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from shared.actor import Actor
from shared.messaging.unit_of_work import Cause
from support.shop import ANSWERS, Shop, ShopKeys, ShopTime, open_shop
from testkit.patience import PATIENCE_SECONDS

LAMP = {"name": "reading lamp 13800138000", "watts": 40}
KEY = {"Idempotency-Key": "the-first-key"}
ROBOT = Actor(kind="machine", id="robot", role="machine")
CAUSE = Cause(actor=ROBOT)


def essence(answer: httpx.Response) -> tuple[int, bytes, str | None, str | None]:
    """What has to be the same every time."""
    return answer.status_code, answer.content, answer.headers.get("etag"), answer.headers.get("location")


async def test_the_same_request_again_gets_the_same_answer(shop: Shop) -> None:
    async with shop.machine() as client:
        first = await client.post("/v1/lamps", json=LAMP, headers=KEY)
        again = await client.post("/v1/lamps", json=LAMP, headers=KEY)
    assert first.status_code == 201
    assert first.headers["etag"] == '"1"'
    assert essence(first) == essence(again)
    assert await shop.count() == 1


async def test_the_key_with_another_body_is_refused(shop: Shop) -> None:
    async with shop.machine() as client:
        await client.post("/v1/lamps", json=LAMP, headers=KEY)
        answer = await client.post("/v1/lamps", json={**LAMP, "watts": 60}, headers=KEY)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert await shop.count() == 1


async def test_the_same_key_of_two_callers_is_two_keys(shop: Shop) -> None:
    async with shop.machine(subject="one") as one, shop.machine(subject="two") as two:
        assert (await one.post("/v1/lamps", json={"name": "a", "watts": 1}, headers=KEY)).status_code == 201
        assert (await two.post("/v1/lamps", json={"name": "b", "watts": 1}, headers=KEY)).status_code == 201


async def test_a_refused_request_leaves_its_key_free(shop: Shop) -> None:
    async with shop.machine() as client:
        refused = await client.post("/v1/lamps", json={**LAMP, "watts": 2**40}, headers=KEY)
        accepted = await client.post("/v1/lamps", json=LAMP, headers=KEY)
    assert (refused.status_code, accepted.status_code) == (422, 201)


async def test_a_create_without_a_key_is_refused(shop: Shop) -> None:
    async with shop.machine() as client:
        assert (await client.post("/v1/lamps", json=LAMP)).status_code == 428
        assert (await client.post("/v1/lamps", json=LAMP, headers={"Idempotency-Key": "short"})).status_code == 422


async def test_the_answer_is_kept_for_seven_days(shop: Shop) -> None:
    async with shop.machine() as client:
        first = await client.post("/v1/lamps", json=LAMP, headers=KEY)
        shop.time.advance(timedelta(days=6, hours=23, minutes=59))
        assert essence(await client.post("/v1/lamps", json=LAMP, headers=KEY)) == essence(first)
        shop.time.advance(timedelta(minutes=1))
        other = await client.post("/v1/lamps", json={"name": "another", "watts": 1}, headers=KEY)
    assert other.status_code == 201
    assert other.json()["name"] == "another"


async def test_expired_answers_are_forgotten(shop: Shop) -> None:
    async with shop.machine() as client:
        await client.post("/v1/lamps", json=LAMP, headers=KEY)
        shop.time.advance(timedelta(days=7))
        await client.post("/v1/lamps", json={"name": "b", "watts": 1}, headers={"Idempotency-Key": "second-key"})
    answers = shop.api.state.edge.answers
    async with shop.works.begin(CAUSE) as work:
        assert await answers.forget(work) == 1
        await work.commit()
    assert await shop.count(ANSWERS) == 1


async def test_neither_key_nor_answer_can_be_read_in_the_database(shop: Shop) -> None:
    async with shop.machine() as client:
        await client.post("/v1/lamps", json=LAMP, headers=KEY)
    async with shop.database.sessions() as session:
        row = await session.scalar(text("SELECT idempotent_answer::text FROM idempotent_answer"))
    assert "13800138000" not in row
    assert "the-first-key" not in row


@pytest.mark.promise("R02")
async def test_64_parallel_requests_at_three_replicas_have_one_effect(
    database_url: str, keys: ShopKeys, time: ShopTime
) -> None:
    async with AsyncExitStack() as stack:
        shops = [await stack.enter_async_context(open_shop(database_url, keys=keys, time=time)) for _ in range(3)]
        clients = [await stack.enter_async_context(shop.machine()) for shop in shops]
        answers = await asyncio.gather(
            *(clients[n % 3].post("/v1/lamps", json=LAMP, headers=KEY, timeout=PATIENCE_SECONDS) for n in range(64))
        )
        assert await shops[0].count() == 1
    assert Counter(answer.status_code for answer in answers) == {201: 64}
    assert len({essence(answer) for answer in answers}) == 1


async def test_a_request_whose_first_is_still_running_is_told_to_come_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.http.calls.PATIENCE_SECONDS", 0.1)
    claim = shop.api.state.edge.answers.claim_of(
        KEY["Idempotency-Key"], actor=ROBOT, method="POST", target="/v1/lamps?", body=b""
    )
    async with shop.works.begin(CAUSE) as work:
        await shop.api.state.edge.answers.claim(claim, work=work)
        async with shop.machine() as client:
            answer = await client.post("/v1/lamps", json=LAMP, headers=KEY)
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "1")
    assert answer.json()["type"] == "/problems/still-running"
