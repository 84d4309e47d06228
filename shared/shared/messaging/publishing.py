"""The publisher that a worker uses at the moment: opened when it is first needed and again after it broke."""

import asyncio

from shared.messaging.broker import Publisher
from shared.messaging.topology import Declares


class Publishing:
    """Keeps one publisher; the topology is declared whenever a new one is opened, so nothing is said into the void."""

    def __init__(self, url: str, *, service: str, topology: Declares) -> None:
        self._url = url
        self._name = f"{service} publishing"
        self._topology = topology
        self._current: Publisher | None = None
        self._opening = asyncio.Lock()

    async def publisher(self) -> Publisher:
        """One that is open. Raises `BrokerIsAway`."""
        async with self._opening:
            if self._current is None or not self._current.is_open:
                await self.close()
                self._current = await Publisher.open(self._url, name=self._name, prepare=self._topology.declare)
            return self._current

    async def close(self) -> None:
        """Close the current one, if any."""
        current, self._current = self._current, None
        if current is not None:
            await current.close()
