"""What stands before anything of a service is connected: database, time, transactions, answers, audit log, tokens."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from prometheus_client import CollectorRegistry
from sqlalchemy import Table

from shared.audit import AuditLog, AuditTables
from shared.database import Database, database
from shared.http.edge import Edge
from shared.http.idempotency import Answers
from shared.messaging.consumer import AT_ONCE as HANDLED_AT_ONCE
from shared.messaging.deadlines import AT_ONCE as FIRED_AT_ONCE
from shared.messaging.expiry import Memory
from shared.messaging.tables import DeliveryTables
from shared.messaging.unit_of_work import Works
from shared.messaging.wake import Wake
from shared.observability.metrics import process_registry
from shared.observability.tracing import Tracing, tracing_to
from shared.security.accepted_keys import accepted_keys
from shared.security.tokens import Tokens
from shared.settings import ClockSetting, ServiceSettings
from shared.time_source import MovableTime, SystemTime, TimeSource

REQUESTS = 15
"""Connections to the database, at most, of all requests together."""
RELAY, GAUGES, GATHERED, UPKEEPS, DEADLINES = 1, 1, 1, 3, FIRED_AT_ONCE + 1
BEHIND = HANDLED_AT_ONCE + GATHERED + RELAY + GAUGES + UPKEEPS + DEADLINES
"""The same of what works in the background: nobody there waits in a line. One more of the deadlines looks for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The shared tables on a service's own metadata."""

    delivery: DeliveryTables
    answers: Table
    audit: AuditTables


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What stands before anything is connected. The background has connections `behind`: it waits in no line."""

    name: str
    settings: ServiceSettings
    tables: Tables
    database: Database
    time: TimeSource
    wake: Wake
    works: Works
    behind: Database
    works_behind: Works
    memory: Memory
    answers: Answers
    audit: AuditLog
    edge: Edge
    tracing: Tracing
    registry: CollectorRegistry


def lay_foundation(
    name: str, *, settings: ServiceSettings, tables: Tables, policy_version: str, beside: int = 0
) -> Foundation:
    """Database, time, transactions, stored answers, audit log, tokens, traces and metrics of one process.

    `beside` is how many connections the service's companions use at once.
    """
    sizes = (REQUESTS, BEHIND + beside)
    base, behind = (database(settings.database_url, service=name, pool_size=size) for size in sizes)
    time = MovableTime(tables.delivery.test_clock) if settings.test_clock is ClockSetting.ON else SystemTime()
    wake = Wake(base, url=settings.database_url)
    works_on = partial(Works, tables=tables.delivery, time=time, policy_version=policy_version, wake=wake)
    works = works_on(base.sessions)
    answers = Answers(tables.answers, keys=settings.key_ring, index=settings.blind_index)
    tokens = Tokens(accepted_keys(settings), issuer=settings.jwt_issuer, audience=settings.jwt_audience)
    return Foundation(
        name=name,
        settings=settings,
        tables=tables,
        database=base,
        time=time,
        wake=wake,
        works=works,
        behind=behind,
        works_behind=works_on(behind.sessions),
        memory=Memory(outbox=timedelta(days=settings.outbox_kept_days), inbox=timedelta(days=settings.inbox_kept_days)),
        answers=answers,
        audit=AuditLog(tables.audit),
        edge=Edge(works=works, tokens=tokens, answers=answers),
        tracing=tracing_to(settings.otlp_endpoint, service=name),
        registry=process_registry(),
    )
