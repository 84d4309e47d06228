"""Moving what is sealed to the active key, so that an old key can be taken out of the ring."""

from collections.abc import Sequence

from sqlalchemy import Column, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared.security.encryption import KeyRing

ROWS_AT_ONCE = 200


async def reseal(
    columns: Sequence[Column[str]], *, sessions: async_sessionmaker[AsyncSession], keys: KeyRing
) -> dict[str, int]:
    """Seal every value of `columns` anew that an older key sealed; how many, by `table.column`.

    Values are sealed for the place that `place_of` says. Small transactions, so that the service may run meanwhile;
    stopped half-way, it is started again. Raises SealBroken for a value that no key of the ring opens.
    """
    done = dict.fromkeys((f"{column.table.name}.{column.name}" for column in columns), 0)
    for column in columns:
        while batch := await _reseal_some(column, sessions=sessions, keys=keys):
            done[f"{column.table.name}.{column.name}"] += batch
    return done


def place_of(column: Column[str], *, key: Sequence[object]) -> str:
    """The context of a sealed value: `<table>.<column>/<primary key>`, its parts joined by `/`, bytes as hex."""
    parts = (part.hex() if isinstance(part, bytes) else str(part) for part in key)
    return f"{column.table.name}.{column.name}/{'/'.join(parts)}"


async def _reseal_some(column: Column[str], *, sessions: async_sessionmaker[AsyncSession], keys: KeyRing) -> int:
    identity = list(column.table.primary_key.columns)
    outdated = (
        select(column, *identity)
        # an empty text stands for nothing and was never sealed; null is not distinct from nothing either
        .where(column != "", ~column.startswith(keys.mark, autoescape=True))
        .limit(ROWS_AT_ONCE)
        .with_for_update()
    )
    async with sessions() as session:
        rows = (await session.execute(outdated)).all()
        for sealed, *key in rows:
            renewed = keys.reseal(sealed, context=place_of(column, key=key))
            this = [part == value for part, value in zip(identity, key, strict=True)]
            await session.execute(update(column.table).where(*this).values({column: renewed}))
        await session.commit()
    return len(rows)
