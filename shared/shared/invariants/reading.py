"""What the views of the invariants hold, whichever views the schema has."""

from pydantic import BaseModel, ConfigDict
from sqlalchemy import TableClause, Text, column, func, literal_column, select, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import is_outage

COUNTED_AT_MOST = 10_000
PREFIX = "invariant_"


class Violation(BaseModel):
    """A row of a view: the invariant that is violated (`I4`), what it is about, and what is wrong with that."""

    model_config = ConfigDict(frozen=True)

    invariant: str
    about: str
    says: str


async def invariants(session: AsyncSession) -> list[str]:
    """The invariants that the schema has views of, such as `I4`; none where it was never migrated."""
    view = column("viewname", Text)
    found = await session.scalars(
        select(view)
        .select_from(table("pg_views"))
        .where(column("schemaname") == func.current_schema(), view.regexp_match(f"^{PREFIX}i[0-9]+$"))
    )
    return sorted((name.removeprefix(PREFIX).upper() for name in found), key=lambda name: int(name[1:]))


async def count_violations(session: AsyncSession, *, invariant: str) -> int:
    """How many rows violate it, up to 10,000."""
    some = select(literal_column("1")).select_from(_view(invariant)).limit(COUNTED_AT_MOST).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def violations_of(session: AsyncSession, *, invariant: str, at_most: int) -> list[Violation]:
    """What violates it."""
    rows = await session.execute(
        select(column("about", Text), column("says", Text)).select_from(_view(invariant)).limit(at_most)
    )
    return [Violation(invariant=invariant, about=about, says=says) for about, says in rows]


def is_unread(error: DBAPIError | TimeoutError) -> bool:
    """Whether a view failed to answer, while the database itself does: it took too long, most likely."""
    return isinstance(error, TimeoutError) or not is_outage(error)


def _view(invariant: str) -> TableClause:
    return table(f"{PREFIX}{invariant.lower()}")
