"""Living a case of the parts store under the policy of one regulation."""

from datetime import timedelta

import httpx
import pytest

from shared.contracts.dispatch import PartsRequested
from support.parts_store import PartsStore


def under(*profiles: str) -> pytest.MarkDecorator:
    """The test is lived once under each of these, in the store that its fixture `lived` opens."""
    return pytest.mark.parametrize("lived", profiles, indirect=True)


def kind_of(refused: httpx.Response) -> str:
    """What kind of a problem it is."""
    assert refused.is_client_error, refused.text
    return str(refused.json()["type"]).removeprefix("/problems/")


async def present(store: PartsStore, asked: PartsRequested) -> httpx.Response:
    """The team comes with its work order for all that was asked for."""
    body = {"lines": [line.model_dump() for line in asked.lines], "issued_to": "T07"}
    return await store.post(f"/v1/requests/{asked.request_id}/issues", {**body, "presented": asked.work_order_number})


async def given_out(store: PartsStore, part_code: str, *, pieces: int) -> str:
    """Pieces taken from the shelf for somebody who asked purchasing; the paper with which they left."""
    line, soon = {"part_code": part_code, "quantity": pieces, "model": "B-24"}, await store.now() + timedelta(days=2)
    wanted = {"lines": [line], "wanted_at": soon.isoformat(), "destination": "store"}
    request = await store.post("/v1/purchase-requests", wanted)
    assert request.status_code == 201, request.text
    path = f"/v1/purchase-requests/{request.json()['id']}"
    assert (await store.post(f"{path}/allocation", {}, role="buyer")).status_code == 200
    return f"purchase_request/{request.json()['id']}"


async def bought(store: PartsStore, part_code: str, *, pieces: int, cost: str, **more: object) -> None:
    """A part that is sold for 300 yuan, of which so many came at this cost."""
    record = {"part_code": part_code, "name_zh": "件", "name_en": "Part", "unit_price": "300", "purchase_price": cost}
    made = await store.post("/v1/parts", {**record, **more})
    assert made.status_code == 201, made.text
    receipt = {"part_code": part_code, "quantity": pieces, "reference": "opening"}
    received = await store.post("/v1/stock/receipts", receipt)
    assert received.status_code == 201, received.text
