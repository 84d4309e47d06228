"""Pieces that are known by their serial number are received, moved, issued and brought back one by one."""

from uuid import UUID

import httpx
import pytest

from parts.domain.ledger import Kind
from parts.use_cases.move_stock import Move, move_stock
from shared.actor import Actor
from shared.contracts.dispatch import PartsRequested
from shared.messaging.unit_of_work import Cause
from shared.refusals import Refusal
from support.parts_news import BOARD, completed, needs, requested, started
from support.parts_store import PartsStore

STOREKEEPER = Cause(actor=Actor(kind="person", id="S1", role="storekeeper"))


async def receive(
    store: PartsStore, *serials: str, pieces: int | None = None, reference: str = "DN-1"
) -> httpx.Response:
    body = {"part_code": BOARD, "quantity": pieces or len(serials), "reference": reference, "serials": list(serials)}
    return await store.post("/v1/stock/receipts", body)


async def move(store: PartsStore, kind: Kind, *serials: str, request_id: UUID, pieces: int = 1) -> None:
    """As issue and return notes do it."""
    async with store.works.begin(STOREKEEPER) as work:
        one = Move(
            part_code=BOARD, kind=kind, pieces=pieces, reference="note", request_id=request_id, serials=tuple(serials)
        )
        await move_stock(work, moves=[one], desk=store.service.api.state.desk)
        await work.commit()


async def where(store: PartsStore) -> dict[str, str | None]:
    """Serial number to its place or the request that has it."""
    found = (await store.get(f"/v1/parts/{BOARD}/serials"))["items"]
    return {one["serial"]: one["location"] or one["request_id"] for one in found}


@pytest.fixture
async def asked(store: PartsStore) -> PartsRequested:
    """One of two boards, SN-1 and SN-2, is kept for a request."""
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "300", "is_serial": True}
    assert (await store.post("/v1/parts", record)).status_code == 201
    assert (await receive(store, "SN-1", pieces=2)).json()["type"] == "/problems/serials-needed"
    assert (await receive(store, "SN-1", "SN-1")).json()["type"] == "/problems/wrong-serials"
    assert (await receive(store, "SN-1", "SN-2")).status_code == 201
    asked = requested(lines=needs(PCB_77=1))
    await store.hear(asked)
    return asked


async def test_a_piece_is_received_once(store: PartsStore, asked: PartsRequested) -> None:
    del asked
    again = await receive(store, "SN-2", reference="DN-2")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/serial-in-store")
    assert await store.stock(BOARD) == (2, 1, 0)
    assert await where(store) == {"SN-1": "main", "SN-2": "main"}


