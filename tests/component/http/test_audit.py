"""The audit log is only added to, and whoever touches it behind our back is found out (I13)."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shared.actor import Actor
from shared.audit import AuditLog, AuditReport, entry_hash
from shared.invariants.watch import InvariantWatch
from shared.messaging.unit_of_work import Cause, Works
from shared.upkeep import Upkeep
from support.shop import AUDIT, Shop
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import Postgres

LOG = AuditLog(AUDIT)
CAUSE = Cause(actor=Actor(kind="person", id="li", role="agent"))


async def note(works: Works, *, count: int = 1) -> None:
    for n in range(count):
        await LOG.record_alone(works, cause=CAUSE, action="contact_shown", subject=f"customer/{n}", details={"n": n})


async def chain(shop: Shop) -> int:
    async with shop.database.sessions() as session:
        return await LOG.chain(session)


async def verify(shop: Shop) -> AuditReport:
    async with shop.database.sessions() as session:
        return await LOG.verify(session)


@pytest.fixture
async def tamperer(postgres: Postgres, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser who switches the triggers off."""
    name = database_url.rpartition("/")[2]
    connection = await asyncpg.connect(postgres.url.rpartition("/")[0] + f"/{name}")
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor_id = 'nobody'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry CASCADE",
        "DELETE FROM audit_link",
        "TRUNCATE audit_link",
        "UPDATE audit_link SET hash = NULL",
    ],
)
async def test_what_was_written_cannot_be_changed(shop: Shop, statement: str) -> None:
    await note(shop.works)
    await chain(shop)
    async with shop.database.sessions() as session:
        with pytest.raises(DBAPIError, match="append-only"):
            await session.execute(text(statement))


async def test_an_entry_says_who_did_what_to_whom(shop: Shop) -> None:
    async with shop.works.begin(CAUSE) as work:
        await LOG.record(work, action="contact_shown", subject="customer/7", purpose="callback")
        await work.commit()
    async with shop.database.sessions() as session:
        row = (await session.execute(select(AUDIT.entry))).one()
    assert (row.actor_id, row.action, row.subject, row.purpose) == ("li", "contact_shown", "customer/7", "callback")
    assert row.at == shop.time.now()


async def test_an_entry_is_gone_with_the_work_that_it_tells_of(shop: Shop) -> None:
    async with shop.works.begin(CAUSE) as work:
        await LOG.record(work, action="contact_shown", subject="customer/7")
    assert await shop.count(AUDIT.entry) == 0


async def test_a_chain_of_untouched_entries_is_whole(shop: Shop) -> None:
    await note(shop.works, count=3)
    assert await chain(shop) == 3
    await note(shop.works, count=2)
    assert (await verify(shop)).unchained == 2
    assert await chain(shop) == 2
    assert await chain(shop) == 0
    report = await verify(shop)
    assert (report.chained, report.unchained, report.broken) == (5, 0, [])


async def test_entries_that_commit_out_of_order_are_chained_when_they_are_seen(shop: Shop) -> None:
    async with shop.works.begin(CAUSE) as slow:
        await LOG.record(slow, action="contact_shown", subject="customer/slow")
        await note(shop.works)
        assert await chain(shop) == 1
        await slow.commit()
    assert await chain(shop) == 1
    assert (await verify(shop)).broken == []


async def test_two_replicas_chain_every_entry_once(shop: Shop) -> None:
    await note(shop.works, count=30)
    await asyncio.gather(*(chain(shop) for _ in range(3)))
    await chain(shop)
    report = await verify(shop)
    assert (report.chained, report.unchained, report.broken) == (30, 0, [])


async def test_writing_the_chain_stops_nobody_from_writing_entries(shop: Shop) -> None:
    await note(shop.works)
    async with shop.database.sessions() as chaining:
        await chaining.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": 0x61756469745F6368})
        await chaining.execute(select(AUDIT.link).with_for_update())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await note(shop.works)
        assert await chain(shop) == 0


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit_entry SET actor_id = 'nobody' WHERE subject = 'customer/1'", "position 2 is not what"),
        ("UPDATE audit_entry SET details = '{}' WHERE subject = 'customer/0'", "position 1 is not what"),
        ("DELETE FROM audit_entry WHERE subject = 'customer/1'", "entry at position 2 is gone"),
        ("DELETE FROM audit_link WHERE position = 2", "position 2 is missing"),
        ("UPDATE audit_link SET hash = sha256('x') WHERE position = 1", "position 1 is not what"),
    ],
)
async def test_whoever_touches_the_log_is_found_out(
    shop: Shop, tamperer: asyncpg.Connection, statement: str, found: str
) -> None:
    await note(shop.works, count=3)
    await chain(shop)
    assert await tamperer.execute(statement) in {"UPDATE 1", "DELETE 1"}
    assert found in (await verify(shop)).broken[0]


async def test_an_entry_rewritten_together_with_its_hash_breaks_the_next_one(
    shop: Shop, tamperer: asyncpg.Connection
) -> None:
    await note(shop.works, count=3)
    await chain(shop)
    await tamperer.execute("UPDATE audit_entry SET actor_id = 'nobody' WHERE subject = 'customer/1'")
    async with shop.database.sessions() as session:
        rows = (
            await session.execute(
                select(AUDIT.entry, AUDIT.link.c.hash).join(AUDIT.link).order_by(AUDIT.link.c.position)
            )
        ).mappings()
        first, second, _ = rows.all()
    forged = entry_hash(second, previous=first["hash"])
    await tamperer.execute("UPDATE audit_link SET hash = $1 WHERE position = 2", forged)
    assert [broken.partition("position ")[2] for broken in (await verify(shop)).broken] == ["3 is not what was chained"]


async def test_upkeep_chains_once_the_schema_is_there(shop: Shop) -> None:
    await note(shop.works, count=2)
    schema = {"is_current": False}

    async def schema_is_current() -> bool:
        return schema["is_current"]

    upkeep = Upkeep(
        service="shop",
        database=shop.database,
        works=shop.works,
        audit=LOG,
        answers=shop.api.state.edge.answers,
        watch=InvariantWatch(shop.database, service="shop", registry=CollectorRegistry()),
        schema_is_current=schema_is_current,
    )
    await upkeep.step()
    assert (await verify(shop)).chained == 0
    schema["is_current"] = True
    await upkeep.step()
    assert (await verify(shop)).chained == 2
