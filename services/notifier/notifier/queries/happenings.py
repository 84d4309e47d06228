"""What happened and when, as far as the policy says that it ends or overtakes something."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from notifier.tables import METADATA, HappeningRow

_NOTING = insert(METADATA.tables["happening"]).on_conflict_do_nothing()
"""Built once: to build it takes longer than to carry it out."""


async def note(session: AsyncSession, *, thing: str, type_: str, happened_at: datetime) -> None:
    """Remember that it happened, once."""
    await session.execute(_NOTING, {"thing": thing, "type": type_, "happened_at": happened_at})


async def ending_since(
    session: AsyncSession,
    *,
    thing: str,
    types: Collection[str],
    only_after: Mapping[str, Collection[str]],
    since: datetime,
) -> str | None:
    """The type of the first event of these that happened at `since` or later.

    One that is in `only_after` counts where one of the others happened before it, and at `since` or later too. To hear
    more can only make more of them count, so whatever comes late is decided alike.
    """
    before = aliased(HappeningRow)

    def has_before(others: Collection[str]) -> ColumnElement[bool]:
        return exists().where(
            col(before.thing) == thing,
            col(before.type).in_(others),
            col(before.happened_at) >= since,
            col(before.happened_at) < col(HappeningRow.happened_at),
        )

    counts = [
        and_(col(HappeningRow.type) == type_, has_before(only_after[type_]))
        if type_ in only_after
        else col(HappeningRow.type) == type_
        for type_ in types
    ]
    statement = (
        select(col(HappeningRow.type))
        .where(col(HappeningRow.thing) == thing, col(HappeningRow.happened_at) >= since, or_(*counts))
        .order_by(col(HappeningRow.happened_at), col(HappeningRow.type))
        .limit(1)
    )
    return await session.scalar(statement)


async def times_of(session: AsyncSession, *, thing: str, types: Collection[str]) -> Sequence[datetime]:
    """When these events happened, in order."""
    statement = select(col(HappeningRow.happened_at)).where(
        col(HappeningRow.thing) == thing, col(HappeningRow.type).in_(types)
    )
    return (await session.scalars(statement.order_by(col(HappeningRow.happened_at)))).all()


async def is_overtaken(session: AsyncSession, *, thing: str, types: Collection[str], since: datetime) -> bool:
    """Whether one of these events happened after `since`."""
    found = exists().where(
        col(HappeningRow.thing) == thing, col(HappeningRow.type).in_(types), col(HappeningRow.happened_at) > since
    )
    return bool(await session.scalar(select(found)))