@pytest.mark.parametrize(("serials", "code"), [((), "serials_needed"), (("SN-9",), "serial_not_there")])
async def test_a_piece_is_issued_by_its_number_and_only_where_it_lies(
    store: PartsStore, asked: PartsRequested, serials: tuple[str, ...], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await move(store, Kind.ISSUE, *serials, request_id=asked.request_id)
    assert refused.value.code == code
    assert await store.stock(BOARD) == (2, 1, 0)


async def test_who_drew_which_piece_is_known_and_only_that_piece_comes_back(
    store: PartsStore, asked: PartsRequested
) -> None:
    await move(store, Kind.ISSUE, "SN-2", request_id=asked.request_id)
    assert await where(store) == {"SN-1": "main", "SN-2": str(asked.request_id)}
    with pytest.raises(Refusal) as refused:
        await move(store, Kind.RETURN, "SN-7", request_id=asked.request_id)
    assert (refused.value.code, refused.value.expected) == ("serial_not_drawn", "of those that were: none")
    await move(store, Kind.RETURN, "SN-2", request_id=asked.request_id)
    assert await where(store) == {"SN-1": "main", "SN-2": "main"}
    assert await store.rows("SELECT * FROM invariant_i10 WHERE about LIKE '%at main'") == []


async def test_a_piece_that_is_written_off_is_one_that_was_drawn_and_may_be_found_again(
    store: PartsStore, asked: PartsRequested
) -> None:
    await store.hear(started(asked))
    path, line = f"/v1/requests/{asked.request_id}", {"part_code": BOARD, "quantity": 1}
    await store.post(f"{path}/issues", {"lines": [{**line, "serials": ["SN-2"]}], "issued_to": "T07"})
    body = {"reason": "lost", "issued_to": "T07"}
    for serials, kind in (([], "serials-needed"), (["SN-1"], "serial-not-drawn")):
        refused = await store.post(f"{path}/losses", {**body, "lines": [{**line, "serials": serials}]})
        assert refused.json()["type"] == f"/problems/{kind}"
    lost = await store.post(f"{path}/losses", {**body, "lines": [{**line, "serials": ["SN-2"]}]})
    assert lost.status_code == 201, lost.text
    assert await where(store) == {"SN-1": "main", "SN-2": None}
    assert (await adjust(store, 1, "SN-2", reason="found")).status_code == 201
    assert await store.rows("SELECT * FROM invariant_i10") == []


@pytest.mark.rule("R314")
async def test_what_is_handed_out_and_what_it_replaces_are_both_known(store: PartsStore, asked: PartsRequested) -> None:
    await store.hear(started(asked))
    path, line = f"/v1/requests/{asked.request_id}", {"part_code": BOARD, "quantity": 1}
    body = {"lines": [line], "issued_to": "T07"}
    unnamed = await store.post(f"{path}/issues", body)
    assert (unnamed.status_code, unnamed.json()["type"]) == (422, "/problems/serials-needed")
    assert await store.stock(BOARD) == (2, 1, 0)
    named = await store.post(f"{path}/issues", {**body, "lines": [{**line, "serials": ["SN-2"]}], "location": "main"})
    assert named.status_code == 201, named.text
    faulty = {"lines": [{**line, "serials": ["OLD-9"]}], "location": "rack"}
    assert (await store.post(f"{path}/old-parts", faulty)).status_code == 201
    assert await where(store) == {"SN-1": "main", "SN-2": str(asked.request_id)}
    [old] = (await store.get("/v1/old-parts?cleared=false"))["items"]
    assert (old["request_id"], old["serials"]) == (str(asked.request_id), ["OLD-9"])


async def test_what_was_ordered_for_a_customer_arrives_with_its_numbers(store: PartsStore) -> None:
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "300", "is_serial": True}
    assert (await store.post("/v1/parts", record)).status_code == 201
    asked = requested()
    await store.hear(asked)
    assert (await store.pay(asked)).status_code == 200
    assert (await store.sign(asked)).status_code == 200
    assert (await store.place(asked)).status_code == 200
    unnamed = await store.arrive(asked)
    assert (unnamed.status_code, unnamed.json()["type"]) == (422, "/problems/serials-needed")
    assert await store.stock(BOARD) == (0, 0, 0)
    path = f"/v1/claim-orders/{(await store.claim_of(asked))['id']}/arrival"
    assert (await store.post(path, {"serials": {BOARD: ["SN-3"]}})).status_code == 200
    assert await where(store) == {"SN-3": "main"}


async def test_a_piece_with_a_number_is_not_brought_elsewhere_or_written_off_without_it(
    store: PartsStore, asked: PartsRequested
) -> None:
    del asked
    van = {"code": "van-7", "kind": "van", "name_zh": "车", "name_en": "Van", "department": "aftersales"}
    assert (await store.post("/v1/locations", {**van, "staff_number": "T07"})).status_code == 201
    body = {"part_code": BOARD, "quantity": 1, "source": "main", "destination": "van-7"}
    assert (await store.post("/v1/stock/transfers", body)).json()["type"] == "/problems/serials-needed"
    assert (await store.post("/v1/stock/transfers", {**body, "serials": ["SN-1"]})).status_code == 201
    assert await where(store) == {"SN-1": "van-7", "SN-2": "main"}
    loss = {"part_code": BOARD, "difference": -1, "reason": "lost", "location": "van-7"}
    assert (await store.post("/v1/stock/adjustments", loss)).json()["type"] == "/problems/serials-needed"
    assert (await store.post("/v1/stock/adjustments", {**loss, "serials": ["SN-1"]})).status_code == 201
    assert await where(store) == {"SN-1": None, "SN-2": "main"}
    assert await store.rows("SELECT * FROM invariant_i10") == []


async def adjust(store: PartsStore, difference: int, serial: str, *, reason: str) -> httpx.Response:
    body = {"part_code": BOARD, "difference": difference, "reason": reason, "serials": [serial]}
    return await store.post("/v1/stock/adjustments", body)


async def test_a_piece_that_is_out_is_not_received_again_as_if_it_had_come_back(
    store: PartsStore, asked: PartsRequested
) -> None:
    await store.hear(started(asked))
    lines = [{"part_code": BOARD, "quantity": 1, "serials": ["SN-2"]}]
    assert (
        await store.post(f"/v1/requests/{asked.request_id}/issues", {"lines": lines, "issued_to": "T07"})
    ).is_success
    for fitted in (False, True):
        if fitted:
            await store.hear(completed(asked, fitted=asked.lines))
        for refused in (await receive(store, "SN-2", reference="DN-2"), await adjust(store, 1, "SN-2", reason="found")):
            assert (refused.status_code, refused.json()["type"]) == (409, "/problems/serial-out"), fitted
    assert await where(store) == {"SN-1": "main", "SN-2": str(asked.request_id)}


