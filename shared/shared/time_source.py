"""The one place that business time comes from. Tokens and leases stay on real time.

`SystemTime` is what production uses. `MovableTime` is the test clock: real time plus an offset that lives in the
service's table `test_clock`, so that all its processes and replicas agree on it.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession


class ClockWouldGoBack(ValueError):
    """The test clock only moves forward: business time never runs backwards."""


class TimeSource(Protocol):
    """Says what time it is for the business."""

    def now(self) -> datetime:
        """Aware, UTC."""

    async def catch_up(self, session: AsyncSession) -> None:
        """Learn what another process of this service did to the clock; `Works.begin` asks this first."""


class SystemTime:
    """Real time; nobody moves it."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)

    async def catch_up(self, session: AsyncSession) -> None:
        """Real time needs no catching up."""


class MovableTime:
    """Real time plus an offset that a test moves forward."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._offset = timedelta()

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC) + self._offset

    async def catch_up(self, session: AsyncSession) -> None:
        """Read the offset that is in force; an offset never shrinks, and a clock that nobody moved has none."""
        offset = await session.scalar(select(self._table.c.offset))
        self._offset = timedelta() if offset is None else max(self._offset, offset)

    async def advance_to(self, moment: datetime, *, session: AsyncSession) -> None:
        """Move the clock of every process of the service to `moment`, in the caller's transaction.

        Raises `ClockWouldGoBack` where the clock is past `moment` already.
        """
        await self.catch_up(session)
        real = datetime.now(UTC)
        if moment < real + self._offset:
            raise ClockWouldGoBack(f"the clock stands at {self.now().isoformat()}, which is after {moment.isoformat()}")
        offset = moment - real
        statement = insert(self._table).values(id=1, offset=offset)
        await session.execute(
            statement.on_conflict_do_update(index_elements=[self._table.c.id], set_={"offset": offset})
        )
