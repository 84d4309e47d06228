"""Calls and the pushes that told of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Table, Uuid, any_, func, literal, tuple_, update
from sqlalchemy import Text as PlainText
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from intake.tables import METADATA, CallEventRow, CallRow
from shared.many_rows import columns_of, insert_rows, update_rows

CALL: Table = METADATA.tables["call"]
EVENT: Table = METADATA.tables["call_event"]
TOLD = (
    *("state", "direction", "caller", "called", "customer_index", "customer_label", "queue", "agents", "cause"),
    *("outcome", "started_at", "answered_at", "ended_at", "last_heard_at"),
)
"""What pushes tell of a call, and so what another push may change."""

type CallKey = tuple[UUID, str]
"""The source, and how that names the call."""

FORGOTTEN_AT_ONCE = 500


async def add_unless_known(session: AsyncSession, *, calls: Sequence[CallRow]) -> set[UUID]:
    """Insert the calls of which their source did not tell before, in the order given; the ids of those.

    A call that another transaction is just inserting is waited for: so that two never wait for each other, calls are
    given in the order of their keys.
    """
    names = tuple(CALL.c.keys())
    statement = insert_rows(CALL, names, rest="ON CONFLICT (source_id, provider_call_id) DO NOTHING RETURNING old.id")
    return set(await session.scalars(statement, columns_of(CALL, [_values(call, names) for call in calls])))


async def lock_told(session: AsyncSession, *, keys: Collection[CallKey]) -> dict[CallKey, CallRow]:
    """The calls that exchanges name so, locked until the transaction ends; they are in no session."""
    sources, names = zip(*keys, strict=True)
    wanted = func.unnest(literal(list(sources), ARRAY(Uuid)), literal(list(names), ARRAY(PlainText)))
    asked = wanted.table_valued("source_id", "provider_call_id").render_derived("asked")
    statement = (
        CALL.select()
        .where(
            tuple_(CALL.c.source_id, CALL.c.provider_call_id).in_(select(asked.c.source_id, asked.c.provider_call_id))
        )
        .order_by(CALL.c.id)
        .with_for_update()
    )
    found = [CallRow(**row) for row in (await session.execute(statement)).mappings()]
    return {(call.source_id, call.provider_call_id): call for call in found}


async def write_told(session: AsyncSession, *, calls: Sequence[CallRow]) -> None:
    """Write what is told of calls that are locked."""
    rows = [_values(call, ("id", *TOLD)) for call in calls]
    await session.execute(update_rows(CALL, "id", TOLD), columns_of(CALL, rows))


async def lock(session: AsyncSession, *, call_id: UUID) -> CallRow:
    """A call that is known to exist, locked until the transaction ends."""
    return (await session.scalars(select(CallRow).where(CallRow.id == call_id).with_for_update())).one()


async def find(session: AsyncSession, *, call_id: UUID) -> CallRow | None:
    """A call by its id."""
    return await session.get(CallRow, call_id)


async def add_events_unless_known(session: AsyncSession, *, events: Sequence[CallEventRow]) -> set[UUID]:
    """Insert the pushes that did not come before; the ids of those."""
    names = tuple(EVENT.c.keys())
    statement = insert_rows(EVENT, names, rest="ON CONFLICT (source_id, dedup_key) DO NOTHING RETURNING old.id")
    return set(await session.scalars(statement, columns_of(EVENT, [_values(event, names) for event in events])))


async def events_of(session: AsyncSession, *, call_ids: Collection[UUID]) -> dict[UUID, list[tuple[UUID, str]]]:
    """By call, the id and the sealed telling of everything that was heard of it; the order says nothing."""
    found: dict[UUID, list[tuple[UUID, str]]] = {call_id: [] for call_id in call_ids}
    statement = select(EVENT.c.call_id, EVENT.c.id, EVENT.c.told).where(
        EVENT.c.call_id == any_(literal(list(call_ids), ARRAY(Uuid)))
    )
    for call_id, event_id, told in await session.execute(statement):
        found[call_id].append((event_id, told))
    return found


async def empty_raw(session: AsyncSession, *, received_by: datetime) -> int:
    """Destroy the raw form of the oldest pushes that had come by then, at most 500; how many there were."""
    old = (
        select(EVENT.c.id)
        .where(EVENT.c.received_at <= received_by, EVENT.c.raw != "")
        .order_by(EVENT.c.received_at)
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    emptied = await session.execute(update(EVENT).where(EVENT.c.id.in_(old)).values(raw="").returning(EVENT.c.id))
    return len(emptied.all())


def _values(row: CallRow | CallEventRow, names: Collection[str]) -> Mapping[str, object]:
    return {name: getattr(row, name) for name in names}
