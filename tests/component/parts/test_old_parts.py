"""Removed parts: as many as were exchanged, on the version that was seen, and under warranty by their numbers."""

import httpx
import pytest

from shared.contracts.dispatch import PartsRequested
from shared.contracts.facts import WarrantyStatus
from support.parts_lived import kind_of
from support.parts_news import BOARD, completed, needs, requested, started
from support.parts_store import PartsStore


async def issued(
    store: PartsStore, *serials: str, pieces: int, warranty: WarrantyStatus = WarrantyStatus.IN_WARRANTY
) -> PartsRequested:
    """So many boards are out, by their numbers where there are any."""
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "300"}
    assert (await store.post("/v1/parts", {**record, "is_serial": bool(serials)})).status_code == 201
    piece = {"part_code": BOARD, "quantity": pieces}
    receipt = {**piece, "reference": "DN-1", "serials": list(serials)}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    asked = requested(lines=needs(PCB_77=pieces), warranty=warranty)
    await store.hear(asked, started(asked))
    body = {"lines": [{**piece, "serials": list(serials)}], "issued_to": "T07"}
    assert (await store.post(f"/v1/requests/{asked.request_id}/issues", body)).status_code == 201
    return asked


async def hand_in(
    store: PartsStore, asked: PartsRequested, *serials: str, pieces: int = 1, version: object = "*"
) -> httpx.Response:
    line = {"part_code": BOARD, "quantity": pieces, "serials": list(serials)}
    path = f"/v1/requests/{asked.request_id}/old-parts"
    return await store.post(path, {"lines": [line], "location": "rack"}, version=version)


async def test_no_more_removed_parts_come_back_than_were_exchanged(store: PartsStore) -> None:
    asked = await issued(store, pieces=3)
    assert kind_of(await hand_in(store, asked, pieces=4)) == "more-than-exchanged"
    assert (await hand_in(store, asked, pieces=1)).status_code == 201
    await store.bring_back(asked, needs(PCB_77=1))
    assert kind_of(await hand_in(store, asked, pieces=2)) == "more-than-exchanged", "one was never fitted"
    await store.hear(completed(asked, fitted=needs(PCB_77=1)))
    assert kind_of(await hand_in(store, asked, pieces=1)) == "more-than-exchanged"
    lying = (await store.get("/v1/old-parts?cleared=false"))["items"]
    assert [one["quantity"] for one in lying] == [1]


@pytest.mark.rule("R315")
async def test_the_replacement_does_not_come_back_as_unused_once_the_removed_part_is_in(store: PartsStore) -> None:
    asked = await issued(store, pieces=2)
    assert (await hand_in(store, asked, pieces=1)).status_code == 201
    both = await store.bring_back(asked, needs(PCB_77=2))
    assert (kind_of(both), both.json()["expected"][:9]) == ("exchanged-already", "at most 1")
    assert await store.stock(BOARD) == (0, 0, 2)
    assert (await store.bring_back(asked, needs(PCB_77=1))).status_code == 201
    assert kind_of(await store.bring_back(asked, needs(PCB_77=1))) == "exchanged-already"
    assert await store.stock(BOARD) == (1, 0, 1)


async def test_removed_parts_are_handed_in_on_the_version_that_was_seen(store: PartsStore) -> None:
    asked = await issued(store, pieces=2)
    seen = (await store.request(asked))["version"]
    assert (await hand_in(store, asked, version=None)).status_code == 428
    taken = await hand_in(store, asked, version=seen)
    assert (taken.status_code, taken.headers["ETag"]) == (201, f'"{seen + 1}"')
    assert (await hand_in(store, asked, version=seen)).status_code == 412
    assert len((await store.get("/v1/old-parts"))["items"]) == 1


async def test_under_warranty_the_faulty_piece_is_known_like_the_one_that_replaced_it(store: PartsStore) -> None:
    asked = await issued(store, "SN-1", "SN-2", pieces=2)
    await store.post(
        "/v1/stock/receipts", {"part_code": BOARD, "quantity": 1, "reference": "DN-2", "serials": ["SN-3"]}
    )
    assert kind_of(await hand_in(store, asked)) == "serials-needed"
    assert kind_of(await hand_in(store, asked, "SN-1")) == "replacement-itself"
    assert kind_of(await hand_in(store, asked, "SN-3")) == "serial-in-store"
    assert (await hand_in(store, asked, "OLD-9")).status_code == 201
    [old] = (await store.get("/v1/old-parts"))["items"]
    assert old["serials"] == ["OLD-9"]
    assert kind_of(await hand_in(store, asked, "OLD-9")) == "removed-already"
    assert (await store.get("/v1/requests?faulty_unknown=true"))["items"] == [], "nothing was fitted yet"
    await store.hear(completed(asked, fitted=asked.lines))
    [unclear] = (await store.get("/v1/requests?faulty_unknown=true"))["items"]
    assert unclear["id"] == str(asked.request_id)
    assert (await hand_in(store, asked, "OLD-8")).status_code == 201
    assert (await store.get("/v1/requests?faulty_unknown=true"))["items"] == []


async def test_beyond_the_warranty_nobody_has_to_know_the_faulty_piece(store: PartsStore) -> None:
    asked = await issued(store, "SN-1", pieces=1, warranty=WarrantyStatus.OUT_OF_WARRANTY)
    assert (await hand_in(store, asked)).status_code == 201


async def test_what_is_taken_out_again_is_no_more_with_whom_it_was_drawn_for_and_comes_in_repaired(
    store: PartsStore,
) -> None:
    first = await issued(store, "SN-1", pieces=1)
    await store.hear(completed(first, fitted=needs(PCB_77=1)))
    receipt = {"part_code": BOARD, "quantity": 1, "reference": "DN-2", "serials": ["SN-2"]}
    assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    second = requested()
    await store.hear(second, started(second))
    body = {"lines": [{"part_code": BOARD, "quantity": 1, "serials": ["SN-2"]}], "issued_to": "T07"}
    assert (await store.post(f"/v1/requests/{second.request_id}/issues", body)).status_code == 201
    repaired = {**receipt, "reference": "REPAIR-1", "serials": ["SN-1"]}
    assert kind_of(await store.post("/v1/stock/receipts", repaired)) == "serial-out"
    assert (await hand_in(store, second, "SN-1")).status_code == 201
    known = {one["serial"]: one for one in (await store.get(f"/v1/parts/{BOARD}/serials"))["items"]}
    assert (known["SN-1"]["away"], known["SN-1"]["request_id"]) == ("removed", None)
    assert (await store.post("/v1/stock/receipts", repaired)).status_code == 201
    assert await store.rows("SELECT * FROM invariant_i10") == []
