"""Everything that dispatch says reaches the timeline over a real broker: in any order, any number of times."""

import json
import random
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.contracts.envelope import Envelope
from shared.messaging.broker import Publisher
from shared.messaging.topology import CATALOGUE_TOPOLOGY, EVENTS_EXCHANGE
from shared.messaging.wire import to_wire
from support.front_desk import IN_WARRANTY, FrontDesk, open_front_desk, repair, unit
from support.waiting import eventually
from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ

GOLDEN = Path(__file__).parents[2] / "contract" / "golden"
START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)

type Said = tuple[Envelope, bytes]
type Ears = tuple[FrontDesk, Publisher]


@pytest.fixture
async def heard_from(
    postgres: Postgres, rabbitmq: RabbitMQ, tmp_path: Path
) -> AsyncIterator[tuple[FrontDesk, Publisher]]:
    """An intake whose worker consumes, and somebody who speaks for dispatch."""
    vhost = f"intake-{uuid4().hex}"
    url = rabbitmq.create_vhost(vhost)
    publisher = await Publisher.open(url, name="tests", prepare=CATALOGUE_TOPOLOGY.declare)
    async with open_front_desk(postgres, home=tmp_path, broker_url=url) as desk:
        await desk.service.worker.start()
        yield desk, publisher
        await desk.service.worker.stop()
    await publisher.close()
    rabbitmq.delete_vhost(vhost)


def everything_about(case_id: UUID) -> list[Said]:
    """One of each event that intake hears, a minute apart."""
    said = []
    for minute, event in enumerate(SUBSCRIPTIONS["intake"]):
        body = json.loads((GOLDEN / f"{event.TYPE}.json").read_text())["body"] | {"case_id": str(case_id)}
        envelope = Envelope(
            id=uuid4(),
            type=event.TYPE,
            source="dispatch",
            subject=f"work_order/{body['work_order_id']}",
            time=START + timedelta(minutes=minute),
            sequence=minute + 1,
            correlationid=case_id,
            policyversion="tests",
        )
        said.append((envelope, json.dumps(body).encode()))
    return said


async def say(publisher: Publisher, said: Iterable[Said]) -> None:
    for envelope, body in said:
        await publisher.publish(to_wire(envelope, body=body), exchange=EVENTS_EXCHANGE, routing_key=envelope.type)


@pytest.mark.parametrize("seed", [1, 2])
async def test_shuffled_and_doubled_the_story_is_the_same(heard_from: Ears, seed: int) -> None:
    desk, publisher = heard_from
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    case = await desk.create("/v1/cases", repair(), role="agent")
    said = everything_about(UUID(str(case["id"])))
    shuffled = said * 2
    random.Random(seed).shuffle(shuffled)  # noqa: S311  # the same disorder in every run
    await say(publisher, shuffled)

    async def told() -> list[str]:
        timeline = (await desk.client().get(f"/v1/cases/{case['id']}/timeline")).json()["happenings"]
        types = [line["type"] for line in timeline if line["service"] == "dispatch"]
        return types if len(types) >= len(said) else []

    assert await eventually(told) == [envelope.type for envelope, _ in said]


async def test_what_is_heard_before_its_case_is_known_waits_for_it(heard_from: Ears) -> None:
    desk, publisher = heard_from
    said = everything_about(uuid4())
    await say(publisher, [*said, *said])

    async def kept() -> bool:
        return await desk.count("story") == len(said)

    assert await eventually(kept)
