"""Prometheus metrics: one registry per process, given to whoever measures something, read at `/metrics`."""

import os
import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from starlette.responses import Response

from shared.health import Check, readiness_of

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class LetGo(StrEnum):
    """Why a client was let go."""

    SILENT = "silent"
    """It connected and never began a request."""
    SLOW_HEAD = "slow_head"
    LARGE_HEAD = "large_head"
    SLOW_BODY = "slow_body"
    SLOW_READER = "slow_reader"
    """It took nothing of its answer any more."""


class ClientMetrics:
    """Who took more of a process than a client may; one set per process."""

    def __init__(self, registry: CollectorRegistry, *, service: str) -> None:
        counter = Counter(
            "http_clients_let_go",
            "Connections that were ended because the client was too slow, or its head too large",
            ("service", "reason"),
            registry=registry,
        )
        self._let_go = {reason: counter.labels(service, reason) for reason in LetGo}

    def let_go(self, reason: LetGo) -> None:
        """Count one."""
        self._let_go[reason].inc()


def process_registry() -> CollectorRegistry:
    """A registry with what the process itself says: memory, processor time, open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    stat = Path("/proc/self/stat")
    if stat.exists():
        imported = Gauge(
            "import_seconds", "Seconds from the start of the process until all was imported", registry=registry
        )
        imported.set(_process_age(stat))
    return registry


def _process_age(stat: Path) -> float:
    """Seconds since the process began, to a hundredth: the field `starttime` of proc(5) against the time since boot."""
    since_boot = int(stat.read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - since_boot


def http_requests(registry: CollectorRegistry) -> Histogram:
    """Seconds of every request, by service, method, route template and status."""
    return Histogram(
        "http_request_seconds",
        "Seconds from the first byte of a request to its answer",
        ("service", "method", "route", "status"),
        buckets=BUCKETS,
        registry=registry,
    )


def metrics_router(registry: CollectorRegistry, *, service: str, checks: Mapping[str, Check]) -> APIRouter:
    """`/metrics` in the text format of Prometheus: what the registry holds, and readiness as it is at this moment."""
    router = APIRouter(tags=["operations"])
    own = CollectorRegistry()
    ready = Gauge("ready", "whether a check of readiness passes, 1 or 0", ("service", "check"), registry=own)

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def get_metrics() -> Response:
        for name, result in (await readiness_of(checks)).checks.items():
            ready.labels(service, name).set(result.ok)
        return Response(generate_latest(registry) + generate_latest(own), media_type=CONTENT_TYPE_LATEST)

    return router
