"""Writing deadlines down in the transaction that set, moved or cancelled them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Table

from shared.many_rows import inserting
from shared.messaging.closing import Piece
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


def deadlines_written(
    changes: Mapping[str, PlannedDeadline | None], *, tables: DeliveryTables
) -> tuple[Piece, Mapping[str, Sequence[object]]]:
    """Sets each key to its deadline, or cancels it where that is None.

    Rows that exist are locked in the order of their keys first, so that two transactions never deadlock over them.
    """
    piece = _piece(tables.deadline)
    wanted = [_row(key, planned=planned) for key, planned in sorted(changes.items()) if planned is not None]
    keys = {
        "deadline_changed": list(changes),
        "deadline_cancelled": [key for key, planned in changes.items() if planned is None],
    }
    return piece, {**keys, **piece.parameters(wanted)}


@cache
def _piece(table: Table) -> Piece:
    """Nothing is deleted or inserted before all that is `held` has been counted.

    All of it sees what was committed when it began: a key that another transaction deletes and sets anew while this one
    waits for it is not deleted. That is harmless: callers lock the case first, and a deadline that fires although it is
    obsolete is decided again by its handler.
    """
    replaced = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "key")
    sql = f"""
        deadline_held AS (
            SELECT key FROM deadline WHERE key = ANY(CAST(:deadline_changed AS text[])) ORDER BY key FOR UPDATE
        ), deadline_gone AS (
            DELETE FROM deadline
            WHERE key = ANY(CAST(:deadline_cancelled AS text[])) AND (SELECT count(*) FROM deadline_held) >= 0
        ), deadline_set AS (
            {inserting(table, COLUMNS, prefix="deadline_")} WHERE (SELECT count(*) FROM deadline_held) >= 0
            ON CONFLICT (key) DO UPDATE SET {replaced}
        )"""  # noqa: S608 - names of our own columns
    return Piece(name="deadline", table=table, columns=COLUMNS, sql=sql)


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
