"""Writing deadlines down in the transaction that set, moved or cancelled them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.many_rows import columns_of, inserting
from shared.messaging.tables import DeliveryTables

COLUMNS = ("key", "kind", "due", "data", "correlation_id", "traceparent", "next_try", "failures", "last_error")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDeadline:
    """The handler of `kind` is to be called with `data` at `due`."""

    kind: str
    due: datetime
    data: Mapping[str, str]
    correlation_id: UUID | None
    traceparent: str | None


async def write_deadlines(
    changes: Mapping[str, PlannedDeadline | None], *, session: AsyncSession, tables: DeliveryTables
) -> None:
    """Set each key to its deadline, or cancel it where that is None, in one statement.

    Rows that exist are locked in the order of their keys first, so that two transactions never deadlock over them.
    """
    if changes:
        table = tables.deadline
        wanted = [_row(key, planned=planned) for key, planned in sorted(changes.items()) if planned is not None]
        keys = {"changed": list(changes), "cancelled": [key for key, planned in changes.items() if planned is None]}
        await session.execute(_writing(table), {**keys, **columns_of(table, wanted, names=COLUMNS)})


@cache
def _writing(table: Table) -> TextClause:
    """Nothing is deleted or inserted before all that is `held` has been counted."""
    replaced = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "key")
    return text(
        f"""
        WITH held AS (
            SELECT key FROM deadline WHERE key = ANY(CAST(:changed AS text[])) ORDER BY key FOR UPDATE
        ), cancelled AS (
            DELETE FROM deadline WHERE key = ANY(CAST(:cancelled AS text[])) AND (SELECT count(*) FROM held) >= 0
        )
        {inserting(table, COLUMNS)} WHERE (SELECT count(*) FROM held) >= 0
        ON CONFLICT (key) DO UPDATE SET {replaced}
        """  # noqa: S608 - names of our own columns
    )


def _row(key: str, *, planned: PlannedDeadline) -> dict[str, object]:
    return {
        "key": key,
        "kind": planned.kind,
        "due": planned.due,
        "data": dict(planned.data),
        "correlation_id": planned.correlation_id,
        "traceparent": planned.traceparent,
        "next_try": planned.due,
        "failures": 0,
        "last_error": None,
    }
