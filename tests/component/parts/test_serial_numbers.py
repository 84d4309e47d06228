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
from support.parts_news import BOARD, needs, requested, started
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


@pytest.mark.rule("R314")
async def test_what_is_handed_out_and_what_it_replaces_are_both_known(store: PartsStore, asked: PartsRequested) -> None:
    await store.hear(started(asked))
    path, line = f"/v1/requests/{asked.request_id}", {"part_code": BOARD, "quantity": 1}
    body = {"lines": [line], "issued_to": "T07"}
    unnamed = await store.post(f"{path}/issues", body)
    assert (unnamed.status_code, unnamed.json()["type"]) == (409, "/problems/serials-needed")
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
