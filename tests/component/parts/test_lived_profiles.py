"""A case is lived under the policy of each regulation: what is distinctive of it, once kept and once broken."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.contracts.facts import WarrantyStatus
from support.parts_news import BOARD, FAN, completed, needs, requested, started
from support.parts_store import PartsStore, open_parts_store
from testkit.servers.postgres import Postgres
from testkit.suite import policy_file


@pytest.fixture
async def store(
    request: pytest.FixtureRequest, postgres: Postgres, parts_template: str, tmp_path: Path
) -> AsyncIterator[PartsStore]:
    """A store under the profile that a test is `under`."""
    policy = policy_file("parts", profile=request.param)
    async with open_parts_store(postgres, template=parts_template, home=tmp_path, policy=policy) as opened:
        yield opened


def under(*profiles: str) -> pytest.MarkDecorator:
    """The test is lived once under each of these."""
    return pytest.mark.parametrize("store", profiles, indirect=True)


@under("car-dealer")
@pytest.mark.rule("R314", "R315", "R316")
async def test_a_car_dealer_hands_out_for_a_started_order_and_takes_back_what_was_not_used(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=2)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked)
    assert (await store.issue(asked)).json()["type"] == "/problems/work-order-not-started"
    await store.hear(started(asked))
    assert (await store.issue(asked)).status_code == 201
    assert await store.stock(BOARD) == (0, 0, 2)

    body = {"lines": [{"part_code": BOARD, "quantity": 1, "used": True}]}
    used = await store.post(f"/v1/requests/{asked.request_id}/returns", body)
    assert used.status_code == 409, used.text
    not_yet = await store.bring_back(asked, needs(PCB_77=1), received_at="2099-01-01T00:00:00Z")
    assert not_yet.status_code in {409, 422}, not_yet.text
    assert await store.stock(BOARD) == (0, 0, 2)
    assert (await store.bring_back(asked, needs(PCB_77=1))).status_code == 201
    assert await store.stock(BOARD) == (1, 0, 1)


@under("car-dealer")
@pytest.mark.rule("R199", "R320", "R321")
async def test_a_car_dealers_large_claim_order_waits_for_two_signatures_and_a_deposit(store: PartsStore) -> None:
    asked = await store.short(price="6000.00")
    assert (await store.sign(asked)).is_success
    assert await store.state(asked) == ("short", "awaiting_approval", "required")
    assert (await store.place(asked)).status_code == 409
    assert (await store.sign(asked, role="aftersales_director")).is_success
    assert (await store.place(asked)).status_code == 409
    assert (await store.pay(asked)).is_success
    for step in (store.place, store.arrive):
        assert (await step(asked)).is_success
    await store.hear(started(asked))
    assert (await store.issue(asked)).is_success
    assert await store.state(asked) == ("issued", "arrived", "held")
    await store.hear(completed(asked, fitted=needs(PCB_77=1)))
    assert await store.state(asked) == ("settled", "arrived", "refunded")


@under("car-dealer")
@pytest.mark.rule("R320")
async def test_a_car_dealer_asks_for_no_deposit_beyond_the_warranty(store: PartsStore) -> None:
    await store.part(BOARD)
    asked = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
    await store.hear(asked)
    assert await store.state(asked) == ("short", "awaiting_approval", None)
    assert (await store.sign(asked)).is_success
    assert (await store.place(asked)).is_success


@under("equipment-maker", "software-project")
@pytest.mark.rule("R327")
async def test_nothing_leaves_for_the_site_before_the_kit_is_complete(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=1)
    await store.part(FAN)
    asked = requested(lines=needs(FAN_3=1, PCB_77=1))
    await store.hear(asked, started(asked))
    assert (await store.issue(asked, needs(PCB_77=1))).status_code == 409
    assert await store.stock(BOARD) == (1, 1, 0)
    for step in (store.sign, store.place, store.arrive):
        assert (await step(asked)).is_success
    assert (await store.issue(asked)).status_code == 201
    assert (await store.stock(BOARD), await store.stock(FAN)) == ((0, 0, 1), (0, 0, 1))


@under("dept-template")
@pytest.mark.rule("R326")
async def test_a_stock_is_kept_and_what_runs_low_is_listed(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=2, minimum=2)
    assert (await store.get("/v1/stock?low=true"))["items"] == []
    await store.hear(requested())
    [low] = (await store.get("/v1/stock?low=true"))["items"]
    assert (low["part_code"], low["available"]) == (BOARD, 1)
