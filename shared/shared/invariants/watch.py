"""Shows Prometheus how many rows violate each invariant, looked up now and then, beside the business."""

import structlog
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy.exc import DBAPIError

from shared.database import Database
from shared.invariants.reading import count_violations, invariants, is_unread

LOOK_SECONDS = 300.0
"""The views of a large database take seconds, and nothing that they find goes away by itself."""

log = structlog.stdlib.get_logger(__name__)


class InvariantWatch:
    """Sets the gauges of one process."""

    def __init__(self, database: Database, *, service: str, registry: CollectorRegistry) -> None:
        self._database = database
        self._service = service
        labels = ("service", "invariant")
        self._violations = Gauge(
            "invariant_violations", "rows that violate an invariant, 10000 at most", labels, registry=registry
        )
        self._unread = Gauge(
            "invariants_unread", "invariants whose view could not be read in time", ("service",), registry=registry
        ).labels(service)

    async def step(self) -> float:
        """Look at every view; the seconds until the next look. Raises what the database raises in an outage."""
        async with self._database.sessions() as session:
            names = await invariants(session)
        unread = [name for name in names if not await self._look(name)]
        self._unread.set(len(unread))
        return LOOK_SECONDS

    async def _look(self, invariant: str) -> bool:
        """Whether the view could be read, in a session of its own so that one that is too slow spoils no other."""
        try:
            async with self._database.sessions() as session:
                found = await count_violations(session, invariant=invariant)
        except (DBAPIError, TimeoutError) as error:
            if not is_unread(error):
                raise
            log.warning("an invariant could not be read", service=self._service, invariant=invariant)
            return False
        if found:
            log.error("an invariant is violated", service=self._service, invariant=invariant, count=found)
        self._violations.labels(self._service, invariant).set(found)
        return True
