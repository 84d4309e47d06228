"""Writing deadlines down in the transaction that set, moved or cancelled them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Table, Text, any_, delete, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.many_rows import columns_of, insert_rows
from shared.messaging.tables import DeliveryTables


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
    """Set each key to its deadline, or cancel it where that is None.

    Rows that exist are locked in the order of their keys first, so that two transactions never deadlock over them.
    """
    table = tables.deadline
    cancelled = [key for key, planned in changes.items() if planned is None]
    if cancelled and len(changes) > 1:  # an insertion alone locks in its own order
        await session.execute(
            select(table.c.key).where(_is_one_of(table, changes)).order_by(table.c.key).with_for_update()
        )
    if cancelled:
        await session.execute(delete(table).where(_is_one_of(table, cancelled)))
    wanted = [_row(key, planned=planned) for key, planned in sorted(changes.items()) if planned is not None]
    if wanted:
        names = tuple(wanted[0])
        replaced = ", ".join(f"{name} = excluded.{name}" for name in names if name != "key")
        statement = insert_rows(table, names, rest=f"ON CONFLICT (key) DO UPDATE SET {replaced}")
        await session.execute(statement, columns_of(table, wanted))


def _is_one_of(table: Table, keys: Iterable[str]) -> ColumnElement[bool]:
    """The same statement for every number of keys."""
    return table.c.key == any_(literal(list(keys), ARRAY(Text)))


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
