"""The storekeeper reads what he has to keep in mind in the answers that he works from."""

from datetime import timedelta

import pytest

from parts.domain.guidance import GuidancePlace
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


@pytest.mark.rule("R336")
async def test_whoever_enters_or_changes_a_part_reads_what_the_catalogue_is_laid_down_with(store: PartsStore) -> None:
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "200.00"}
    made = await store.post("/v1/parts", record)
    assert "together with the warranty policy" in told(made.json()["guidance"])["R336"]
    async with store.client() as client:
        changed = await client.put(f"/v1/parts/{BOARD}", json=record, headers={"If-Match": "*"})
    assert changed.json()["guidance"] == made.json()["guidance"] == (await store.get(f"/v1/parts/{BOARD}"))["guidance"]


@pytest.mark.rule("R007")
async def test_whoever_asks_purchasing_for_parts_reads_who_answers_for_their_supply(store: PartsStore) -> None:
    await store.part(BOARD)
    wanted = {"destination": "store", "wanted_at": (await store.now() + timedelta(days=5)).isoformat()}
    lines = [{"part_code": BOARD, "quantity": 1, "model": "LN-24"}]
    made = await store.post("/v1/purchase-requests", {**wanted, "lines": lines})
    assert [*told(made.json()["guidance"])] == ["R007"]
    assert (await store.get(f"/v1/purchase-requests/{made.json()['id']}"))["guidance"] == made.json()["guidance"]


@pytest.mark.rule("R296")
async def test_whoever_takes_removed_parts_reads_where_they_lie(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=1)
    asked = requested()
    await store.hear(asked, started(asked))
    assert (await store.issue(asked)).status_code == 201
    body = {"lines": [{"part_code": BOARD, "quantity": 1}], "location": "rack"}
    taken = await store.post(f"/v1/requests/{asked.request_id}/old-parts", body)
    assert "on racks or in boxes" in told(taken.json()["guidance"])["R296"]


@pytest.mark.rule("R007", "R200", "R296", "R334", "R336")
@pytest.mark.parametrize(
    ("lived", "rules"),
    [
        ("outline", {"catalogue": ["R336"]}),
        ("car-dealer", {"returning": ["R200", "R296"], "issuing": ["R296"]}),
        ("doors-windows", {"issuing": ["R334"], "tools": ["R334"]}),
        ("generic-flow", {"ordering": ["R007"], "purchasing": ["R007"]}),
        ("generic-quality", {"ordering": ["R007"], "purchasing": ["R007"]}),
        ("generic-1h", {}),
    ],
    indirect=["lived"],
)
async def test_a_regulation_tells_its_own_advice_where_it_is_met_and_no_other(
    lived: PartsStore, rules: dict[str, list[str]]
) -> None:
    met = {place: [*told(await lived.get(f"/v1/guidance?place={place}"))] for place in GuidancePlace}
    assert met == {place: rules.get(place, []) for place in GuidancePlace}
    short = await lived.short()
    catalogue = told((await lived.get(f"/v1/parts/{BOARD}"))["guidance"])
    assert [*catalogue] == rules.get("catalogue", [])
    assert [*told((await lived.request(short))["guidance"])] == rules.get("ordering", [])
