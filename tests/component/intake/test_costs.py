"""What a push and a case cost the database. The ceilings are what they cost when this was written: raise none."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg

from intake.app import consumers_of
from intake.domain.calls import CallEvent, CallEventKind
from intake.push.reading import Reading
from intake.queries import sources
from intake.tables import DELIVERY
from intake.use_cases.receive_call import Heard, receive_calls
from shared.actor import Actor
from shared.contracts.dispatch import WorkOrderOpened
from shared.contracts.facts import Urgency, WarrantyStatus
from shared.messaging.unit_of_work import Cause
from support.deliveries import Deliveries, message
from support.front_desk import IN_WARRANTY, FrontDesk, repair, unit, zammad_source
from support.meter import Bill, metered
from testkit.servers.postgres import Postgres

SWITCHBOARD = Cause(actor=Actor(kind="system", id="intake", role="switchboard"))
CASES = 10


def told(call_id: str, *, kind: CallEventKind) -> Reading:
    event = CallEvent(
        key=f"{call_id}|{kind}", kind=kind, direction="in", occurred_at=datetime.now(UTC), caller="13800138000"
    )
    return Reading(call_id=call_id, event=event)


async def take(desk: FrontDesk, readings: list[Reading], *, source_id: object) -> Bill:
    """All of them in one transaction."""
    with metered(desk.service.database) as bill:
        async with desk.service.works.begin(SWITCHBOARD) as work:
            [source] = (await sources.by_ids(work.session, source_ids=[source_id])).values()  # type: ignore[list-item]
            heard = [Heard(source=source, reading=reading, raw="{}", traceparent=None) for reading in readings]
            await receive_calls(work, heard=heard, office=desk.office)
            await work.commit()
    return bill


async def test_pushes_that_arrive_together_cost_as_many_statements_as_one(desk: FrontDesk) -> None:
    source_id = (await desk.create("/v1/push-sources", zammad_source()))["id"]
    alone = await take(desk, [told("a", kind=CallEventKind.RINGING)], source_id=source_id)
    many = [told(f"b-{number}", kind=CallEventKind.RINGING) for number in range(40)]
    together = await take(desk, many, source_id=source_id)
    assert together.statements == alone.statements
    assert len(alone.statements) <= 4
    assert alone.round_trips <= 6


async def test_pushes_that_end_known_calls_cost_three_statements_more(desk: FrontDesk) -> None:
    source_id = (await desk.create("/v1/push-sources", zammad_source()))["id"]
    begins = [told(f"c-{number}", kind=CallEventKind.RINGING) for number in range(20)]
    ends = [told(f"c-{number}", kind=CallEventKind.ENDED) for number in range(20)]
    await take(desk, begins, source_id=source_id)
    ended = await take(desk, ends, source_id=source_id)
    assert await desk.count("call") == 20
    assert len(ended.statements) <= 7
    assert ended.round_trips <= 9


async def test_a_case_costs_no_more_statements_than_it_did(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    await desk.create("/v1/cases", repair(), role="agent")  # the unit has its site from now on
    with metered(desk.service.database) as bill:
        await desk.create("/v1/cases", repair(), role="agent")
    assert len(bill.statements) <= 9, "\n".join(bill.statements)
    assert bill.round_trips <= 11


async def test_an_event_that_is_heard_of_a_case_costs_no_more_statements_than_it_did(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    case_id = UUID(str((await desk.create("/v1/cases", repair(), role="agent"))["id"]))
    deliveries = Deliveries(consumers_of(desk.office), works=desk.service.works, tables=DELIVERY)
    at = datetime.now(UTC)
    event = WorkOrderOpened(
        work_order_id=uuid4(),
        work_order_number="W-1",
        case_id=case_id,
        department="engineering",
        zone="city",
        urgency=Urgency.NORMAL,
        warranty=WarrantyStatus.IN_WARRANTY,
        round=1,
        opened_at=at,
    )
    heard = message(event, about=case_id, at=at, sequence=1)
    with metered(desk.service.database) as bill:
        await deliveries.one_by_one([heard])
    assert len(bill.statements) <= 2, "\n".join(bill.statements)
    assert bill.round_trips <= 4


async def test_a_case_writes_no_more_to_the_log_than_it_did(desk: FrontDesk, postgres: Postgres) -> None:
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    await desk.create("/v1/cases", repair(), role="agent")
    before = await written(postgres)
    for _ in range(CASES):
        await desk.create("/v1/cases", repair(), role="agent")
    assert await written(postgres) - before <= CASES * 30_000


async def written(postgres: Postgres) -> int:
    """Bytes in the write-ahead log so far."""
    connection = await asyncpg.connect(postgres.url)
    try:
        return int(await connection.fetchval("SELECT pg_current_wal_insert_lsn() - '0/0'"))
    finally:
        await connection.close()
