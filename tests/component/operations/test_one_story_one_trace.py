"""One story is one trace: through pushes, events of several services and deadlines that fire much later."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from intake.tables import DELIVERY
from shared.contracts.intake import ClockBreached
from support.collector import Collector, Seen, collecting
from support.control_room import ControlRoom, open_control_room
from support.front_desk import IN_WARRANTY, ZAMMAD_SECRET, FrontDesk, open_front_desk, repair, unit, zammad_source
from support.logs import logged, logging_as_a_process
from support.waiting import eventually
from testkit.contact_centre import ZammadCentre
from testkit.servers.postgres import Postgres

MONDAY_MORNING = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
CALLER = "13800138000"
CANARIES = (CALLER, "王小明", "中关村大街1号", "早上开始不热", ZAMMAD_SECRET)
GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
"""The context of somebody who calls us within a trace of his own."""


@dataclass(frozen=True, kw_only=True)
class Company:
    """The services that the story goes through, each with its worker, and the collector that all of them report to."""

    intake: FrontDesk
    dispatch: ControlRoom
    collector: Collector


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as opened:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", opened.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield opened


@pytest.fixture
async def desk(postgres: Postgres, tmp_path: Path, collector: Collector) -> AsyncIterator[FrontDesk]:
    """An intake that only answers requests."""
    async with open_front_desk(postgres, home=tmp_path) as opened:
        yield opened


@pytest.fixture
async def company(
    postgres: Postgres, dispatch_template: str, broker_url: str, tmp_path: Path, collector: Collector
) -> AsyncIterator[Company]:
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(open_front_desk(postgres, home=tmp_path, broker_url=broker_url))
        room = await stack.enter_async_context(
            open_control_room(postgres, template=dispatch_template, home=tmp_path, broker_url=broker_url)
        )
        for service in (desk.service, room.service):
            await service.worker.start()
            stack.push_async_callback(service.worker.stop)
        yield Company(intake=desk, dispatch=room, collector=collector)


async def a_call(desk: FrontDesk, *, traceparent: str | None = None) -> str:
    """Somebody calls and an agent answers: three pushes, each with the context of who sent it; the call's id."""
    source = await desk.create("/v1/push-sources", zammad_source())
    headers = {"traceparent": traceparent} if traceparent else {}
    for push in ZammadCentre.call("c-1", caller=CALLER):
        answer = await desk.stranger(headers).post(f"/v1/push/zammad/{source['id']}/{ZAMMAD_SECRET}", json=push)
        assert answer.status_code == 200, answer.text
    (call,) = (await desk.client().get("/v1/calls")).json()["items"]
    return str(call["id"])


async def seen(collector: Collector, name: str, *, count: int = 1) -> list[Seen]:
    """The spans of this name, once there are so many."""

    async def enough() -> list[Seen]:
        found = collector.named(name)
        return found if len(found) >= count else []

    return await eventually(enough)


async def test_from_the_push_over_the_case_to_its_breach_is_one_trace_without_a_word_of_the_customer(
    company: Company,
) -> None:
    desk, collector = company.intake, company.collector
    await desk.advance_to(MONDAY_MORNING)
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    form = repair() | {"call_id": await a_call(desk)}
    assert (await desk.try_to_create("/v1/cases", form | {"urgency": CALLER}, role="agent")).status_code == 422
    await desk.create("/v1/cases", form, role="agent")
    await desk.advance_to(MONDAY_MORNING + timedelta(hours=2))
    await eventually(lambda: desk.said(ClockBreached))

    await seen(collector, "publish intake.clock_breached.v1")
    await seen(collector, "publish dispatch.work_order_opened.v1")  # a span ends with the confirmation: after the next
    await seen(collector, "handle intake.on_work_order_opened")
    pushes = await seen(collector, "POST /v1/push/zammad/{source_id}/{token}", count=3)
    (first,) = (push for push in pushes if not push.links)
    story = collector.trace(first.trace)
    assert {
        "intake: publish intake.call_received.v1",
        "intake: publish intake.call_ended.v1",
        "intake: publish intake.case_opened.v1",
        "intake: publish intake.case_cleared.v1",
        "dispatch: handle dispatch.on_case_cleared",
        "dispatch: publish dispatch.work_order_opened.v1",
        "intake: handle intake.on_work_order_opened",
        "intake: deadline clock",
        "intake: publish intake.clock_breached.v1",
    } <= set(story)
    assert [push.links for push in pushes if push is not first] == [(first.trace,)] * 2
    refused, registering = collector.named("POST /v1/cases")
    assert registering.trace != first.trace
    assert (refused.links, registering.links) == ((), (first.trace,))
    sent = b"".join(collector.received)
    assert [canary for canary in CANARIES if canary.encode() in sent] == []


async def test_who_comes_with_a_trace_finds_us_in_it_and_our_log_lines_too(
    desk: FrontDesk, collector: Collector, capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_as_a_process():
        await desk.client().get("/v1/cases", headers={"traceparent": GIVEN})
    _, trace, parent, _ = GIVEN.split("-")
    (span,) = await seen(collector, "GET /v1/cases")
    assert (span.trace, span.parent) == (trace, parent)
    assert span.attributes["http.route"] == "/v1/cases"
    assert span.attributes["http.response.status_code"] == "200"
    assert [line["trace_id"] for line in logged(capsys) if line["event"] == "request"] == [trace]


async def test_probes_are_not_traced(desk: FrontDesk, collector: Collector) -> None:
    stranger = desk.stranger()
    for probe in ("/healthz", "/readyz", "/metrics"):
        await stranger.get(probe)
    await stranger.get("/v1/cases")
    await seen(collector, "GET /v1/cases")
    assert [span.name for span in collector.spans if span.name.endswith(("healthz", "readyz", "metrics"))] == []


async def test_a_context_is_handed_on_where_nothing_is_recorded(postgres: Postgres, tmp_path: Path) -> None:
    async with open_front_desk(postgres, home=tmp_path) as desk:
        await a_call(desk, traceparent=GIVEN)
        async with desk.database.sessions() as session:
            said = await session.scalars(select(DELIVERY.outbox.c.traceparent))
            assert set(said) == {GIVEN}
