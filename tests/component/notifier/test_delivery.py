"""Notifier as it runs: events come through a broker, mails leave through a mail server."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from shared.contracts.notifier import MessageDelivered
from shared.messaging.publishing import Publishing
from shared.messaging.topology import CATALOGUE_TOPOLOGY, EVENTS_EXCHANGE
from shared.messaging.wire import to_wire
from support.case_events import START
from support.post_room import PostRoom, envelope_of, open_post_room
from support.told_events import opened
from support.waiting import eventually
from testkit.servers.postgres import Postgres


@pytest.fixture
async def working(
    postgres: Postgres, notifier_template: str, tmp_path: Path, broker_url: str
) -> AsyncIterator[PostRoom]:
    """Its worker consumes and relays, its courier sends."""
    async with open_post_room(postgres, template=notifier_template, home=tmp_path, broker_url=broker_url) as room:
        await room.service.worker.start()
        yield room
        await room.service.worker.stop()


async def test_events_that_come_twice_are_mailed_once(working: PostRoom, broker_url: str) -> None:
    await working.employ("S1", role="cs_supervisor")
    publishing = Publishing(broker_url, service="intake", topology=CATALOGUE_TOPOLOGY)
    publisher = await publishing.publisher()
    for number in range(1, 6):
        event = opened(at=START, case_id=UUID(int=number))
        message = to_wire(envelope_of(event, at=START), body=event.model_dump_json().encode())
        for _ in range(3):
            await publisher.publish(message, exchange=EVENTS_EXCHANGE, routing_key=event.TYPE)

    async def all_delivered() -> bool:
        return len(await working.said(MessageDelivered)) == 5

    await eventually(all_delivered)
    await publishing.close()
    async with working.stranger() as client:
        ready = (await client.get("/readyz")).json()
    assert ready["checks"]["companions"] == {"ok": True, "problem": None}
    messages = [mail.message_id for mail in working.sink.mails]
    assert len(messages) == len(set(messages)) == 5
