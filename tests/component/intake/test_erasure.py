"""An erased customer: nothing of him can be read any more, not even from a copy that was restored."""

import asyncio
import json
from base64 import b64decode
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from sqlalchemy import select

from intake.tables import DELIVERY, ERASED, METADATA
from shared.contracts.intake import CustomerErased
from shared.database import Database, database
from shared.erasure_command import erasures_command
from shared.messaging.unit_of_work import Works
from shared.security.encryption import KeyRing
from shared.security.rotation import place_of
from shared.time_source import SystemTime
from support.case_news import completed, deposits, dissatisfied, hear, offered, signed_off, taken_in
from support.front_desk import IN_WARRANTY, ZAMMAD_SECRET, FrontDesk, quote, unit, zammad_source
from testkit.servers.postgres import Postgres

type Json = dict[str, object]

NAME, NUMBER, ADDRESS, EMAIL = "金丝雀九七", "13911112222", "金丝雀路九七号", "canary97@example.com"
SAID, SOLUTION = "金丝雀说不热", "给金丝雀换点火器"
CANARIES = (NAME, NUMBER, ADDRESS, EMAIL, SAID, SOLUTION)
REASON: Json = {"reason": "customer_request"}


async def call(desk: FrontDesk, *, named: str) -> httpx.Response:
    """The exchange tells of a call from his number."""
    if not await desk.count("push_source"):
        await desk.create("/v1/push-sources", zammad_source())
    (source,) = (await desk.client("admin").get("/v1/push-sources")).json()["items"]
    push = {"event": "newCall", "callId": named, "from": NUMBER, "user": NAME}
    return await desk.stranger().post(f"/v1/push/zammad/{source['id']}/{ZAMMAD_SECRET}", json=push)


def form_of(*, call_id: str | None = None, serial_number: str = "B24-0001") -> Json:
    """顾客报修登记表 in which everything is his."""
    return {
        "call_id": call_id,
        "customer": {"name": NAME, "phones": [NUMBER], "email": EMAIL},
        "site": {"district": "haidian", "address": ADDRESS},
        "serial_number": serial_number,
        "problem_code": "no_heat",
        "description": SAID,
    }


async def served(desk: FrontDesk) -> Json:
    """A customer who called twice, was quoted a fee and was served; his case is closed."""
    await desk.create("/v1/units", unit())
    for named in ("call-1", "call-2"):
        assert (await call(desk, named=named)).is_success
    calls = (await desk.client().get("/v1/calls", params={"number": NUMBER})).json()["items"]
    case = await desk.create("/v1/cases", form_of(call_id=calls[0]["id"]), role="agent")
    path = f"/v1/cases/{case['id']}"
    offered = (await desk.change(f"{path}/quotes", quote() | {"solution": SOLUTION}, version=1)).json()
    await desk.change(f"{path}/quotes/{offered['quotes'][0]['id']}/acceptance", {"by": "customer"}, version=2)
    case_id, order_id, now = UUID(str(case["id"])), uuid4(), await desk.now()
    await hear(desk, completed(case_id, order_id=order_id, at=now), signed_off(case_id, order_id=order_id, at=now))
    closed = await desk.change(f"{path}/closure", {}, version=4)
    assert closed.status_code == 200, closed.text
    found: Json = closed.json()
    return found | {"order_id": order_id}


async def erase(desk: FrontDesk, case: Json, *, role: str = "admin", body: Json = REASON) -> httpx.Response:
    return await desk.client(role).post(f"/v1/customers/{case['customer_id']}/erasure", json=body)


async def readable(base: Database, *, keys: KeyRing) -> set[tuple[str, str]]:
    """Where in a database one of the canaries stands, in plain or to be decrypted."""
    found = set()
    async with base.engine.connect() as connection:
        for table in METADATA.sorted_tables:
            identity = list(table.primary_key.columns)
            for row in (await connection.execute(select(table))).mappings():
                key = [row[column.name] for column in identity]
                for column in table.columns:
                    text = as_text(row[column.name])
                    if text.startswith("v1."):
                        text = opened(text, keys=keys, context=place_of(column, key=key))
                    if any(canary in text for canary in (*CANARIES, "+86" + NUMBER)):
                        found.add((table.name, column.name))
    return found


def as_text(value: object) -> str:
    match value:
        case bytes():
            return value.decode("utf-8", "replace")
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def opened(sealed: str, *, keys: KeyRing, context: str) -> str:
    """What whoever has the keys reads; of a stored answer its body."""
    text = keys.open(sealed, context=context)
    return b64decode(json.loads(text)["body"]).decode() if context.startswith("idempotent_answer") else text


async def test_before_it_everything_can_be_found_by_whoever_has_the_keys(desk: FrontDesk) -> None:
    """The search finds what it is to find: without this, finding nothing later would say nothing."""
    await served(desk)
    found = await readable(desk.database, keys=KeyRing.parse(desk.encryption_keys))
    assert found == {
        ("call", "caller"),
        ("call_event", "told"),
        ("call_event", "raw"),
        ("customer", "name"),
        ("customer", "email"),
        ("customer_phone", "number"),
        ("site", "address"),
        ("repair_case", "description"),
        ("case_quote", "solution"),
        ("idempotent_answer", "answer"),
    }


