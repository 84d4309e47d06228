"""What is bought from whom, as tests of purchasing begin."""

from datetime import timedelta

from support.parts_news import BOARD
from support.parts_store import PartsStore
from support.service_room import Json

HENGTONG = {
    "number": "S-017",
    "name": "恒通配件",
    "supplies": "主板、风扇",
    "contact_name": "周工",
    "phone": "010-5550117",
    "part_codes": [BOARD],
}


async def supplied(store: PartsStore, *, on_hand: int = 0, minimum: int = 0) -> None:
    """A board that is bought from S-017."""
    await store.part(BOARD, on_hand=on_hand, minimum=minimum)
    made = await store.post("/v1/suppliers", HENGTONG, role="buyer")
    assert made.status_code == 201, made.text


async def later(store: PartsStore, **by: float) -> str:
    return (await store.now() + timedelta(**by)).isoformat()


async def ordered(store: PartsStore, *, quantity: int = 5, **more: object) -> Json:
    """So many boards of S-017, expected in three days, for the requests given or one of its own."""
    if "request_ids" not in more:
        more["request_ids"] = [(await wanted(store, quantity=quantity)).rpartition("/")[2]]
    lines = [{"part_code": BOARD, "quantity": quantity, "unit_price": "180.00"}]
    body = {"supplier_number": "S-017", "lines": lines, "expected_at": await later(store, days=3), **more}
    placed = await store.post("/v1/purchase-orders", body, role="buyer")
    assert placed.status_code == 201, placed.text
    return placed.json()


async def wanted(store: PartsStore, *, quantity: int, days: int = 5) -> str:
    """The address of a purchase request for so many boards."""
    line = {"part_code": BOARD, "quantity": quantity, "model": "LN-24"}
    body = {"lines": [line], "wanted_at": await later(store, days=days), "destination": "store"}
    made = await store.post("/v1/purchase-requests", body)
    assert made.status_code == 201, made.text
    return f"/v1/purchase-requests/{made.json()['id']}"
