"""Moves the test clocks of all services together, one deadline after the other, so that nothing is skipped."""

import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx
from pydantic import TypeAdapter

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.messaging.test_clock import ClockStatus, next_stop, under_way
from testkit.patience import PATIENCE_SECONDS

PATH = "/v1/test-clock"
LOOK_SECONDS = 0.05
"""Between two looks at all services; looking takes time from those who are looked at."""
STATUS = TypeAdapter(ClockStatus)


class NeverAtRest(TimeoutError):
    """Something stayed under way; the message names it."""


class BusinessTime:
    """The clocks of a running suite. `clients` are by service and may move clocks (scope `test_clock:write`)."""

    def __init__(self, clients: Mapping[str, httpx.Client]) -> None:
        self._clients = clients
        self._pool = ThreadPoolExecutor(len(clients))

    def now(self) -> datetime:
        """What time it is for the business."""
        return max(status.now for status in self._statuses(self._clients).values())

    def advance(self, duration: timedelta) -> None:
        """Live through `duration`: everything that falls due on the way happens at its time."""
        self.advance_to(self.now() + duration)

    def advance_to(self, target: datetime) -> None:
        """Live until `target`. Raises `NeverAtRest` where a service does not come to rest on the way."""
        stop, statuses = None, self.settle()
        while stop != target:
            stop = next_stop(statuses, target=target)
            statuses = self._at_rest(self._move_all(stop))

    def advance_to_next(self, *, at_most: timedelta) -> None:
        """Live until the next thing falls due in any service, or through `at_most` where nothing does."""
        statuses = self.settle()
        target = max(status.now for status in statuses.values()) + at_most
        self.advance_to(next_stop(statuses, target=target))

    def settle(self) -> Mapping[str, ClockStatus]:
        """Wait until nothing is under way; where the services stand then."""
        return self._at_rest(self._statuses(self._clients))

    def _at_rest(self, statuses: Mapping[str, ClockStatus]) -> Mapping[str, ClockStatus]:
        """Look again at those of whom something is expected, until it is nobody, and then at all once more."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while waits := under_way(statuses, subscriptions=SUBSCRIPTIONS):
            while waits:
                if time.monotonic() > give_up:
                    raise NeverAtRest("; ".join(waits))
                time.sleep(LOOK_SECONDS)  # services are other processes, and tell nobody that they came to rest
                statuses = {**statuses, **self._statuses({wait.partition(":")[0] for wait in waits})}
                waits = under_way(statuses, subscriptions=SUBSCRIPTIONS)
            statuses = self._statuses(self._clients)
        return statuses

    def _move_all(self, stop: datetime) -> Mapping[str, ClockStatus]:
        """Where the services stand then; where one ran past the stop by itself, a look at it tells."""

        def move(client: httpx.Client) -> httpx.Response:
            answer = client.post(PATH, json={"to": stop.isoformat()})
            return client.get(PATH) if answer.status_code == httpx.codes.CONFLICT else answer

        return self._ask(move, services=self._clients)

    def _statuses(self, services: Collection[str]) -> Mapping[str, ClockStatus]:
        return self._ask(lambda client: client.get(PATH), services=services)

    def _ask(
        self, ask: Callable[[httpx.Client], httpx.Response], *, services: Collection[str]
    ) -> Mapping[str, ClockStatus]:
        answers = self._pool.map(lambda service: ask(self._clients[service]).raise_for_status().json(), services)
        return {service: STATUS.validate_python(answer) for service, answer in zip(services, answers, strict=True)}
