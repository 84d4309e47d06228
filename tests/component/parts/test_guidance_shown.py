"""The storekeeper reads what he has to keep in mind in the answers that he works from."""

import pytest

from support.parts_news import BOARD, requested, started
from support.parts_store import PartsStore
from support.service_room import Json


def told(answer: list[Json]) -> dict[str, str]:
    return {one["rule"]: one["text"]["en"] for one in answer}


@pytest.mark.rule("R200", "R296", "R334")
async def test_a_request_tells_what_to_keep_in_mind_for_its_next_step(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=1)
    asked = requested()
    await store.hear(asked)
    issuing = told((await store.request(asked))["guidance"])
    assert [*issuing] == ["R296", "R334"]
    assert "save material" in issuing["R334"]
    await store.hear(started(asked))
    issued = (await store.issue(asked)).json()
    assert [*told(issued["guidance"])] == ["R200", "R296"]
    assert issued["guidance"] == (await store.request(asked))["guidance"]
    assert "严格控制" in issued["guidance"][0]["text"]["zh-CN"]
    assert "3 oil filters" in told(issued["guidance"])["R296"]


@pytest.mark.rule("R007", "R336")
async def test_what_to_keep_in_mind_can_be_asked_for_by_place(store: PartsStore) -> None:
    asked = await store.short()
    assert [*told((await store.request(asked))["guidance"])] == ["R007"]
    purchasing = told(await store.get("/v1/guidance?place=purchasing"))
    assert "answers for their supply" in purchasing["R007"]
    catalogue = told(await store.get("/v1/guidance?place=catalogue"))
    assert "together with the warranty policy" in catalogue["R336"]
    assert [*told(await store.get("/v1/guidance?place=tools&place=returning"))] == ["R200", "R296", "R334"]
    assert len(await store.get("/v1/guidance")) == 5
    async with store.client() as client:
        assert (await client.get("/v1/guidance?place=nowhere")).status_code == 422
