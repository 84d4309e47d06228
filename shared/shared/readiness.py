"""When a process counts as able to work: database, migrations, what it does in the background, and not ending."""

from collections.abc import Awaitable, Callable, Mapping

from shared.database import Database
from shared.health import Check


class Readiness:
    """Whether this process can do its work now; `others` are checks beside those that every process has."""

    def __init__(
        self, database: Database, *, has_schema: Callable[[], Awaitable[bool]], others: Mapping[str, Check]
    ) -> None:
        self._database = database
        self._has_schema = has_schema
        self._is_draining = False
        self.checks: dict[str, Check] = {
            "database": self._answers,
            "migrations": self._migrated,
            **others,
            "running": self._running,
        }

    def drain(self) -> None:
        """The process is about to end: whoever asks shall send no more."""
        self._is_draining = True

    async def _answers(self) -> str | None:
        return None if await self._database.answers() else "the database does not answer"

    async def _migrated(self) -> str | None:
        return None if await self._has_schema() else "the schema is not what this build needs: run `migrate`"

    async def _running(self) -> str | None:
        return "the process is ending" if self._is_draining else None
