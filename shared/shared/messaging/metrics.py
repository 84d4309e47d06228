"""What delivery shows to Prometheus, all labelled with the service."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class DeliveryMetrics:
    """One set per process, on the process's own registry."""

    def __init__(self, registry: CollectorRegistry, *, service: str) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, ["service"], registry=registry).labels(service)

        def counter(name: str, text: str) -> Counter:
            return Counter(name, text, ["service"], registry=registry).labels(service)

        self.outbox_pending = gauge("outbox_pending", "events that the broker has not confirmed yet")
        self.outbox_oldest_age = gauge("outbox_oldest_age_seconds", "age of the oldest of them, 0 where there is none")
        self.dead_letters = gauge("dead_letters", "messages in the dead-letter queues of the service")
        self.unrouted = gauge(
            "unrouted_messages", "messages that should have a queue and found none: a binding is missing"
        )
        self.consumers_attached = gauge("consumers_attached", "queues that this process really consumes from")
        self.deadlines_failing = gauge("deadlines_failing", "deadlines whose handler failed and is tried again")
        self.events_sent = counter("events_sent", "events that the broker confirmed")
        self.events_handled = counter("events_handled", "deliveries that had their effect")
        self.duplicates = counter("inbox_duplicates", "deliveries that had had their effect before")
        self.attempts_failed = counter("handler_attempts_failed", "deliveries that a handler failed on")
        self.clock_lateness = Histogram(
            "clock_lateness_seconds",
            "seconds between the instant that a deadline was due and the start of its handler",
            ["service"],
            registry=registry,
            buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300),
        ).labels(service)
