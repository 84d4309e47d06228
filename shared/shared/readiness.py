"""When a process counts as able to work: database, migrations, what it does in the background, and not ending."""

from collections.abc import Awaitable, Callable, Mapping

from shared.database import Database, DatabaseRefuses
from shared.health import Check
from shared.migrations import Schema
from shared.settings import Setting


class Readiness:
    """Whether this process can do its work now; `others` are checks beside those that every process has.

    `named_by` is the setting that says where the database is, for whoever has to mend it.
    """

    def __init__(
        self,
        database: Database,
        *,
        named_by: Setting,
        schema: Callable[[], Awaitable[Schema]],
        others: Mapping[str, Check],
    ) -> None:
        self._database = database
        self._named_by = named_by
        self._schema = schema
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
        try:
            return None if await self._database.answers() else "the database does not answer"
        except DatabaseRefuses as refusal:
            return self._named_by.fault(str(refusal))

    async def _migrated(self) -> str | None:
        try:
            schema = await self._schema()
        except DatabaseRefuses as refusal:
            return self._named_by.fault(str(refusal))
        if schema.is_contracted:
            return self._named_by.fault(schema.contraction)
        return None if schema.is_current else "the schema is not what this build needs: run `migrate`"

    async def _running(self) -> str | None:
        return "the process is ending" if self._is_draining else None
