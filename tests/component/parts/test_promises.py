"""What a request is promised: pieces on order with a day, pieces that are kept for longer, pieces before others."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.contracts.dispatch import PartsRequested
from shared.contracts.parts import PartsReserved, PartsShort
from support.parts_news import cancelled, needs, requested
from support.parts_store import STANDARD, PartsStore, open_parts_store
from testkit.servers.postgres import Postgres


async def on_order(store: PartsStore, asked: PartsRequested) -> datetime:
    """What was ordered for a request whose work order was called off: it comes and nobody waits for it."""
    await store.reach(asked, state="placed")
    expected = datetime.fromisoformat((await store.claim_of(asked))["expected_at"])
    await store.hear(cancelled(asked))
    return expected


@pytest.mark.rule("R327", "R143")
async def test_dispatch_hears_when_pieces_on_order_for_nobody_complete_a_kit(store: PartsStore) -> None:
    first = await store.short()
    expected = await on_order(store, first)
    one, another = requested(), requested(at=first.requested_at + timedelta(hours=1))
    await store.hear(one, another)
    ready = {event.request_id: event.ready_at for event in await store.said(PartsShort)}
    assert ready == {first.request_id: None, one.request_id: expected, another.request_id: None}
    assert datetime.fromisoformat((await store.request(one))["ready_at"]) == expected
    assert (await store.arrive(first)).status_code == 200
    await store.settle()
    assert [(await store.state(asked))[0] for asked in (one, another)] == ["reserved", "short"]


async def test_a_reservation_is_renewed_so_often_and_dispatch_hears_until_when(store: PartsStore) -> None:
    await store.part("PCB-77", on_hand=1)
    asked = requested()
    await store.hear(asked)
    path = f"/v1/requests/{asked.request_id}/renewal"
    for _ in range(2):
        await store.move(days=20)
        assert (await store.post(path, {})).status_code == 200
    refused = await store.post(path, {})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/renewed-too-often")
    first, *_, last = await store.said(PartsReserved)
    assert last.reserved_at == first.reserved_at
    assert timedelta(days=69) < last.expires_at - first.reserved_at < timedelta(days=71)
    await store.move(days=29)
    assert (await store.state(asked))[0] == "reserved"
    await store.move(days=2)
    assert (await store.state(asked))[0] == "expired"


async def test_whose_customer_has_accepted_is_served_before_one_who_has_not_said_anything(store: PartsStore) -> None:
    undecided = await store.short()
    accepted = requested(at=undecided.requested_at + timedelta(hours=1))
    await store.hear(accepted)
    assert (await store.agree(accepted)).status_code == 200
    receipt = {"part_code": "PCB-77", "quantity": 1, "reference": "DN-1"}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    await store.settle()
    assert [(await store.state(asked))[0] for asked in (undecided, accepted)] == ["short", "reserved"]
    assert accepted.lines == needs(PCB_77=1)


@pytest.mark.rule("R327")
async def test_where_the_policy_wants_kits_whole_nothing_is_kept_of_one_that_is_not(
    postgres: Postgres, parts_template: str, tmp_path: Path
) -> None:
    policy = tmp_path / "whole.toml"
    policy.write_text(STANDARD.read_text().replace('partial = "kept" ', 'partial = "whole_kit" ', 1))
    async with open_parts_store(postgres, template=parts_template, home=tmp_path, policy=policy) as store:
        await store.part("PCB-77", on_hand=1)
        large, small = requested(lines=needs(PCB_77=3)), requested()
        await store.hear(large, small)
        assert [(await store.state(asked))[0] for asked in (large, small)] == ["short", "reserved"]
        assert [line["quantity"] for line in (await store.claim_of(large))["lines"]] == [3]
        await store.reach(large, state="arrived")
        assert await store.stock("PCB-77") == (4, 4, 0)
        assert (await store.state(large))[0] == "reserved"
