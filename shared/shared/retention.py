"""What is kept only for a while is removed: a small transaction at a time, beside the business, in every worker."""

from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CollectorRegistry, Counter

from shared.actor import Actor
from shared.messaging.unit_of_work import Cause, UnitOfWork, Works

PAUSE_SECONDS = 0.25
"""Between two batches, so that a large rest is worked off without anybody noticing."""
SWEEP_SECONDS = 600.0
"""Until it is looked again, once nothing is left to remove."""

type Forget = Callable[[UnitOfWork], Awaitable[int]]
"""Removes a batch of what is due; how many rows. Rows that another replica is just removing are passed over."""


class Retention:
    """Removes what is due, in as many steps as it takes. `forgets` says by name, for the metric, what there is."""

    def __init__(
        self, *, service: str, works: Works, forgets: Mapping[str, Forget], registry: CollectorRegistry
    ) -> None:
        self._works = works
        self._forgets = forgets
        self._cause = Cause(actor=Actor(kind="system", id=service, role="system"))
        removed = Counter(
            "retention_rows_removed", "rows that were kept for long enough", ["service", "kind"], registry=registry
        )
        self._removed = {name: removed.labels(service, name) for name in forgets}

    async def step(self) -> float:
        """One batch of each kind; the seconds until the next step.

        A kind that fails keeps no other from it: what failed is raised at the end, as an ExceptionGroup.
        """
        counts: list[int] = []
        failed: list[Exception] = []
        for name, forget in self._forgets.items():
            try:
                counts.append(await self._batch(name, forget))
            except Exception as error:  # noqa: BLE001 - the edge of each kind: it is raised below
                failed.append(error)
        if failed:
            raise ExceptionGroup("not everything that is due could be removed", failed)
        return PAUSE_SECONDS if any(counts) else SWEEP_SECONDS

    async def _batch(self, name: str, forget: Forget) -> int:
        async with self._works.begin(self._cause) as work:
            count = await forget(work)
            await work.commit()
        self._removed[name].inc(count)
        return count
