"""Events that really come through a broker: twice is once, poison is set aside, a bad start is explained."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from shared.contracts.dispatch import PartsRequested, TechnicianOffered, WorkOrderOpened
from shared.contracts.envelope import Envelope, Event
from shared.messaging.publishing import Publishing
from shared.messaging.topology import CATALOGUE_TOPOLOGY, EVENTS_EXCHANGE
from shared.messaging.wire import to_wire
from shared.security.tokens import create_key_file
from support.case_events import START, cleared, erased
from support.control_room import POLICY, ControlRoom, open_control_room, settings_for
from support.parts_events import BOARD, early_parts_desk
from support.service_room import NO_BROKER
from support.waiting import eventually
from testkit.servers.postgres import Postgres


@pytest.fixture
async def working(
    postgres: Postgres, dispatch_template: str, tmp_path: Path, broker_url: str
) -> AsyncIterator[ControlRoom]:
    """Its worker consumes, relays and fires deadlines."""
    async with open_control_room(postgres, template=dispatch_template, home=tmp_path, broker_url=broker_url) as room:
        await room.service.worker.start()
        yield room
        await room.service.worker.stop()


async def send(
    publishing: Publishing, event: Event, *, case_id: UUID, body: bytes | None = None, times: int = 1
) -> None:
    envelope = Envelope(
        id=uuid7(),
        type=event.TYPE,
        source=event.TYPE.split(".")[0],
        subject=event.subject,
        time=START,
        sequence=1,
        correlationid=case_id,
        policyversion="test",
    )
    message = to_wire(envelope, body=body or event.model_dump_json().encode())
    publisher = await publishing.publisher()
    for _ in range(times):
        await publisher.publish(message, exchange=EVENTS_EXCHANGE, routing_key=event.TYPE)


async def test_a_case_that_comes_twice_among_poison_opens_one_order_and_offers_it(
    working: ControlRoom, broker_url: str
) -> None:
    technician = await working.add_technician("T1")
    publishing = Publishing(broker_url, service="tests", topology=CATALOGUE_TOPOLOGY)
    case = cleared()
    await send(publishing, cleared(), case_id=case.case_id, body=b'{"case_id": "not one"}')
    await send(publishing, case, case_id=case.case_id, times=3)
    await publishing.close()

    async def all_sent() -> bool:
        story = await working.story()
        return "technician_offered" in story and not await working.rows("SELECT 1 FROM outbox WHERE sent_at IS NULL")

    await eventually(all_sent)
    assert [event.case_id for event in await working.said(WorkOrderOpened)] == [case.case_id]
    assert [event.technician_id for event in await working.said(TechnicianOffered)] == [technician]
    [offered] = await working.rows(
        "SELECT o.causation_id, i.consumer FROM outbox o JOIN inbox i ON i.event_id = o.causation_id"
        " WHERE o.type = 'dispatch.technician_offered.v1'"
    )
    assert offered["consumer"] == "dispatch.on_case_cleared"


async def test_answers_of_parts_and_an_erasure_find_their_order_whichever_queue_is_quicker(
    working: ControlRoom, broker_url: str
) -> None:
    case = cleared(parts=BOARD)
    desk = early_parts_desk(case)
    publishing = Publishing(broker_url, service="tests", topology=CATALOGUE_TOPOLOGY)
    told: tuple[Event, ...] = (desk.reserved(START), erased(case), desk.short(START), desk.issued(START), case)
    for event in told:
        await send(publishing, event, case_id=case.case_id, times=2)
    await publishing.close()

    async def all_heard() -> bool:
        [inbox] = await working.rows("SELECT count(*) AS heard FROM inbox")
        return int(inbox["heard"]) == len(told)

    await eventually(all_heard)
    assert [event.case_id for event in await working.said(PartsRequested)] == [case.case_id]
    [request] = await working.rows("SELECT state, short_at, reserved_at FROM parts_request")
    assert (request["state"], request["short_at"], request["reserved_at"]) == ("issued", START, START)
    assert len(await working.rows("SELECT 1 FROM erased_customer")) == 1


def test_a_policy_that_cannot_be_obeyed_ends_the_start_with_what_would_be_right(tmp_path: Path) -> None:
    policy = tmp_path / "dispatch.toml"
    policy.write_text(POLICY.read_text().replace('answer_within = "10m"', 'answer_within = "soon"'))
    key_file = create_key_file(tmp_path / "jwt.json")
    settings = settings_for("postgresql://nobody@127.0.0.1:1/x", key_file=key_file, broker_url=NO_BROKER)
    given = settings.model_dump(mode="json", exclude_none=True) | {"policy_file": str(policy)}
    environment = {f"DISPATCH_{name.upper()}": str(value) for name, value in given.items()}
    for command in (["serve"], ["policy", "check"]):
        ended = subprocess.run(  # noqa: S603  # our own interpreter and arguments
            [sys.executable, "-m", "dispatch", *command], env=environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 78
        assert "rotation.answer_within" in ended.stderr
        assert "Traceback" not in ended.stderr
