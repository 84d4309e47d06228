"""Writing deadlines down in the transaction that set, moved or cancelled them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

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
    if len(changes) > 1:
        await session.execute(
            select(table.c.key).where(table.c.key.in_(changes)).order_by(table.c.key).with_for_update()
        )
    cancelled = [key for key, planned in changes.items() if planned is None]
    if cancelled:
        await session.execute(delete(table).where(table.c.key.in_(cancelled)))
    wanted = [_row(key, planned=planned) for key, planned in sorted(changes.items()) if planned is not None]
    if wanted:
        statement = insert(table).values(wanted)
        replaced = {column: statement.excluded[column] for column in wanted[0] if column != "key"}
        await session.execute(statement.on_conflict_do_update(index_elements=[table.c.key], set_=replaced))


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
