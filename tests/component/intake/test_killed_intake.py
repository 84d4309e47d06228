"""kill -9 of intake at each failpoint it passes: whoever sends the same request again has one case, and no other."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from intake.tables import DELIVERY
from intake.use_cases.receive_call import CALL_SILENT
from shared.actor import Actor
from shared.contracts.dispatch import WorkOrderOpened
from shared.contracts.facts import Urgency, WarrantyStatus
from shared.contracts.intake import CallEnded, CallReceived, CaseOpened
from shared.failpoints import VARIABLE, Failpoint
from shared.messaging.publishing import Publishing
from shared.messaging.topology import CATALOGUE_TOPOLOGY, EVENTS_EXCHANGE
from shared.messaging.unit_of_work import Cause
from shared.security.tokens import mint_token
from support.deliveries import message
from support.forked import as_copy
from support.front_desk import IN_WARRANTY, ZAMMAD_SECRET, FrontDesk, open_front_desk, repair, unit, zammad_source
from support.insisting import Form, Insisting
from support.waiting import eventually
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.ports import free_port
from testkit.servers.postgres import Postgres
from testkit.service_process import ServiceProcess

WHILE_ANSWERING: tuple[Failpoint, ...] = ("work.after_insert", "work.before_commit", "work.after_commit")
WHILE_SAYING: tuple[Failpoint, ...] = ("relay.before_publish", "relay.after_confirm")
WHILE_HEARING: tuple[Failpoint, ...] = ("consumer.before_commit", "consumer.before_ack")
ONCE_SOMETHING_IS_DUE: Failpoint = "deadline.before_commit"


@pytest.fixture
async def desk(postgres: Postgres, tmp_path: Path, broker_url: str) -> AsyncIterator[FrontDesk]:
    async with open_front_desk(postgres, home=tmp_path, broker_url=broker_url) as opened:
        await opened.create("/v1/units", unit(months=IN_WARRANTY))
        yield opened


def process(desk: FrontDesk, *, mode: str, port: int, home: Path, failpoint: Failpoint | None = None) -> ServiceProcess:
    given = {f"INTAKE_{name.upper()}": str(value) for name, value in desk.settings if value is not None}
    given |= {"INTAKE_HTTP_PORT": str(port), **({VARIABLE: failpoint} if failpoint else {})}
    return ServiceProcess(
        name="intake",
        environment={**os.environ, **given},
        log=home / "intake.log",
        port=port,
        mode=mode,
        start_as=as_copy,
    )


@pytest.mark.promise("R01")
async def test_whoever_was_not_answered_asks_again_and_has_one_case(
    desk: FrontDesk, broker_url: str, tmp_path: Path
) -> None:
    port = free_port()
    healthy = process(desk, mode="api", port=port, home=tmp_path)
    token = mint_token(desk.key_file, subject="li", role="agent", issuer="tests", audience="tests")
    agent = Insisting(healthy.url, token=token)
    forms = {str(uuid4()): {**repair(), "description": failpoint} for failpoint in WHILE_ANSWERING}
    for failpoint, (key, form) in zip(WHILE_ANSWERING, forms.items(), strict=True):
        dying = process(desk, mode="api", port=port, home=tmp_path, failpoint=failpoint)
        await asyncio.to_thread(dying.restart)
        await agent.try_once("/v1/cases", form, key=key)
        assert await asyncio.to_thread(dying.process.wait, within=PATIENCE_SECONDS) == -signal.SIGKILL
    assert not {"200", "201"} & agent.answers.keys(), "nobody was answered"
    await asyncio.to_thread(healthy.restart)
    try:
        first = await ask_for_all(agent, forms)
        await die_in_the_background(desk, broker_url=broker_url, about=UUID(first[0].json()["id"]), home=tmp_path)
        again = await ask_for_all(agent, forms)
    finally:
        await asyncio.to_thread(healthy.stop)
        await agent.close()
    assert [answer.content for answer in again] == [answer.content for answer in first]
    assert await desk.count("repair_case") == len(forms)
    opened = [str(event.case_id) for event in await desk.said(CaseOpened) if isinstance(event, CaseOpened)]
    assert sorted(opened) == sorted(answer.json()["id"] for answer in first)
    assert len(set(opened)) == len(forms)


async def ask_for_all(agent: Insisting, forms: Mapping[str, Form]) -> list[httpx.Response]:
    return [await agent.send("/v1/cases", form, key=key) for key, form in forms.items()]


async def die_in_the_background(desk: FrontDesk, *, broker_url: str, about: UUID, home: Path) -> None:
    """Workers that die while they relay, hear and fire, and one that does not; what they had is done once.

    What each dies of comes to be when it is its turn: another one might have done it before it died of something else.
    """
    for failpoint in WHILE_SAYING:
        await die_at(failpoint, desk=desk, home=home)
    publishing = Publishing(broker_url, service="dispatch", topology=CATALOGUE_TOPOLOGY)
    at = await desk.now()
    event = WorkOrderOpened(
        work_order_id=uuid4(),
        work_order_number="W-1",
        case_id=about,
        department="engineering",
        zone="city",
        urgency=Urgency.NORMAL,
        warranty=WarrantyStatus.IN_WARRANTY,
        round=1,
        opened_at=at,
    )
    heard = message(event, about=about, at=at, sequence=1)
    await (await publishing.publisher()).publish(heard, exchange=EVENTS_EXCHANGE, routing_key=event.TYPE)
    await publishing.close()
    for failpoint in WHILE_HEARING:
        await die_at(failpoint, desk=desk, home=home)
    await let_a_call_fall_silent(desk)
    await die_at(ONCE_SOMETHING_IS_DUE, desk=desk, home=home)
    assert await desk.said(CallEnded) == []
    await desk.service.worker.start()
    await eventually(lambda: nothing_waits(desk))
    await desk.service.worker.stop()
    assert await desk.count("inbox") == 1
    assert [type(event) for event in await desk.said(CallReceived, CallEnded)] == [CallReceived, CallEnded]


async def die_at(failpoint: Failpoint, *, desk: FrontDesk, home: Path) -> None:
    dying = process(desk, mode="worker", port=free_port(), home=home, failpoint=failpoint)
    await asyncio.to_thread(dying.start)
    try:
        assert await asyncio.to_thread(dying.process.wait, within=PATIENCE_SECONDS) == -signal.SIGKILL
    finally:
        dying.kill()


async def let_a_call_fall_silent(desk: FrontDesk) -> None:
    """Nothing more is heard of a call, and the time is over for which it may last."""
    source = await desk.create("/v1/push-sources", zammad_source())
    push = {"event": "newCall", "callId": "c"}
    answer = await desk.stranger().post(f"/v1/push/zammad/{source['id']}/{ZAMMAD_SECRET}", json=push)
    assert answer.status_code == 200
    (received,) = await desk.said(CallReceived)
    assert isinstance(received, CallReceived)
    call_id = received.call_id
    async with desk.service.works.begin(Cause(actor=Actor(kind="system", id="tests", role="system"))) as work:
        work.set_deadline(f"call/{call_id}", kind=CALL_SILENT, due=work.now, data={"call_id": str(call_id)})
        await work.commit()


async def nothing_waits(desk: FrontDesk) -> bool:
    outbox = DELIVERY.outbox
    async with desk.database.sessions() as session:
        waiting = await session.scalar(select(outbox.c.position).where(outbox.c.sent_at.is_(None)).limit(1))
    return waiting is None and await desk.count("inbox") == 1 and await desk.said(CallEnded) != []
