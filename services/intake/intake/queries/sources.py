"""Push sources."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, literal
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from intake.tables import PushSourceRow
from shared.refusals import Unknown


async def by_ids(session: AsyncSession, *, source_ids: Collection[UUID]) -> Mapping[UUID, PushSourceRow]:
    """The sources that exist, by id."""
    wanted = select(PushSourceRow).where(col(PushSourceRow.id) == any_(literal(list(source_ids), ARRAY(Uuid))))
    return {source.id: source for source in await session.scalars(wanted)}


async def load(session: AsyncSession, *, source_id: UUID) -> PushSourceRow:
    """Raises Unknown."""
    return _known(await session.get(PushSourceRow, source_id), source_id=source_id)


async def lock(session: AsyncSession, *, source_id: UUID) -> PushSourceRow:
    """A source to change, locked until the transaction ends. Raises Unknown."""
    statement = select(PushSourceRow).where(PushSourceRow.id == source_id).with_for_update()
    found = await session.scalars(statement.execution_options(populate_existing=True))
    return _known(found.one_or_none(), source_id=source_id)


async def by_name(session: AsyncSession, *, name: str) -> PushSourceRow | None:
    """A source by its name."""
    return (await session.scalars(select(PushSourceRow).where(PushSourceRow.name == name))).one_or_none()


def _known(source: PushSourceRow | None, *, source_id: UUID) -> PushSourceRow:
    if source is None:
        raise Unknown(
            "unknown_source", detail=f"There is no push source {source_id}.", expected="an id of GET /v1/push-sources"
        )
    return source
