"""Somebody joins the staff: what notifier's directory says of him is told to intake over the broker."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from shared.contracts.envelope import Envelope
from shared.contracts.notifier import StaffChanged
from shared.messaging.broker import Publisher
from shared.messaging.topology import CATALOGUE_TOPOLOGY, EVENTS_EXCHANGE
from shared.messaging.wire import to_wire
from support.company import Company
from testkit.clients import Document, items


def colleague(company: Company) -> Document:
    """An agent who has just joined, as intake shows him once it heard of him."""
    joined = StaffChanged(
        staff_id=uuid4(), staff_number=f"m-{uuid4().hex[:8]}", role="agent", status="active", revision=1
    )
    asyncio.run(_say(company.suite.broker_url, event=joined))
    while not (known := items(company.agent.read("/v1/staff", search=joined.staff_number))):
        company.time.settle()
    return known[0]


async def _say(broker_url: str, *, event: StaffChanged) -> None:
    envelope = Envelope(
        id=uuid4(),
        type=event.TYPE,
        source="notifier",
        subject=event.subject,
        time=datetime.now(UTC),
        sequence=1,
        correlationid=event.staff_id,
        policyversion="tests",
    )
    publisher = await Publisher.open(broker_url, name="tests", prepare=CATALOGUE_TOPOLOGY.declare)
    wire = to_wire(envelope, body=event.model_dump_json().encode())
    await publisher.publish(wire, exchange=EVENTS_EXCHANGE, routing_key=envelope.type)
    await publisher.close()
