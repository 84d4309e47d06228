"""Events that really come through a broker: twice is once, poison is set aside, what is said is heard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from uuid_utils.compat import uuid7

from shared.contracts.dispatch import WorkOrderSignedOff
from shared.contracts.envelope import Envelope
from shared.contracts.feedback import RevisitDue, SurveyRequested
from shared.messaging.publishing import Publishing
from shared.messaging.topology import CATALOGUE_TOPOLOGY, EVENTS_EXCHANGE
from shared.messaging.wire import to_wire
from support.aftercare import AftercareDesk, open_aftercare, signed_off
from support.case_events import START
from support.waiting import eventually
from testkit.servers.postgres import Postgres


@pytest.fixture
async def working(
    postgres: Postgres, feedback_template: str, tmp_path: Path, broker_url: str
) -> AsyncIterator[AftercareDesk]:
    """Its worker consumes, relays and fires deadlines."""
    opening = open_aftercare(postgres, template=feedback_template, home=tmp_path, broker_url=broker_url)
    async with opening as desk:
        await desk.service.worker.start()
        yield desk
        await desk.service.worker.stop()


async def send(publishing: Publishing, event: WorkOrderSignedOff, *, body: bytes | None = None, times: int = 1) -> None:
    envelope = Envelope(
        id=uuid7(),
        type=event.TYPE,
        source="dispatch",
        subject=event.subject,
        time=START,
        sequence=1,
        correlationid=event.case_id,
        policyversion="test",
    )
    message = to_wire(envelope, body=body or event.model_dump_json().encode())
    publisher = await publishing.publisher()
    for _ in range(times):
        await publisher.publish(message, exchange=EVENTS_EXCHANGE, routing_key=event.TYPE)


async def test_a_signature_that_comes_three_times_among_poison_is_followed_up_once(
    working: AftercareDesk, broker_url: str
) -> None:
    publishing = Publishing(broker_url, service="tests", topology=CATALOGUE_TOPOLOGY)
    order = signed_off()
    await send(publishing, signed_off(), body=b'{"work_order_id": "not one"}')
    await send(publishing, order, times=3)
    await publishing.close()

    async def planned() -> bool:
        return bool(await working.rows("SELECT 1 FROM survey"))

    await eventually(planned)
    async with working.database.sessions() as session, session.begin():
        await working.time.advance_to(START.replace(day=6, hour=3), session=session)

    async def all_said() -> bool:
        unsent = await working.rows("SELECT 1 FROM outbox WHERE sent_at IS NULL")
        return not unsent and bool(await working.said(RevisitDue)) and bool(await working.said(SurveyRequested))

    await eventually(all_said)
    assert [event.work_order_id for event in await working.said(RevisitDue)] == [order.work_order_id]
    assert [event.work_order_id for event in await working.said(SurveyRequested)] == [order.work_order_id]
    assert len(await working.rows("SELECT 1 FROM inbox")) == 1
