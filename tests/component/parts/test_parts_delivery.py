"""Events that really come through a broker, a schema that is what the code works with, and other policies."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from parts.tables import METADATA
from shared.contracts.envelope import Event
from shared.contracts.facts import WarrantyStatus
from shared.contracts.intake import CustomerErased
from shared.contracts.parts import DepositWaived, PartArrived, PartsReserved, PartsUnavailable
from shared.messaging.publishing import Publishing
from shared.messaging.topology import CATALOGUE_TOPOLOGY, EVENTS_EXCHANGE
from support.case_events import START
from support.deliveries import message
from support.parts_news import BOARD, requested, started
from support.parts_store import STANDARD, PartsStore, open_parts_store
from support.waiting import eventually
from testkit.servers.postgres import Postgres


@pytest.fixture
async def working(
    postgres: Postgres, parts_template: str, tmp_path: Path, broker_url: str
) -> AsyncIterator[PartsStore]:
    """Its worker consumes, relays and fires deadlines."""
    async with open_parts_store(postgres, template=parts_template, home=tmp_path, broker_url=broker_url) as store:
        await store.service.worker.start()
        yield store
        await store.service.worker.stop()


async def test_what_comes_three_times_through_the_broker_is_kept_once_and_said_once(
    working: PartsStore, broker_url: str
) -> None:
    await working.part(BOARD, on_hand=5)
    asked = requested()
    events: tuple[Event, ...] = (started(asked), asked)
    publishing = Publishing(broker_url, service="tests", topology=CATALOGUE_TOPOLOGY)
    publisher = await publishing.publisher()
    for event in events:
        wire = message(event, about=asked.case_id, at=START, sequence=1)
        for _ in range(3):
            await publisher.publish(wire, exchange=EVENTS_EXCHANGE, routing_key=event.TYPE)
    await publishing.close()

    async def all_sent() -> bool:
        heard = await working.rows("SELECT 1 FROM known_work_order WHERE started_at IS NOT NULL")
        story = await working.story()
        return bool(heard) and bool(story) and not await working.rows("SELECT 1 FROM outbox WHERE sent_at IS NULL")

    await eventually(all_sent)
    assert len(await working.said(PartsReserved)) == 1
    assert await working.stock(BOARD) == (5, 1, 0)
    assert (await working.issue(asked)).status_code == 201


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return [change for change in compare_metadata(context, METADATA) if "alembic_version" not in str(change)]


async def test_the_migrated_schema_is_the_one_that_the_tables_declare(store: PartsStore) -> None:
    await store.service.migrate()
    async with store.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.rule("R320")
async def test_another_policy_asks_some_for_a_deposit_and_insists_on_none(
    postgres: Postgres, parts_template: str, tmp_path: Path
) -> None:
    policy = tmp_path / "parts.toml"
    text = STANDARD.read_text().replace('weight = "blocking"', 'weight = "advisory"')
    policy.write_text(text.replace('asked_for = ["in_warranty", "out_of_warranty"]', 'asked_for = ["in_warranty"]'))
    async with open_parts_store(postgres, template=parts_template, home=tmp_path, policy=policy) as store:
        asked = await store.short()
        free = requested(warranty=WarrantyStatus.OUT_OF_WARRANTY)
        await store.hear(free)
        assert await store.state(free) == ("short", "awaiting_approval", None)
        assert (await store.sign(asked)).status_code == 200
        assert (await store.place(asked, days=9)).status_code == 200, "advised, and not waited for"
        await store.move(days=4)
        assert await store.state(asked) == ("short", "placed", "waived")
        assert [event.reason for event in await store.said(DepositWaived)] == ["unpaid"]
        assert await store.said(PartsUnavailable) == []
        assert (await store.arrive(asked)).status_code == 200


@pytest.mark.parametrize("erased_first", ["erased first", "arrived first"])
async def test_a_customer_who_is_erased_is_not_chased(store: PartsStore, erased_first: str) -> None:
    asked = await store.short()
    await store.reach(asked, state="placed")
    erased = CustomerErased(customer_id=asked.customer_id, erased_at=START)
    if erased_first == "erased first":
        await store.hear(erased, erased)
    assert (await store.arrive(asked)).status_code == 200
    await store.hear(erased)
    await store.move(days=20)
    assert [event.reminder for event in await store.said(PartArrived)] == [0]
    assert await store.rows("SELECT customer_id FROM erased_customer") == [{"customer_id": asked.customer_id}]
