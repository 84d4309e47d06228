"""What a caller dates so far away that nothing could be counted from it is refused, and never a fault."""

from collections.abc import Mapping
from uuid import uuid4

import pytest

from support.parts_news import BOARD
from support.parts_store import PartsStore

FAR, LONG_AGO = "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"
SHIPPED = {
    "item_id": str(uuid4()),
    "work_order_id": str(uuid4()),
    "case_id": str(uuid4()),
    "factory": "厂",
    "carrier": "顺丰",
    "project_manager": "M1",
    "commercial_by": "M2",
    "arrival_expected_at": "2050-01-01T00:00:00Z",
}
TOOL = {"name_zh": "表", "name_en": "Meter", "model": "M-1", "price": "90.00", "bought_by": "T07"}
PIECE = {"part_code": BOARD, "quantity": 1}
BODIES: Mapping[str, tuple[str, Mapping[str, object], str]] = {
    "tool loan": ("/v1/tool-loans", {"tool_code": "T-1", "borrower": "T07"}, "used_until"),
    "tool purchase": ("/v1/tool-purchases", TOOL, "bought_at"),
    "factory": ("/v1/return-shipments", SHIPPED, "return_expected_at"),
    "request": (
        "/v1/purchase-requests",
        {"lines": [{**PIECE, "model": "B"}], "destination": "store"},
        "wanted_at",
    ),
    "order": (
        "/v1/purchase-orders",
        {"supplier_number": "S", "lines": [{**PIECE, "unit_price": "1.00"}]},
        "expected_at",
    ),
    "self-purchase": (
        "/v1/self-purchases",
        {"lines": [{**PIECE, "unit_price": "1.00"}], "quotes": [{"supplier": "S", "amount": "1.00"}], "chosen": "S"},
        "expected_at",
    ),
    "replenishment": ("/v1/replenishment/orders", {"supplier_number": "S", "part_codes": [BOARD]}, "expected_at"),
    "supplier case": (
        "/v1/supplier-cases",
        {"supplier_number": "S", "part_code": BOARD, "case_id": str(uuid4()), "problem": "漏"},
        "solve_by",
    ),
    "claim": (f"/v1/claim-orders/{uuid4()}/placement", {"supplier": "S"}, "expected_at"),
    "return": (f"/v1/requests/{uuid4()}/returns", {"lines": [PIECE], "reason": "not_needed"}, "received_at"),
    "urged": ("/v1/action-items", {"department": "warehouse", "task": "ship", "order_id": str(uuid4())}, "due_at"),
    "price": (
        "/v1/parts",
        {"part_code": BOARD, "name_zh": "板", "name_en": "Board", "unit_price": "1"},
        "priced_at",
    ),
}
LISTS = (
    "/v1/stock/movements?since={}",
    "/v1/stock/movements?until={}",
    "/v1/stock/accounts?at={}",
    "/v1/deposits?due_before={}",
    "/v1/deposit-sums?until={}",
    "/v1/purchase-requests?wanted_before={}",
    "/v1/internal-requisitions?since={}",
    "/v1/consumption?since=2026-01-01T00:00:00Z&until={}",
    "/v1/turnover?since={}&until=2026-01-01T00:00:00Z",
    "/v1/expenses?until={}",
    "/v1/supplier-service?since=2026-01-01T00:00:00Z&until={}",
)


@pytest.mark.parametrize("instant", [FAR, LONG_AGO])
async def test_a_date_too_far_away_is_refused_with_the_last_that_is_allowed(store: PartsStore, instant: str) -> None:
    for what, (path, body, field) in BODIES.items():
        refused = await store.post(path, {**body, field: instant})
        assert refused.status_code == 422, what
        [error] = refused.json()["errors"]
        assert (error["pointer"], "2999-12-31" in str(error) or "1900-01-01" in str(error)) == (f"/{field}", True), what
    async with store.client() as client:
        for path in LISTS:
            assert (await client.get(path.format(instant.replace("+", "%2B")))).status_code == 422, path