async def test_nothing_of_him_can_be_read_and_his_case_still_counts(desk: FrontDesk) -> None:
    case = await served(desk)
    answer = await erase(desk, case)
    assert (answer.status_code, answer.json()["label"]) == (200, "erased")
    assert await readable(desk.database, keys=KeyRing.parse(desk.encryption_keys)) == set()
    (said,) = await desk.said(CustomerErased)
    assert isinstance(said, CustomerErased)
    assert str(said.customer_id) == case["customer_id"]
    assert (await desk.audited())[-1] == "customer_erased"

    agent = desk.client()
    shown = (await agent.get(f"/v1/cases/{case['id']}")).json()
    assert (shown["state"], shown["description"], shown["quotes"][0]["solution"]) == ("closed", "", "")
    for line in (await agent.get(f"/v1/cases/{case['id']}/timeline")).json()["happenings"]:
        assert line["facts"].get("customer_label", "erased") == "erased"
    (listed,) = (await agent.get("/v1/customers")).json()["items"]
    assert (listed["label"], listed["erased_at"]) == ("erased", answer.json()["erased_at"])
    for wanted in ({"name": NAME}, {"number": NUMBER}):
        assert (await agent.get("/v1/customers", params=wanted)).json()["items"] == []
    assert (await agent.get("/v1/calls", params={"number": NUMBER})).json()["items"] == []
    assert {one["customer_label"] for one in (await agent.get("/v1/calls")).json()["items"]} == {"erased"}


async def test_whatever_asks_for_him_afterwards_is_told_that_he_is_gone(desk: FrontDesk) -> None:
    case = await served(desk)
    await erase(desk, case)
    customer = f"/v1/customers/{case['customer_id']}"
    by_id = {key: value for key, value in form_of().items() if key != "customer"} | {"customer_id": case["customer_id"]}
    version = (await desk.client().get(f"/v1/cases/{case['id']}")).json()["version"]
    for answer in (
        await desk.client().get(f"{customer}/contact", params={"purpose": "callback"}),
        await erase(desk, case),
        await desk.try_to_create("/v1/cases", by_id, role="agent"),
        await desk.try_to_create(f"{customer}/sites", {"district": "haidian", "address": ADDRESS}, role="agent"),
        await desk.change(f"/v1/cases/{case['id']}/reopening", {"reason": "fault_is_back"}, version=version),
    ):
        assert (answer.status_code, answer.json()["type"]) == (410, "/problems/customer-erased"), answer.text
        assert answer.json()["expected"]
    assert (await desk.client().get(customer)).json()["sites"][0]["district"] == "haidian"


async def test_late_news_of_him_bring_nothing_back(desk: FrontDesk) -> None:
    case = await served(desk)
    await erase(desk, case)
    assert (await call(desk, named="call-1")).is_success
    order_id, customer_id = UUID(str(case["order_id"])), UUID(str(case["customer_id"]))
    case_id, now = UUID(str(case["id"])), await desk.now()
    await hear(desk, dissatisfied(case_id, order_id=order_id, customer_id=customer_id, at=now))
    assert (await desk.client().get(f"/v1/cases/{case_id}")).json()["state"] == "closed"
    assert await readable(desk.database, keys=KeyRing.parse(desk.encryption_keys)) == set()


async def test_whoever_calls_again_with_the_number_is_a_new_customer_at_the_same_unit(desk: FrontDesk) -> None:
    case = await served(desk)
    await erase(desk, case)
    assert (await call(desk, named="call-3")).is_success
    (found,) = (await desk.client().get("/v1/calls", params={"number": NUMBER})).json()["items"]
    again = await desk.create("/v1/cases", form_of(call_id=found["id"]), role="agent")
    assert again["customer_id"] != case["customer_id"]
    contact = f"/v1/customers/{again['customer_id']}/contact"
    assert (await desk.client().get(contact, params={"purpose": "callback"})).json()["email"] == EMAIL


async def test_a_number_that_somebody_else_has_too_keeps_its_calls(desk: FrontDesk) -> None:
    case = await served(desk)
    await desk.create("/v1/customers", {"name": "邻居", "phones": [NUMBER]}, role="agent")
    await erase(desk, case)
    (shared,) = (await desk.client().get("/v1/calls", params={"number": NUMBER})).json()["items"]
    assert shared["id"] != case["call_id"]


