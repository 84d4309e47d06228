"""The counter: what has to be presented, packed and confirmed before parts leave the store, and what comes back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from parts.domain.issuing import Additions, Kit, Leaving, Packing, Presenting, Terms, check_counter, is_addition
from parts.domain.supply_words import RequestState
from shared.refusals import IllegalTransition, Refusal
from support.case_events import START
from support.parts_news import BOARD, FAN, completed, needs, requested, started
from support.parts_store import STANDARD, PartsStore, open_parts_store
from testkit.servers.postgres import Postgres

FREE = Terms(
    presenting=Presenting.OPTIONAL, packing=Packing.AT_THE_COUNTER, additions=Additions.FREE, leaving=Leaving.IN_PARTS
)
STRICT = Terms(
    presenting=Presenting.REQUIRED,
    packing=Packing.BEFORE_DEPARTURE,
    additions=Additions.CONFIRMED,
    leaving=Leaving.IN_PARTS,
)
READY = Kit(work_order_number="W17", prepared_at=START, is_addition=True, confirmed_at=START)


@pytest.fixture
async def strict(postgres: Postgres, parts_template: str, tmp_path: Path) -> AsyncIterator[PartsStore]:
    """A store under a policy that asks for all of it."""
    policy = tmp_path / "strict.toml"
    text = STANDARD.read_text()
    for lax, strict in (
        ('order = "optional"', 'order = "required"'),
        ('kits = "at_the_counter"', 'kits = "before_departure"'),
        ('additions = "free"', 'additions = "confirmed"'),
    ):
        assert lax in text
        text = text.replace(lax, strict, 1)
    policy.write_text(text)
    async with open_parts_store(postgres, template=parts_template, home=tmp_path, policy=policy) as opened:
        yield opened


@pytest.mark.rule("R313", "R257", "R198")
async def test_material_leaves_the_store_presented_packed_and_confirmed(strict: PartsStore) -> None:
    await strict.part(BOARD, on_hand=3)
    first = requested(lines=needs(PCB_77=1))
    second = requested(lines=needs(PCB_77=2), work_order_id=first.work_order_id, at=START + timedelta(minutes=1))
    await strict.hear(first, second, started(first))
    path = f"/v1/requests/{second.request_id}"
    lines = [line.model_dump() for line in second.lines]

    async def refused_as(**more: object) -> str:
        answer = await strict.post(f"{path}/issues", {"lines": lines, "issued_to": "T07", **more})
        return str(answer.json().get("type"))

    assert await refused_as() == "/problems/order-not-presented"
    assert await refused_as(presented="W9") == "/problems/other-order-presented"
    assert await refused_as(presented="W1000017") == "/problems/kit-not-prepared"
    assert (await strict.post(f"{path}/preparation", {})).status_code == 200
    assert await refused_as(presented="W1000017") == "/problems/addition-not-confirmed"
    assert (await strict.post(f"{path}/confirmation", {})).status_code == 403, "a storekeeper is no front desk"
    assert (await strict.post(f"{path}/confirmation", {}, role="agent")).status_code == 200
    assert (await strict.post(f"{path}/confirmation", {}, role="agent")).status_code == 409
    assert await strict.stock(BOARD) == (3, 3, 0)
    assert await refused_as(presented="W1000017") == "None"
    assert await strict.stock(BOARD) == (1, 1, 2)
    no_addition = await strict.post(f"/v1/requests/{first.request_id}/confirmation", {}, role="agent")
    assert (no_addition.status_code, no_addition.json()["type"]) == (409, "/problems/no-addition")


@pytest.mark.rule("R257", "R327")
async def test_a_kit_is_packed_when_it_is_complete(store: PartsStore) -> None:
    asked = await store.short()
    early = await store.post(f"/v1/requests/{asked.request_id}/preparation", {})
    assert (early.status_code, early.json()["type"]) == (409, "/problems/kit-not-complete")


@pytest.mark.rule("R315")
async def test_what_cannot_be_is_refused_with_what_would_be_right_and_moves_nothing(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=2)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked, started(asked))
    path = f"/v1/requests/{asked.request_id}/issues"
    for quantity in (0, -1, 1.5, "a few"):
        body = {"lines": [{"part_code": BOARD, "quantity": quantity}], "issued_to": "T07"}
        refused = await store.post(path, body)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-input"), quantity
    for serials in (["S1", "S1"], ["S1", "S2", "S3"]):
        body = {"lines": [{"part_code": BOARD, "quantity": 2, "serials": serials}], "issued_to": "T07"}
        assert (await store.post(path, body)).status_code == 422, serials
    assert await store.stock(BOARD) == (2, 2, 0)
    body = {"lines": [{"part_code": BOARD, "quantity": 2, "serials": ["S1", "S2"]}], "issued_to": "T07"}
    assert (await store.post(path, body)).status_code == 201
    unexplained = await store.bring_back(asked, reason="because")
    assert "not_needed" in unexplained.json()["expected"]
    used = [{"part_code": BOARD, "quantity": 1, "used": True}]
    body = {"lines": used, "reason": "not_needed", "received_at": (await store.now()).isoformat()}
    refused = await store.post(path.replace("issues", "returns"), body)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/part-used")
    assert await store.stock(BOARD) == (0, 0, 2)
    assert (await store.bring_back(asked, needs(PCB_77=1))).status_code == 201
    issue, back = (await store.request(asked))["notes"]
    assert (issue["lines"][0]["serials"], back["reason"]) == (["S1", "S2"], "not_needed")


@pytest.mark.rule("R296")
async def test_removed_parts_lie_where_they_belong_until_they_are_cleared(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=1)
    await store.part(FAN, on_hand=1)
    asked = requested(lines=needs(PCB_77=1))
    await store.hear(asked, started(asked))
    path = f"/v1/requests/{asked.request_id}/old-parts"
    body = {"lines": [{"part_code": BOARD, "quantity": 1, "serials": ["OLD-1"]}], "location": "rack"}
    assert (await store.post(path, body)).status_code == 422, "nothing was issued that it came out for"
    assert (await store.issue(asked)).status_code == 201
    in_the_bay = await store.post(path, {**body, "location": "bay"})
    assert "rack" in in_the_bay.json()["expected"]
    taken = await store.post(path, body)
    assert taken.status_code == 201
    await store.hear(completed(asked, fitted=asked.lines))
    [lying] = (await store.get("/v1/old-parts?cleared=false"))["items"]
    assert (lying["location"], lying["serials"]) == ("rack", ["OLD-1"])
    clearing = f"{path}/clearing"
    assert (await store.post(clearing, {"cleared_as": "scrapped"})).status_code == 200
    assert (await store.post(clearing, {"cleared_as": "scrapped"})).status_code == 409
    assert (await store.get("/v1/old-parts?cleared=false"))["items"] == []
    assert await store.stock(BOARD) == (0, 0, 0)


@pytest.mark.rule("R313", "R257", "R198")
@pytest.mark.parametrize(
    ("kit", "presented"),
    [
        (READY, None),
        (READY, "W18"),
        (Kit(work_order_number="W17", prepared_at=None, is_addition=False, confirmed_at=None), "W17"),
        (Kit(work_order_number="W17", prepared_at=START, is_addition=True, confirmed_at=None), "W17"),
    ],
    ids=["nothing presented", "another order", "not packed", "not confirmed"],
)
def test_a_strict_counter_keeps_what_lacks_anything(kit: Kit, presented: str | None) -> None:
    with pytest.raises((Refusal, IllegalTransition)):
        check_counter(kit, presented=presented, terms=STRICT)
    check_counter(READY, presented="W17", terms=STRICT)
    check_counter(kit, presented=None, terms=FREE)


def test_only_what_still_counts_makes_the_next_request_an_addition() -> None:
    assert not is_addition([RequestState.EXPIRED, RequestState.UNAVAILABLE, RequestState.RELEASED])
    assert is_addition([RequestState.EXPIRED, RequestState.ISSUED])
    assert not is_addition([])
