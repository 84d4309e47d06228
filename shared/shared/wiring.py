"""What the composition root of every service wires in the same way, so that each `app.py` says only what is its own.

It stands on what `shared.foundation` lays:

foundation = lay_foundation("intake", settings=settings, tables=Tables(...), policy_version=loaded.version)
service = assemble(foundation, summary=..., routers=[...], consumers=..., deadlines=..., migrations=FOLDER)
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from shared.companions import Companion, Companions
from shared.erasure import Erasures
from shared.foundation import Foundation
from shared.http.api import create_api, create_probes
from shared.http.test_clock import clock_router
from shared.invariants.watch import InvariantWatch
from shared.messaging.consumer import Consumers
from shared.messaging.deadlines import Deadlines
from shared.messaging.expiry import forget_heard, forget_sent
from shared.messaging.metrics import DeliveryMetrics
from shared.messaging.publishing import Publishing
from shared.messaging.relay import Relay
from shared.messaging.republish import Republishing
from shared.messaging.test_clock import TestClock as MovedClock
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.messaging.worker import Worker
from shared.migrations import migrate_when_possible, migrations_current, schema_of
from shared.observability.metrics import ClientMetrics
from shared.process import Service
from shared.readiness import Readiness
from shared.retention import Forget, Retention
from shared.settings import setting
from shared.time_source import MovableTime
from shared.upkeep import Upkeep, chaining

NO_COMPANIONS: Mapping[str, Companion] = MappingProxyType({})
NOTHING_ELSE: Mapping[str, Forget] = MappingProxyType({})


def assemble(
    foundation: Foundation,
    *,
    summary: str,
    routers: Sequence[APIRouter],
    consumers: Consumers,
    deadlines: Deadlines,
    migrations: Path,
    erasures: Erasures | None = None,
    companions: Mapping[str, Companion] = NO_COMPANIONS,
    forgets: Mapping[str, Forget] = NOTHING_ELSE,
) -> Service:
    """The service: its API, its worker, its probes. The caller puts what its own routes need on `api.state`.

    `erasures` is for services that keep something of customers; `companions` are, by name, what works beside the
    worker, started and stopped with it. `forgets` says by name what the service keeps for a while only, beside what
    every service does.
    """
    base, settings = foundation.database, foundation.settings
    has_schema = partial(migrations_current, base, folder=migrations)
    beside = Companions(companions)
    background = Background(
        foundation,
        consumers=consumers,
        deadlines=deadlines,
        companions=beside,
        forgets=forgets,
        schema_is_current=has_schema,
    )
    readiness = Readiness(
        base,
        named_by=setting(type(settings), "database_url"),
        schema=partial(schema_of, base, folder=migrations),
        others={"consumers": background.attached, "companions": background.companions_work},
    )
    clients = ClientMetrics(foundation.registry, service=foundation.name)
    api = create_api(
        foundation.name,
        summary=summary,
        edge=foundation.edge,
        routers=[*routers, *_test_clock(foundation, companions=beside)],
        checks=readiness.checks,
        tracing=foundation.tracing,
        registry=foundation.registry,
        clients=clients,
        client_seconds=settings.client_seconds,
    )

    async def close() -> None:
        await base.close()
        await foundation.behind.close()
        await foundation.tracing.close()

    return Service(
        name=foundation.name,
        host=settings.http_host,
        port=settings.http_port,
        api=api,
        probes=create_probes(foundation.name, checks=readiness.checks, registry=foundation.registry),
        worker=background,
        migrate=lambda: migrate_when_possible(settings.database_url, service=foundation.name, folder=migrations),
        drain=readiness.drain,
        drain_seconds=settings.drain_seconds,
        client_seconds=settings.client_seconds,
        clients=clients,
        close=close,
        database=base,
        works=foundation.works,
        republishing=_republishing(foundation),
        erasures=erasures,
    )


class Background:
    """The worker of one process with what else has to be done: chaining the audit log, forgetting, looking."""

    def __init__(
        self,
        foundation: Foundation,
        *,
        consumers: Consumers,
        deadlines: Deadlines,
        companions: Companions,
        forgets: Mapping[str, Forget],
        schema_is_current: Callable[[], Awaitable[bool]],
    ) -> None:
        self._foundation = foundation
        self._companions = companions
        self._worker = Worker(
            broker_url=foundation.settings.broker_url,
            database=foundation.behind,
            tables=foundation.tables.delivery,
            works=foundation.works_behind,
            time_source=foundation.time,
            wake=foundation.wake,
            topology=CATALOGUE_TOPOLOGY,
            consumers=consumers,
            deadlines=deadlines,
            tracing=foundation.tracing,
            registry=foundation.registry,
            schema_is_current=schema_is_current,
            memory=foundation.memory,
        )
        retention = Retention(
            service=foundation.name,
            works=foundation.works_behind,
            forgets={**_kept_by_every_service(foundation), **forgets},
            registry=foundation.registry,
        )
        watch = InvariantWatch(foundation.behind, service=foundation.name, registry=foundation.registry)
        self._upkeeps = (
            Upkeep(chaining(foundation.behind, audit=foundation.audit), schema_is_current=schema_is_current),
            Upkeep(retention.step, schema_is_current=schema_is_current),
            Upkeep(watch.step, schema_is_current=schema_is_current),
        )
        self._works_here = False

    async def attached(self) -> str | None:
        """For readiness: what is wrong with the consumers, if this process has any."""
        if not self._works_here:
            return None
        refusal = self._worker.refused_by_broker
        if refusal is not None:
            return setting(type(self._foundation.settings), "broker_url").fault(str(refusal))
        return self._worker.consumers_problem

    async def companions_work(self) -> str | None:
        """For readiness: what is wrong with what works beside the worker, if this process works."""
        return await self._companions.problem() if self._works_here else None

    async def start(self) -> None:
        """Begin, without waiting for servers that are not up yet."""
        self._works_here = True
        await self._worker.start()
        for upkeep in self._upkeeps:
            await upkeep.start()
        await self._companions.start()

    async def stop(self) -> None:
        """Take nothing new, finish what is in hand."""
        await asyncio.gather(self._worker.stop(), self._companions.stop())
        await asyncio.gather(*(upkeep.stop() for upkeep in self._upkeeps))


def _republishing(foundation: Foundation) -> Republishing:
    publishing = Publishing(foundation.settings.broker_url, service=foundation.name, topology=CATALOGUE_TOPOLOGY)
    relay = Relay(
        service=foundation.name,
        database=foundation.database,
        tables=foundation.tables.delivery,
        publishing=publishing,
        time_source=foundation.time,
        wake=foundation.wake,
        tracing=foundation.tracing,
        metrics=DeliveryMetrics(CollectorRegistry(), service=foundation.name),  # nobody asks a command for its metrics
    )
    return Republishing(
        database=foundation.database,
        tables=foundation.tables.delivery,
        time_source=foundation.time,
        relay=relay,
        publishing=publishing,
    )


def _kept_by_every_service(foundation: Foundation) -> Mapping[str, Forget]:
    delivery, memory = foundation.tables.delivery, foundation.memory
    return {
        "sent_event": forget_sent(delivery, memory=memory),
        "heard_event": forget_heard(delivery, memory=memory),
        "idempotent_answer": foundation.answers.forget,
    }


def _test_clock(foundation: Foundation, *, companions: Companions) -> list[APIRouter]:
    """The endpoint that moves the clock exists only where the clock can be moved."""
    time = foundation.time
    if not isinstance(time, MovableTime):
        return []
    clock = MovedClock(
        time, database=foundation.database, tables=foundation.tables.delivery, waiting=companions.waiting
    )
    return [clock_router(clock)]