async def test_while_a_case_is_open_he_is_not_erased_and_the_refusal_says_which(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    case = await desk.create("/v1/cases", form_of(), role="agent")
    answer = await erase(desk, case)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/still-needed")
    assert f"case {case['number']} is cleared" in answer.json()["detail"]
    assert (await desk.count("erased_customer"), await desk.said(CustomerErased)) == (0, [])
    contact = f"/v1/customers/{case['customer_id']}/contact"
    assert (await desk.client().get(contact, params={"purpose": "callback"})).json()["name"] == NAME


async def test_while_a_deposit_is_not_settled_he_is_not_erased(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    case = await desk.create("/v1/cases", form_of(), role="agent")
    asked, refunded = deposits(UUID(str(case["id"])))
    await hear(desk, asked)
    await desk.change(f"/v1/cases/{case['id']}/cancellation", {"reason": "duplicate"}, version=1)
    answer = await erase(desk, case)
    assert answer.status_code == 409
    assert f"deposit {asked.deposit_id} of case {case['number']}" in answer.json()["detail"]
    await hear(desk, refunded)
    assert (await erase(desk, case)).status_code == 200


@pytest.mark.rule("R307")
async def test_while_a_thing_of_his_is_with_us_he_is_not_erased(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    case = await desk.create("/v1/cases", form_of(), role="agent")
    now = await desk.now()
    item, returned = taken_in(offered(UUID(str(case["id"])), staff_number="T-7", now=now), at=now)
    await hear(desk, item)
    await desk.change(f"/v1/cases/{case['id']}/cancellation", {"reason": "duplicate"}, version=1)
    answer = await erase(desk, case)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/still-needed")
    assert f"receipt {item.receipt_number} in case {case['number']}" in answer.json()["detail"]
    await hear(desk, returned)
    assert (await erase(desk, case)).status_code == 200


@pytest.mark.parametrize("heard", ["before", "after"])
async def test_no_line_of_a_story_has_the_masked_number_of_an_erased_customer(desk: FrontDesk, heard: str) -> None:
    """Not even a line about a case that this copy of intake does not know."""
    case = await served(desk)
    customer_id, now = UUID(str(case["customer_id"])), await desk.now()
    unknown, known = (
        signed_off(case_id, order_id=uuid4(), at=now, customer_id=customer_id)
        for case_id in (uuid4(), UUID(str(case["id"])))
    )
    if heard == "before":
        await hear(desk, unknown, known)
    assert (await erase(desk, case)).status_code == 200
    if heard == "after":
        await hear(desk, unknown, known)
    async with desk.database.sessions() as session:
        labels = select(METADATA.tables["story"].c.facts["customer_label"].as_string())
        found = set(await session.scalars(labels))
    assert found == {None, "erased"}


async def test_who_may_erase_and_what_for(desk: FrontDesk) -> None:
    case = await served(desk)
    for role in ("agent", "cs_supervisor", "auditor", "technician"):
        assert (await erase(desk, case, role=role)).status_code == 403
    wrongs: list[Json] = [{}, {"reason": "spring_cleaning"}, {"reason": ""}, {"reason": "customer_request", "more": 1}]
    for wrong in wrongs:
        assert (await erase(desk, case, body=wrong)).status_code == 422
    assert (await erase(desk, {"customer_id": str(uuid4())})).status_code == 404
    assert await desk.count("erased_customer") == 0


async def test_a_copy_that_was_made_before_and_is_restored_gives_nothing_back(
    desk: FrontDesk, postgres: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = await served(desk)
    keys = KeyRing.parse(desk.encryption_keys)
    backup = await copied(desk, postgres)
    await erase(desk, case)

    capsys.readouterr()
    assert await operator(desk, desk.database_url, "list") == 0
    file = tmp_path / "erased.jsonl"
    file.write_text(capsys.readouterr().out)
    restored = database(backup, service="tests")
    try:
        assert len(await readable(restored, keys=keys)) == 10
        for _ in range(2):
            assert await operator(desk, backup, "apply", str(file), "--yes") == 0
        assert await readable(restored, keys=keys) == set()
        async with restored.sessions() as session:
            assert [str(one) for one in await session.scalars(select(ERASED.c.customer_id))] == [case["customer_id"]]
    finally:
        await restored.close()
        await postgres.drop_database(backup.rpartition("/")[2])


async def copied(desk: FrontDesk, postgres: Postgres) -> str:
    """A copy of intake's database as it is now; nobody can be connected meanwhile, nor look after it unasked."""
    name = desk.database_url.rpartition("/")[2]
    await desk.database.close()
    await desk.service.database.close()
    admin = await asyncpg.connect(postgres.url)
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await admin.fetch("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)
    copy = await postgres.copy_database(name, f"{name}_copy", owner=name, password="intake")
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await admin.close()
    return copy


async def operator(desk: FrontDesk, url: str, *arguments: str) -> int:
    """Runs `erasures …` on the database at `url`, with an event loop and a pool of its own, as its process has."""

    def command() -> int:
        own = database(url, service="intake")
        works = Works(own.sessions, tables=DELIVERY, time=SystemTime(), policy_version="tests", wake=lambda: None)
        return erasures_command(arguments, database=own, works=works, erasures=desk.office.erasures)

    return await asyncio.to_thread(command)
