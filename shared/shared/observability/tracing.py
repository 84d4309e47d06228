"""Traces: one story is one trace, through requests, events and deadlines, also where days lie between two of them.

The context (`traceparent` of W3C Trace Context) waits in the rows of outbox and deadlines and travels in the envelope;
whoever takes it up continues the trace. Nothing is recorded unless a collector is named, yet what came in with a
context is handed on with it. Spans hold ids, codes and templates: no address, no body, no text of an exception.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, NoOpTracerProvider, Span, SpanKind, Status, StatusCode, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

LAST_EXPORT_SECONDS = 3.0
"""How long the last spans may hold up the end of a process; a collector that is away costs spans, not restarts."""

PROPAGATOR = TraceContextTextMapPropagator()


class Tracing:
    """The spans of one process. Built once by `tracing_to`, in the wiring."""

    def __init__(self, provider: TracerProvider, *, end: Callable[[], None] | None = None) -> None:
        self._tracer = provider.get_tracer("aftersales")
        self._end = end
        self.records = not isinstance(provider, NoOpTracerProvider)

    @contextmanager
    def span(
        self, name: str, *, kind: SpanKind, parent: str | None, attributes: Mapping[str, str | int]
    ) -> Iterator[Span]:
        """A span for the block, which is current within it; it continues `parent`, or begins a trace without one.

        An exception that leaves the block marks it as failed, by its type only: texts may repeat what somebody sent.
        """
        if parent is None and not self.records:
            yield INVALID_SPAN  # there is nothing to record, and nothing to hand on
            return
        span = self._tracer.start_span(name, context=_context_of(parent), kind=kind, attributes=attributes)
        with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except Exception as error:  # noted on the span and raised again
                mark_failed(type(error).__qualname__)
                raise

    async def close(self) -> None:
        """Send what was not sent yet, for three seconds at most."""
        if self._end is not None:
            ending = Thread(target=self._end, daemon=True)
            ending.start()
            await asyncio.to_thread(ending.join, LAST_EXPORT_SECONDS)


def tracing_to(endpoint: str | None, *, service: str) -> Tracing:
    """Traces for the collector at `endpoint`, the base address of OTLP over HTTP; none are recorded where it is None.

    How much is sampled and sent at once are the standard `OTEL_…` variables.
    """
    if endpoint is None:
        return Tracing(NoOpTracerProvider())
    # ruff: noqa: PLC0415  # a process without a collector does not load what it does not need
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider as RecordingProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = RecordingProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Tracing(provider, end=provider.shutdown)


def current_traceparent() -> str | None:
    """The context of the span under way, to be stored or sent; None where there is no trace."""
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def current_trace_id() -> str | None:
    """32 hexadecimal digits, as collectors show them; None where there is no trace."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else None


def describe_span(attributes: Mapping[str, str | int]) -> None:
    """Add what was learnt since the span under way began: ids and codes only."""
    trace.get_current_span().set_attributes(attributes)


def mark_failed(error: str) -> None:
    """The span under way failed with this type of error or status."""
    span = trace.get_current_span()
    span.set_attribute("error.type", error)
    span.set_status(Status(StatusCode.ERROR))


def link_to(traceparent: str) -> None:
    """Tie the span under way to a span of another trace, which goes on with what it did."""
    other = trace.get_current_span(_context_of(traceparent)).get_span_context()
    if other.is_valid:
        trace.get_current_span().add_link(other)


def _context_of(traceparent: str | None) -> Context:
    """Never the one under way: a missing or unreadable context begins a new trace."""
    return PROPAGATOR.extract({"traceparent": traceparent} if traceparent else {}, context=Context())
