"""What is quoted and signed before it is ordered, who pays for a mis-order, and whose parts lie idle."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import httpx
import pytest

from shared.contracts.dispatch import PartsRequested
from shared.contracts.facts import WarrantyStatus
from support.at_once import at_once
from support.parts_news import BOARD, cancelled, needs, requested
from support.parts_store import STANDARD, PartsStore, open_parts_store
from testkit.servers.postgres import Postgres

NAME = "主板"


@pytest.fixture
async def quoting(postgres: Postgres, parts_template: str, tmp_path: Path) -> AsyncIterator[PartsStore]:
    """A store that orders nothing for those out of warranty before a quotation is signed; no deposits."""
    policy = tmp_path / "quoting.toml"
    text = STANDARD.read_text()
    for before, after in (
        ('asked_for = ["in_warranty", "out_of_warranty"]', "asked_for = []"),
        ('asked_for = []               # "in', 'asked_for = ["out_of_warranty"]  # "in'),
    ):
        assert before in text
        text = text.replace(before, after, 1)
    policy.write_text(text)
    async with open_parts_store(postgres, template=parts_template, home=tmp_path, policy=policy) as opened:
        await opened.part(BOARD)
        yield opened


async def quote(store: PartsStore, asked: PartsRequested, **told: object) -> httpx.Response:
    """The service advisor writes the right quotation, but for what is told."""
    claim = await store.claim_of(asked)
    right = {"lines": [{"part_code": BOARD, "name": NAME, "quantity": line.quantity} for line in asked.lines]}
    return await store.post(f"/v1/claim-orders/{claim['id']}/quotation", {**right, **told}, role="agent")


async def sign_quotation(store: PartsStore, asked: PartsRequested, *, role: str) -> httpx.Response:
    claim = await store.claim_of(asked)
    return await store.post(f"/v1/claim-orders/{claim['id']}/quotation/signature", {}, role=role)


@pytest.mark.rule("R195")
async def test_nothing_is_ordered_before_its_quotation_is_signed_by_the_responsible_person(
    quoting: PartsStore,
) -> None:
    asked = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
    await quoting.hear(asked)
    assert (await quoting.sign(asked)).status_code == 200
    for step in (None, quote):
        if step is not None:
            assert (await step(quoting, asked)).status_code == 200
        refused = await quoting.place(asked)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/quotation-not-signed")
    assert (await sign_quotation(quoting, asked, role="aftersales_director")).status_code == 403
    assert (await sign_quotation(quoting, asked, role="workshop_manager")).status_code == 200
    assert (await quote(quoting, asked)).status_code == 409, "what is signed is not written anew"
    assert (await quoting.place(asked)).status_code == 200
    free = requested()
    await quoting.hear(free)
    assert (await quote(quoting, free)).status_code == 409, "in warranty nothing is quoted"
    assert (await quoting.sign(free)).status_code == 200
    assert (await quoting.place(free)).status_code == 200


@pytest.mark.rule("R195")
async def test_what_is_signed_while_it_is_written_anew_is_what_the_signer_has_seen(quoting: PartsStore) -> None:
    asked = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
    await quoting.hear(asked)
    assert (await quote(quoting, asked)).status_code == 200
    claim = await quoting.claim_of(asked)
    path, seen = f"/v1/claim-orders/{claim['id']}/quotation", claim["version"]
    lines = [{"part_code": BOARD, "name": "Board", "quantity": 1}]
    writing = partial(quoting.post, path, {"lines": lines}, role="agent", version=seen)
    signing = partial(quoting.post, f"{path}/signature", {}, role="workshop_manager", version=seen)
    won, lost = await at_once(quoting, writing, signing, over="known_work_order")
    assert (won, lost) == ((200, ""), (412, "stale-version"))
    quotation = await quoting.get(path)
    is_signed = quotation["state"] == "signed"
    assert [line["name"] for line in quotation["lines"]] == [NAME if is_signed else "Board"]


@pytest.mark.rule("R195", "R199")
async def test_purchasing_orders_nothing_for_a_work_order_before_its_claim_order_and_quotation_are_signed(
    quoting: PartsStore,
) -> None:
    asked = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
    await quoting.hear(asked)
    supplier = {
        "number": "S-017",
        "name": "恒通配件",
        "supplies": "主板",
        "contact_name": "周工",
        "phone": "010-5550117",
    }
    assert (await quoting.post("/v1/suppliers", {**supplier, "part_codes": [BOARD]}, role="buyer")).status_code == 201
    soon = (await quoting.now() + timedelta(days=5)).isoformat()
    line = {"part_code": BOARD, "quantity": 1, "model": "LN-24"}
    wanted = {"lines": [line], "wanted_at": soon, "destination": "store", "work_order_id": str(asked.work_order_id)}
    request = (await quoting.post("/v1/purchase-requests", wanted)).json()["id"]
    priced = {"part_code": BOARD, "quantity": 1, "unit_price": "180.00"}
    order = {"supplier_number": "S-017", "lines": [priced], "expected_at": soon, "request_ids": [request]}
    for sign in (quoting.sign(asked), quote(quoting, asked), sign_quotation(quoting, asked, role="workshop_manager")):
        refused = await quoting.post("/v1/purchase-orders", order, role="buyer")
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/claim-order-not-signed")
        assert (await sign).status_code == 200
    placed = await quoting.post("/v1/purchase-orders", order, role="buyer")
    assert placed.status_code == 201, placed.text


@pytest.mark.rule("R196")
async def test_a_quotation_names_parts_of_the_catalogue_as_the_catalogue_does(quoting: PartsStore) -> None:
    asked = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
    await quoting.hear(asked)
    for wrong, problem, right in (
        ({"part_code": "NO-1", "name": NAME, "quantity": 1}, "part-not-in-catalogue", "GET /v1/parts"),
        ({"part_code": BOARD, "name": "那块板", "quantity": 1}, "part-name-unclear", NAME),
        ({"part_code": BOARD, "name": NAME, "quantity": 2}, "quotation-differs", f"exactly 1 of {BOARD}"),
    ):
        refused = await quote(quoting, asked, lines=[wrong])
        assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{problem}")
        assert right in refused.json()["expected"]
    assert (await quoting.get(f"/v1/claim-orders/{(await quoting.claim_of(asked))['id']}/quotation"))["lines"] == []


@pytest.mark.rule("R196")
async def test_whoever_mis_ordered_is_charged_as_the_policy_says(store: PartsStore) -> None:
    asked = await store.short()
    path = f"/v1/claim-orders/{(await store.claim_of(asked))['id']}/misorders"
    body = {"part_code": BOARD, "person": "T07"}
    assert (await store.post(path, body)).status_code == 409, "nothing is ordered yet"
    await store.reach(asked, state="placed")
    assert (await store.post(path, {**body, "part_code": "FAN-3"})).status_code == 422
    assert (await store.post(path, body)).status_code == 201
    [charged] = (await store.get("/v1/misorders?person=T07"))["items"]
    assert (charged["charge"], charged["part_code"]) == ("30.00", BOARD)
    again = await store.post(path, body)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/misorder-charged")
    assert charged["id"] in again.json()["detail"]
    assert (await store.post(path, {**body, "person": "T08"})).status_code == 201, "whose fault it was as well"
    assert [one["person"] for one in (await store.get("/v1/misorders"))["items"]] == ["T08", "T07"]


@pytest.mark.rule("R197")
async def test_parts_that_are_added_during_a_repair_say_why_and_are_signed_again(quoting: PartsStore) -> None:
    first = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
    added = requested(
        warranty=WarrantyStatus.OUT_OF_WARRANTY,
        work_order_id=first.work_order_id,
        lines=needs(PCB_77=2),
        at=first.requested_at + timedelta(hours=1),
    )
    await quoting.hear(first, added)
    for asked in (first, added):
        assert (await quoting.sign(asked)).status_code == 200
    assert (await quote(quoting, first)).status_code == 200
    assert (await sign_quotation(quoting, first, role="workshop_manager")).status_code == 200
    assert (await quoting.place(first)).status_code == 200
    unexplained = await quote(quoting, added)
    assert (unexplained.status_code, unexplained.json()["type"]) == (422, "/problems/addition-without-reason")
    assert "damaged_in_repair" in unexplained.json()["expected"]
    assert (await quote(quoting, added, reason="whim")).status_code == 422
    assert (await quote(quoting, added, reason="missed")).status_code == 200
    assert (await quoting.place(added)).status_code == 409
    assert (await sign_quotation(quoting, added, role="workshop_manager")).status_code == 200
    assert (await quoting.place(added)).status_code == 200


@pytest.mark.rule("R322")
async def test_what_was_ordered_for_those_who_never_came_is_reported_with_its_worth(store: PartsStore) -> None:
    asked = await store.short()
    await store.reach(asked, state="arrived")
    await store.move(days=15)
    report = await store.get("/v1/reports/idle-claim-orders?days=10")
    [line] = report["lines"]
    assert (line["value"], line["idle_days"], line["reminders"], line["released"]) == ("200.00", 15, 2, False)
    assert report["value"] == "200.00"
    assert (await store.get("/v1/reports/idle-claim-orders?days=16"))["lines"] == []
    await store.move(days=50)
    [given_up] = (await store.get("/v1/reports/idle-claim-orders"))["lines"]
    assert given_up["released"] is True


@pytest.mark.rule("R322")
async def test_what_was_ordered_for_an_order_that_was_called_off_lies_idle_until_it_went_to_somebody_else(
    store: PartsStore,
) -> None:
    await store.part(BOARD)
    kept, called_off, other = requested(), requested(lines=needs(PCB_77=2)), requested()
    for asked in (kept, called_off):
        await store.hear(asked)
        await store.reach(asked, state="arrived")
        await store.move(days=1)
    await store.hear(cancelled(called_off))

    async def idle() -> list[tuple[str, bool, str]]:
        report = await store.get("/v1/reports/idle-claim-orders")
        assert Decimal(report["value"]) == sum(Decimal(line["value"]) for line in report["lines"])
        return [(line["request_id"], line["released"], line["value"]) for line in report["lines"]]

    waits = (str(kept.request_id), False, "200.00")
    assert await idle() == [(str(called_off.request_id), True, "400.00"), waits], "the newest first"
    await store.hear(other)
    assert await idle() == [(str(called_off.request_id), True, "200.00"), waits], "one of two is kept for another"
    back = {"part_code": BOARD, "quantity": 1, "supplier": "恒通", "reason": "faulty"}
    assert (await store.post("/v1/vendor-returns", back)).status_code == 201
    assert await idle() == [waits]
