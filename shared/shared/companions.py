"""What a service does in the background beside relay, deadlines and consumers: its own loops, known by name.

A companion is started and stopped with the worker. What waits for it counts as under way, so that a test clock does not
run ahead of it.
"""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class Companion(Protocol):
    """One background part of a service."""

    async def start(self) -> None:
        """Begin, without waiting for servers that are not up yet."""

    async def stop(self) -> None:
        """Take nothing new, finish what is in hand, within 15 s."""

    async def problem(self) -> str | None:
        """For readiness: what is wrong, or None where all is well."""

    async def waiting(self, session: AsyncSession) -> int:
        """How much there is to do now, in the snapshot of `session`."""


class Companions:
    """All of one process."""

    def __init__(self, companions: Mapping[str, Companion]) -> None:
        self._companions = companions

    async def start(self) -> None:
        """Begin with all."""
        for companion in self._companions.values():
            await companion.start()

    async def stop(self) -> None:
        """End all at the same time."""
        await asyncio.gather(*(companion.stop() for companion in self._companions.values()))

    async def problem(self) -> str | None:
        """What is wrong with which; None where all is well."""
        found = {name: await companion.problem() for name, companion in self._companions.items()}
        return "; ".join(f"{name}: {problem}" for name, problem in found.items() if problem) or None

    async def waiting(self, session: AsyncSession) -> Mapping[str, int]:
        """How much waits for each, by name."""
        return {name: await companion.waiting(session) for name, companion in self._companions.items()}
