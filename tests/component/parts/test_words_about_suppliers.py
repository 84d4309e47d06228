"""What is written about a problem on a customer's site: sealed, shown for a purpose, destroyed with the customer."""

import asyncio
from uuid import UUID, uuid4

import pytest

from parts.tables import METADATA, SEALED
from shared.actor import Actor
from shared.contracts.intake import CaseOpened
from shared.messaging.unit_of_work import Cause
from shared.security.rotation import place_of
from support.case_events import START
from support.parts_news import BOARD, requested
from support.parts_store import PartsStore
from support.purchasing import supplied
from support.told_events import CASE, CUSTOMER, erased, opened

PROBLEM, COURSE = "王女士家的主板烧毁", "王女士不在家，改日再来"
ROUND = {"supplier_number": "S-017", "part_code": BOARD, "case_id": str(CASE), "problem": PROBLEM}
REPORT = {"quality": "poor", "course": COURSE}
OPENED: CaseOpened = opened(at=START)
ERASED = erased(at=START)


async def told(store: PartsStore, *, case_id: UUID = CASE) -> str:
    """The address of a supplier case of which a problem and a report were written."""
    made = await store.post("/v1/supplier-cases", ROUND | {"case_id": str(case_id)})
    assert made.status_code == 201, made.text
    path = f"/v1/supplier-cases/{made.json()['id']}"
    assert (await store.post(f"{path}/contact", {}, role="buyer")).is_success
    assert (await store.post(f"{path}/reports", REPORT, role="buyer")).status_code == 201
    return path


async def words(store: PartsStore, path: str, *, role: str = "buyer") -> tuple[str | None, list[str | None]]:
    shown = await store.get(f"{path}/words?purpose=supplier_service", role=role)
    return shown["problem"], [one["course"] for one in shown["reports"]]


async def everything(store: PartsStore) -> str:
    """The text of every row of every table, and of every event."""
    rows = [row for name in METADATA.tables for row in await store.rows(f'SELECT t::text AS row FROM "{name}" t')]  # noqa: S608
    bodies = await store.rows("SELECT convert_from(body, 'UTF8') AS row FROM outbox")
    return "\n".join(str(row["row"]) for row in [*rows, *bodies])


async def test_they_lie_sealed_and_are_shown_for_a_purpose_and_audited(store: PartsStore) -> None:
    await supplied(store)
    path = await told(store)
    assert "王女士" not in await everything(store)
    assert {"supplier_case.problem", "supplier_report.course"} <= {str(column) for column in SEALED}
    assert "王女士" not in str([await store.get(path), await store.get("/v1/supplier-cases")])
    assert await words(store, path) == (PROBLEM, [COURSE])
    async with store.client("buyer", subject="B1") as client:
        assert (await client.get(f"{path}/words")).status_code == 422
        assert (await client.get(f"{path}/words?purpose=curiosity")).status_code == 422
        answer = await client.get(f"{path}/words?purpose=quality_review")
    assert answer.headers["Cache-Control"] == "no-store"
    [last, _] = (await store.get("/v1/audit?action=words_shown", role="auditor"))["items"]
    seen = (last["actor_id"], last["purpose"], last["subject"])
    assert seen == ("B1", "quality_review", f"supplier_case/{path.rpartition('/')[2]}")


async def test_they_are_sealed_for_the_place_in_which_a_new_key_looks_for_them(store: PartsStore) -> None:
    await supplied(store)
    await told(store)
    keys, opened_again = store.service.api.state.desk.keys, []
    for table, column in (("supplier_case", "problem"), ("supplier_report", "course")):
        [row] = await store.rows(f"SELECT id, {column} AS sealed FROM {table}")  # noqa: S608  # two names of this file
        place = place_of(METADATA.tables[table].c[column], key=[row["id"]])
        opened_again.append(keys.open(row["sealed"], context=place))
    assert opened_again == [PROBLEM, COURSE]


@pytest.mark.parametrize("role", ["technician", "dispatcher", "agent", "auditor", "general_manager"])
async def test_who_has_no_part_in_it_does_not_read_them(store: PartsStore, role: str) -> None:
    await supplied(store)
    path = await told(store)
    async with store.client(role) as client:
        assert (await client.get(f"{path}/words?purpose=supplier_service")).status_code == 403


@pytest.mark.parametrize("order", ["opened first", "opened last", "erased before it was opened"])
async def test_erasing_the_customer_destroys_them_in_whatever_order_it_is_heard(store: PartsStore, order: str) -> None:
    await supplied(store)
    if order == "opened first":
        await store.hear(OPENED)
    path = await told(store)
    another = await store.post("/v1/supplier-cases", ROUND | {"case_id": str(uuid4())})
    if order == "erased before it was opened":
        await store.hear(ERASED, OPENED)
    else:
        await store.hear(OPENED, ERASED, OPENED, ERASED)
    assert await words(store, path) == (None, [None])
    others = f"/v1/supplier-cases/{another.json()['id']}"
    assert await words(store, others) == (PROBLEM, [])
    assert (await store.get(path))["state"] == "contacted"


async def test_erasing_the_customer_destroys_them_where_only_a_request_for_parts_says_whose_case_it_is(
    store: PartsStore,
) -> None:
    await supplied(store)
    asked = requested(customer_id=CUSTOMER)
    await store.hear(asked)
    path = await told(store, case_id=asked.case_id)
    others = await told(store)
    await store.hear(ERASED)
    assert await words(store, path) == (None, [None])
    assert await words(store, others) == (PROBLEM, [COURSE])
    assert (await store.post(f"{path}/reports", REPORT, role="buyer")).status_code == 201
    assert await words(store, path) == (None, [None, None])
    assert await words(store, await told(store, case_id=asked.case_id)) == (None, [None])


async def test_what_is_written_after_the_erasure_is_not_kept_and_the_case_goes_on(store: PartsStore) -> None:
    await supplied(store)
    await store.hear(OPENED, ERASED)
    path = await told(store)
    async with store.client("buyer") as client:
        assert (await client.put(path, json=ROUND, headers={"If-Match": "*"})).status_code == 200
    assert (await store.post(f"{path}/solution", REPORT, role="buyer")).json()["state"] == "solved"
    assert await words(store, path) == (None, [None, None])


async def test_an_older_copy_that_is_restored_destroys_them_once_past_erasures_are_applied(store: PartsStore) -> None:
    await supplied(store)
    await store.hear(OPENED)
    path = await told(store)
    assert store.service.erasures is not None
    async with store.works.begin(Cause(actor=Actor(kind="system", id="parts", role="operator"))) as work:
        assert await store.service.erasures.erase(work, customer_id=CUSTOMER, erased_at=START)
        await work.commit()
    assert await words(store, path) == (None, [None])


async def test_what_is_written_while_the_customer_is_erased_does_not_stay(store: PartsStore) -> None:
    await supplied(store)
    await store.hear(OPENED)
    path = await told(store)
    reporting = [store.post(f"{path}/reports", REPORT, role="buyer") for _ in range(4)]
    await asyncio.gather(store.hear(ERASED), *reporting, store.post("/v1/supplier-cases", ROUND))
    assert await store.rows("SELECT 1 FROM supplier_case WHERE problem IS NOT NULL") == []
    assert await store.rows("SELECT 1 FROM supplier_report WHERE course IS NOT NULL") == []
