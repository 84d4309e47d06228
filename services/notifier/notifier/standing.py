"""What waits for a person, as metrics: escalations that nobody took on, messages that never arrived."""

from datetime import timedelta

from prometheus_client import CollectorRegistry, Gauge

from notifier.domain.sending import FailureReason
from notifier.queries import escalations, messages
from shared.messaging.unit_of_work import UnitOfWork

LATELY = timedelta(days=1)


class Standing:
    """Gauges, as the database had them when `look` was called last."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._exhausted = Gauge(
            "escalations_exhausted", "Escalations of which nobody is left to be told.", registry=registry
        )
        self._failed = Gauge(
            "messages_failed", "Messages that were given up within a day.", ["reason"], registry=registry
        )
        for reason in FailureReason:
            self._failed.labels(reason.value)

    async def look(self, work: UnitOfWork) -> None:
        """Count anew."""
        self._exhausted.set(await escalations.count_exhausted(work.session))
        failed = await messages.count_failed(work.session, since=work.now - LATELY)
        for reason in FailureReason:
            self._failed.labels(reason.value).set(failed.get(reason.value, 0))
