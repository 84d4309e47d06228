"""What was fitted and never issued is listed until somebody has cleared it up, with his reason."""

from uuid import uuid4

from support.parts_news import BOARD, completed, needs, requested
from support.parts_store import PartsStore
from support.service_room import Json


async def found(store: PartsStore) -> Json:
    """The discrepancy of a work order that never asked for parts and fitted two boards."""
    await store.part(BOARD, on_hand=2)
    await store.hear(completed(requested(), fitted=needs(PCB_77=2)))
    [listed] = (await store.get("/v1/discrepancies?cleared=false"))["items"]
    return listed


async def test_an_order_that_never_asked_for_parts_is_listed_with_what_it_fitted(store: PartsStore) -> None:
    listed = await found(store)
    assert listed["lines"] == [{"part_code": BOARD, "quantity": 2}]
    assert (listed["work_order_number"], listed["reason"]) == ("W1000017", None)
    assert (await store.get(f"/v1/discrepancies?work_order_id={listed['work_order_id']}"))["items"] == [listed]
    assert (await store.get(f"/v1/discrepancies?case_id={uuid4()}"))["items"] == []
    assert await store.stock(BOARD) == (2, 0, 0)


async def test_a_discrepancy_is_cleared_once_with_a_reason_that_the_audit_log_keeps(store: PartsStore) -> None:
    listed = await found(store)
    path = f"/v1/discrepancies/{listed['id']}"
    unknown = await store.post(f"{path}/clearing", {"reason": "whatever"})
    assert (unknown.status_code, unknown.json()["type"]) == (422, "/problems/unknown-code")
    assert (await store.post(f"{path}/clearing", {"reason": "counted"}, role="technician")).status_code == 403
    assert (await store.post(f"{path}/clearing", {"reason": "counted"}, version=None)).status_code == 428
    assert (await store.post(f"{path}/clearing", {"reason": "counted"}, version=7)).status_code == 412
    assert (await store.get(path))["cleared_at"] is None
    cleared = await store.post(f"{path}/clearing", {"reason": "counted"}, version=1)
    assert cleared.status_code == 200
    assert (cleared.json()["reason"], cleared.json()["cleared_by"]) == ("counted", "S1")
    again = await store.post(f"{path}/clearing", {"reason": "misreported"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/discrepancy-cleared")
    assert (await store.get("/v1/discrepancies?cleared=false"))["items"] == []
    assert (await store.get("/v1/discrepancies?cleared=true"))["items"] == [cleared.json()]
    [entry] = (await store.get("/v1/audit?action=discrepancy_cleared", role="auditor"))["items"]
    assert (entry["actor_id"], entry["details"]) == ("S1", {"reason": "counted"})
    assert await store.stock(BOARD) == (2, 0, 0), "what was counted is an adjustment of its own"


async def test_a_request_names_the_discrepancy_of_its_order_and_leaves_the_list_once_that_is_cleared(
    store: PartsStore,
) -> None:
    await store.part(BOARD, on_hand=1)
    asked = requested()
    await store.hear(asked, completed(asked, fitted=asked.lines))
    request = await store.request(asked)
    assert request["not_issued"] == [line.model_dump() for line in asked.lines]
    assert [one["id"] for one in (await store.get("/v1/requests?discrepancy=true"))["items"]] == [request["id"]]
    path = f"/v1/discrepancies/{request['discrepancy_id']}"
    assert (await store.post(f"{path}/clearing", {"reason": "customers_own"})).status_code == 200
    assert (await store.get("/v1/requests?discrepancy=true"))["items"] == []


async def test_a_discrepancy_that_nobody_knows_is_not_there(store: PartsStore) -> None:
    path = f"/v1/discrepancies/{uuid4()}"
    assert (await store.post(f"{path}/clearing", {"reason": "counted"})).status_code == 404
    async with store.client() as client:
        assert (await client.get(path)).status_code == 404
