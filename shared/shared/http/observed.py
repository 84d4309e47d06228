"""The outermost layer: every request gets a correlation id, a span, a log line, a place in the metrics, an answer.

Who asks for health or metrics gets no span and no line.
"""

import time
from uuid import UUID

import structlog
from opentelemetry.trace import SpanKind
from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from shared.http.problems import BrokenInside
from shared.observability.tracing import Tracing, mark_failed

log = structlog.stdlib.get_logger("shared.http")

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
FAILED = 500
"""From this status on, what went wrong is the service's own fault."""


class Observed:
    """Binds the correlation id, times the request, and turns what nobody caught into a 500 that says nothing.

    The log has the route's template, never the address: tokens of push sources and search terms stand there.
    """

    def __init__(self, app: ASGIApp, *, service: str, tracing: Tracing, requests: Histogram) -> None:
        self._app = app
        self._service = service
        self._tracing = tracing
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = correlation_of(scope)
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        if scope["path"] in QUIET:
            await self._observe(scope, receive, send, correlation_id=correlation_id)
            return
        method = str(scope["method"])
        with self._tracing.span(
            method,
            kind=SpanKind.SERVER,
            parent=Headers(scope=scope).get("traceparent"),
            attributes={"http.request.method": method, "aftersales.correlation_id": str(correlation_id)},
        ) as span:
            try:
                status = await self._observe(scope, receive, send, correlation_id=correlation_id)
            finally:  # the route is known by now
                span.update_name(f"{method} {template_of(scope)}")
                span.set_attribute("http.route", template_of(scope))
            span.set_attribute("http.response.status_code", status)
            if status >= FAILED:
                mark_failed(str(status))

    async def _observe(self, scope: Scope, receive: Receive, send: Send, *, correlation_id: UUID) -> int:
        """The status that was answered; 0 where the client left before."""
        status = 0

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Correlation-ID"] = str(correlation_id)
            await send(message)

        begun = time.perf_counter()
        with structlog.contextvars.bound_contextvars(correlation_id=str(correlation_id)):
            try:
                await self._app(scope, receive, answered)
            except Exception:  # the edge: whatever a route raises is logged and answered here
                log.exception("request failed", method=scope["method"], route=template_of(scope))
                if status:
                    raise
                problem = BrokenInside(
                    "something broke that is not the caller's fault", expected="the same request later"
                )
                await problem.response(correlation_id=str(correlation_id))(scope, receive, answered)
            finally:
                self._note(scope, status=status, seconds=time.perf_counter() - begun)
        return status

    def _note(self, scope: Scope, *, status: int, seconds: float) -> None:
        route = template_of(scope)
        self._requests.labels(self._service, scope["method"], route, str(status)).observe(seconds)
        if route not in QUIET:
            log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


def template_of(scope: Scope) -> str:
    """The route's template, such as `/v1/cases/{case_id}`; `-` where no route fits."""
    return str(getattr(scope.get("route"), "path", "-"))


def correlation_of(scope: Scope) -> UUID:
    """The caller's X-Correlation-ID if it is a UUID, else a new one."""
    given = Headers(scope=scope).get("x-correlation-id", "")
    try:
        return UUID(given)
    except ValueError:
        return uuid7()
