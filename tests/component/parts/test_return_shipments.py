"""What was taken in goes to the factory and comes back (R040, R311)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from support.parts_store import PartsStore
from support.service_room import Json


async def shipment(store: PartsStore) -> Json:
    """What would be sent: two days there, ten until it is back."""
    now = await store.now()
    return {
        "item_id": str(uuid4()),
        "work_order_id": str(uuid4()),
        "case_id": str(uuid4()),
        "factory": "三益智能",
        "carrier": "德邦物流",
        "project_manager": "PM3",
        "commercial_by": "M2",
        "arrival_expected_at": (now + timedelta(days=2)).isoformat(),
        "return_expected_at": (now + timedelta(days=10)).isoformat(),
    }


@pytest.mark.rule("R040", "R311")
async def test_the_warehouse_sends_it_with_who_assists_and_who_has_the_commercial_side(store: PartsStore) -> None:
    body, path = await shipment(store), "/v1/return-shipments"
    for missing in ("carrier", "project_manager", "commercial_by"):
        rest = {name: value for name, value in body.items() if name != missing}
        assert (await store.post(path, rest)).status_code == 422, missing
    assert (await store.post(path, body, role="dispatcher")).status_code == 403, "the warehouse has the transport"
    sent = (await store.post(path, body)).json()
    assert (sent["sent_by"], sent["project_manager"], sent["commercial_by"]) == ("S1", "PM3", "M2")
    again = await store.post(path, body)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/item-out")
    early = await store.post(f"{path}/{sent['id']}/return", {})
    assert (early.status_code, early.json()["type"]) == (409, "/problems/shipment-not-at-factory")
    assert (await store.post(f"{path}/{sent['id']}/arrival", {})).json()["arrived_at"] is not None
    assert (await store.post(f"{path}/{sent['id']}/arrival", {})).status_code == 409
    assert (await store.post(f"{path}/{sent['id']}/return", {})).json()["returned_at"] is not None
    later = await store.now()
    dates = {
        "arrival_expected_at": (later + timedelta(days=2)).isoformat(),
        "return_expected_at": (later + timedelta(days=3)).isoformat(),
    }
    assert (await store.post(path, body | dates)).status_code == 201


async def test_what_is_not_there_or_not_back_in_time_is_listed(store: PartsStore) -> None:
    body, path = await shipment(store), "/v1/return-shipments"
    wrong = body | {"return_expected_at": body["arrival_expected_at"]}
    assert (await store.post(path, wrong)).json()["type"] == "/problems/dates-out-of-order"
    sent = (await store.post(path, body)).json()
    for days, late in ((1, []), (2, [sent["id"]])):
        await store.move(days=days)
        assert [one["id"] for one in (await store.get(f"{path}?overdue=true"))["items"]] == late
    await store.post(f"{path}/{sent['id']}/arrival", {})
    assert (await store.get(f"{path}?overdue=true"))["items"] == []
    await store.move(days=8)
    assert [one["id"] for one in (await store.get(f"{path}?overdue=true"))["items"]] == [sent["id"]]
    await store.post(f"{path}/{sent['id']}/return", {})
    assert (await store.get(f"{path}?back=false"))["items"] == []