async def test_a_piece_comes_again_that_its_vendor_repaired_or_replaced_or_that_was_written_off_and_is_found(
    store: PartsStore, asked: PartsRequested
) -> None:
    del asked
    back = {"part_code": BOARD, "quantity": 1, "supplier": "恒通配件", "reason": "faulty", "serials": ["SN-1"]}
    assert (await store.post("/v1/vendor-returns", back)).status_code == 201
    assert (await adjust(store, 1, "SN-1", reason="found")).json()["type"] == "/problems/serial-out"
    assert (await receive(store, "SN-1", reference="DN-2")).status_code == 201
    assert (await adjust(store, -1, "SN-1", reason="lost")).status_code == 201
    assert (await adjust(store, 1, "SN-1", reason="found")).status_code == 201
    unnamed = {"part_code": BOARD, "difference": 1, "reason": "found"}
    assert (await store.post("/v1/stock/adjustments", unnamed)).json()["type"] == "/problems/serials-needed"
    assert await where(store) == {"SN-1": "main", "SN-2": "main"}
    assert await store.rows("SELECT * FROM invariant_i10 WHERE about LIKE '%at main'") == []


async def test_a_stock_take_names_the_pieces_and_posts_what_is_missing_and_what_is_found(
    store: PartsStore, asked: PartsRequested
) -> None:
    del asked
    assert (await receive(store, "SN-3", "SN-4", reference="DN-2")).is_success
    assert (await adjust(store, -1, "SN-4", reason="lost")).is_success
    take = (await store.post("/v1/stock-takes", {"location": "main"})).json()
    counts, line = f"/v1/stock-takes/{take['id']}/counts", {"part_code": BOARD, "counted": 3}
    unnamed = await store.post(counts, {"lines": [line]})
    assert (unnamed.status_code, unnamed.json()["type"]) == (422, "/problems/serials-needed")
    named = await store.post(counts, {"lines": [{**line, "serials": ["SN-1", "SN-4", "SN-9"]}]})
    assert [(one["difference"], one["serials"]) for one in named.json()["counts"]] == [(0, ["SN-1", "SN-4", "SN-9"])]
    assert (await store.post(f"/v1/stock-takes/{take['id']}/posting", {"reason": "stocktake"})).status_code == 200
    assert await where(store) == {"SN-1": "main", "SN-2": None, "SN-3": None, "SN-4": "main", "SN-9": "main"}
    lines = (await store.get(f"/v1/stock/movements?part_code={BOARD}&kind=adjustment"))["items"]
    assert sorted(one["on_hand"] for one in lines if one["reference"].startswith("stock_take/")) == [-2, 2]
    assert await store.stock(BOARD) == (3, 1, 0)
    assert await store.rows("SELECT * FROM invariant_i10") == []


async def test_what_the_house_draws_is_named_piece_by_piece_too(store: PartsStore) -> None:
    record = {"part_code": BOARD, "name_zh": "滤芯", "name_en": "Filter", "unit_price": "9", "is_serial": True}
    assert (await store.post("/v1/parts", {**record, "is_consumable": True})).status_code == 201
    assert (await receive(store, "SN-1", "SN-2")).is_success
    body = {"department": "sales", "part_code": BOARD, "quantity": 1}
    assert (await store.post("/v1/internal-requisitions", body)).json()["type"] == "/problems/serials-needed"
    assert (await store.post("/v1/internal-requisitions", {**body, "serials": ["SN-2"]})).status_code == 201
    assert await where(store) == {"SN-1": "main", "SN-2": None}
    assert (await receive(store, "SN-2", reference="DN-2")).json()["type"] == "/problems/serial-out"
    assert await store.rows("SELECT * FROM invariant_i10") == []


async def test_whether_a_part_has_serial_numbers_stays_while_any_of_its_pieces_are_there_or_out(
    store: PartsStore, asked: PartsRequested
) -> None:
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "300"}
    sheet = f"part_code,name_zh,name_en,unit_price,is_serial\n{BOARD},主板,Board,300,false\n".encode()

    async def flips() -> list[httpx.Response]:
        async with store.client("admin", subject="A1") as client:
            return [
                await client.put(f"/v1/parts/{BOARD}", json=record, headers={"If-Match": "*"}),
                await client.post("/v1/parts/import?mode=apply", content=sheet, headers={"Content-Type": "text/csv"}),
            ]

    changed, imported = await flips()
    assert (changed.status_code, changed.json()["type"]) == (409, "/problems/serials-in-use")
    assert imported.status_code == 422
    assert (await store.get(f"/v1/parts/{BOARD}"))["is_serial"] is True
    await store.hear(started(asked))
    await move(store, Kind.ISSUE, "SN-1", request_id=asked.request_id)
    assert (await adjust(store, -1, "SN-2", reason="lost")).is_success
    assert (await flips())[0].status_code == 409, "one is still out"
    await move(store, Kind.CONSUME, request_id=asked.request_id)
    assert [one.status_code for one in await flips()] == [200, 200]
