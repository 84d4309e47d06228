"""Moves the test clocks of all services together, one deadline after the other, so that nothing is skipped."""

import time
from collections.abc import Mapping
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
        return max(status.now for status in self._statuses().values())

    def advance(self, duration: timedelta) -> None:
        """Live through `duration`: everything that falls due on the way happens at its time."""
        self.advance_to(self.now() + duration)

    def advance_to(self, target: datetime) -> None:
        """Live until `target`. Raises `NeverAtRest` where a service does not come to rest on the way."""
        stop = None
        while stop != target:
            stop = next_stop(self.settle(), target=target)
            self._move_all(stop)
        self.settle()

    def advance_to_next(self, *, at_most: timedelta) -> None:
        """Live until the next thing falls due in any service, or through `at_most` where nothing does."""
        statuses = self.settle()
        target = max(status.now for status in statuses.values()) + at_most
        self.advance_to(next_stop(statuses, target=target))

    def settle(self) -> Mapping[str, ClockStatus]:
        """Wait until nothing is under way; where the services stand then."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while waits := under_way(statuses := self._statuses(), subscriptions=SUBSCRIPTIONS):
            if time.monotonic() > give_up:
                raise NeverAtRest("; ".join(waits))
            time.sleep(LOOK_SECONDS)
        return statuses

    def _move_all(self, stop: datetime) -> None:
        for answer in self._pool.map(
            lambda client: client.post(PATH, json={"to": stop.isoformat()}), self._clients.values()
        ):
            if answer.status_code != httpx.codes.CONFLICT:  # its clock ran past the stop by itself
                answer.raise_for_status()

    def _statuses(self) -> dict[str, ClockStatus]:
        answers = self._pool.map(lambda client: client.get(PATH).raise_for_status().json(), self._clients.values())
        return {service: STATUS.validate_python(answer) for service, answer in zip(self._clients, answers, strict=True)}
