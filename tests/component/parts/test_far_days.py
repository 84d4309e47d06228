"""A day that no calendar of a company reaches is refused with the latest one that is allowed."""

from uuid import uuid4

import pytest

from support.parts_news import BOARD
from support.parts_store import PartsStore
from support.purchasing import HENGTONG, supplied

LINE = {"part_code": BOARD, "quantity": 1}
PRICED = LINE | {"unit_price": "180.00"}
QUOTES = [{"supplier": name, "amount": "180.00"} for name in ("恒通", "大成", "永利")]
ORDER = {"supplier_number": HENGTONG["number"], "lines": [PRICED]}
ASKED = {"lines": [LINE | {"model": "LN-24"}], "destination": "store"}
PROBLEM = {"supplier_number": HENGTONG["number"], "part_code": BOARD, "problem": "主板烧毁"}


@pytest.mark.parametrize("day", ["9999-12-31T23:59:00Z", "9999-12-31T23:59:00-23:59", "0001-01-01T00:00:00+08:00"])
async def test_purchasing_refuses_it_wherever_a_day_is_said(store: PartsStore, day: str) -> None:
    await supplied(store)
    asked: list[tuple[str, dict[str, object]]] = [
        ("/v1/supplier-cases", {**PROBLEM, "case_id": str(uuid4()), "solve_by": day}),
        ("/v1/purchase-requests", {**ASKED, "wanted_at": day}),
        ("/v1/purchase-orders", {**ORDER, "expected_at": day}),
        ("/v1/self-purchases", {"lines": [PRICED], "quotes": QUOTES, "chosen": "恒通", "expected_at": day}),
        (
            "/v1/replenishment/orders",
            {"supplier_number": HENGTONG["number"], "part_codes": [BOARD], "expected_at": day},
        ),
        ("/v1/action-items", {"department": "warehouse", "task": "ship", "case_id": str(uuid4()), "due_at": day}),
    ]
    for path, body in asked:
        refused = await store.post(path, body, role="buyer")
        assert refused.status_code == 422, (path, refused.text)
        allowed = "2200-01-01" if day.startswith("9") else "1950-01-01"
        assert allowed in refused.text, path


@pytest.mark.parametrize(
    "path",
    [
        "/v1/purchase-requests?wanted_before=9999-12-31T23:59:00-23:59",
        "/v1/supplier-service?since=0001-01-01T00:00:00%2B08:00&until=2040-01-01T00:00:00Z",
        "/v1/supplier-service?since=2040-01-01T00:00:00Z&until=9999-12-31T23:59:00-23:59",
    ],
)
async def test_a_list_refuses_it_as_well(store: PartsStore, path: str) -> None:
    async with store.client() as client:
        assert (await client.get(path)).status_code == 422
