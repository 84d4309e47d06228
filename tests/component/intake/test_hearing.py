"""What the others say of a case reaches its story over a real broker: in any order, any number of times."""

import json
import random
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.contracts.envelope import Envelope, Event
from shared.contracts.feedback import SurveyRequested
from shared.contracts.intake import CaseReopened, CaseResolved
from shared.contracts.notifier import EscalationRaised, MessageDelivered, MessageFailed, StaffChanged
from shared.messaging.broker import Publisher
from shared.messaging.topology import CATALOGUE_TOPOLOGY, EVENTS_EXCHANGE
from shared.messaging.wire import to_wire
from support.front_desk import IN_WARRANTY, FrontDesk, open_front_desk, repair, unit
from support.waiting import eventually
from testkit.servers.postgres import Postgres

GOLDEN = Path(__file__).parents[2] / "contract" / "golden"
START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)

type Said = tuple[Envelope, bytes]
type Ears = tuple[FrontDesk, Publisher]


@pytest.fixture
async def heard_from(postgres: Postgres, broker_url: str, tmp_path: Path) -> AsyncIterator[tuple[FrontDesk, Publisher]]:
    """An intake whose worker consumes, and somebody who speaks for the others."""
    publisher = await Publisher.open(broker_url, name="tests", prepare=CATALOGUE_TOPOLOGY.declare)
    async with open_front_desk(postgres, home=tmp_path, broker_url=broker_url) as desk:
        await desk.service.worker.start()
        yield desk, publisher
        await desk.service.worker.stop()
    await publisher.close()


def everything_about(case_id: UUID) -> list[Said]:
    """One of each event that intake hears of a case, a minute apart."""
    about_cases = [event for event in SUBSCRIPTIONS["intake"] if "case_id" in event.model_fields]
    ids = {"case_id": str(case_id), "work_order_id": str(uuid4()), "deposit_id": str(uuid4())}
    return [
        said_of(
            event,
            {name: value for name, value in ids.items() if name in event.model_fields},
            time=START + timedelta(minutes=minute),
        )
        for minute, event in enumerate(about_cases)
    ]


def said_of(event: type[Event], more: Mapping[str, object], *, time: datetime = START) -> Said:
    """The event as its golden message has it, but for what is given."""
    body = json.loads((GOLDEN / f"{event.TYPE}.json").read_text())["body"] | more
    envelope = Envelope(
        id=uuid4(),
        type=event.TYPE,
        source=event.TYPE.partition(".")[0],
        subject=event.model_validate(body).subject,
        time=time,
        sequence=1,
        correlationid=uuid4(),
        policyversion="tests",
    )
    return envelope, json.dumps(body).encode()


async def say(publisher: Publisher, said: Iterable[Said]) -> None:
    for envelope, body in said:
        await publisher.publish(to_wire(envelope, body=body), exchange=EVENTS_EXCHANGE, routing_key=envelope.type)


@pytest.mark.parametrize("seed", [1, 2])
async def test_shuffled_and_doubled_the_story_and_its_end_are_the_same(heard_from: Ears, seed: int) -> None:
    desk, publisher = heard_from
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    case = await desk.create("/v1/cases", repair(), role="agent")
    said = everything_about(UUID(str(case["id"])))
    shuffled = said * 2
    random.Random(seed).shuffle(shuffled)  # noqa: S311  # the same disorder in every run
    await say(publisher, shuffled)

    async def told() -> list[str]:
        timeline = (await desk.client().get(f"/v1/cases/{case['id']}/timeline")).json()["happenings"]
        types = [line["type"] for line in timeline if line["service"] != "intake"]
        return types if len(types) >= len(said) else []

    assert await eventually(told) == [envelope.type for envelope, _ in said]
    ended = (await desk.client().get(f"/v1/cases/{case['id']}")).json()
    assert (ended["state"], ended["reopen_reason"]) == ("reopened", "dissatisfaction")
    assert ([order["resolution"] for order in ended["orders"]], len(ended["deposits"])) == (["resolution"], 1)
    assert len(await desk.said(CaseResolved)) == len(await desk.said(CaseReopened)) == 1


async def test_what_is_heard_before_its_case_is_known_waits_for_it(heard_from: Ears) -> None:
    desk, publisher = heard_from
    said = everything_about(uuid4())
    await say(publisher, [*said, *said])

    async def kept() -> bool:
        return await desk.count("story") == len(said)

    assert await eventually(kept)


async def test_what_is_about_no_case_has_no_story(heard_from: Ears) -> None:
    desk, publisher = heard_from
    nothing = {"case_id": None}
    messages = [said_of(event, nothing) for event in (MessageDelivered, MessageFailed, EscalationRaised)]
    await say(publisher, [*messages, said_of(StaffChanged, {})])

    async def heard() -> bool:
        return await desk.count("inbox") == len(messages) + 1

    assert await eventually(heard)
    assert (await desk.count("story"), await desk.count("staff_member")) == (0, 1)


async def test_whoever_reads_the_story_does_not_learn_the_link_of_the_survey(heard_from: Ears) -> None:
    desk, publisher = heard_from
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    case = await desk.create("/v1/cases", repair(), role="agent")
    await say(publisher, [said_of(SurveyRequested, {"case_id": case["id"], "link": "https://s.example/secret-token"})])

    async def told() -> str:
        timeline = (await desk.client().get(f"/v1/cases/{case['id']}/timeline")).text
        return timeline if SurveyRequested.TYPE in timeline else ""

    assert "secret-token" not in str(await eventually(told))
