"""What a transaction leaves behind is written in one statement, right before its commit.

Each kind of rows is a `Piece`: parts of a WITH clause, and parameters that begin with its name. PostgreSQL carries all
of them out in an order of its own, so a piece that locks rows after those of another one refers to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.many_rows import Rows, columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """How rows of one kind are written. `sql` takes their columns as parameters `<name>_<column>`, see `many_rows`."""

    name: str
    table: Table
    columns: tuple[str, ...]
    sql: str

    def parameters(self, rows: Rows) -> Mapping[str, Sequence[object]]:
        """The rows as parameters of `sql`."""
        return columns_of(self.table, rows, names=self.columns, prefix=f"{self.name}_")


async def write_all(pieces: Mapping[Piece, Mapping[str, Sequence[object]]], *, session: AsyncSession) -> None:
    """Carry out every piece with its parameters, in one round trip."""
    if pieces:
        ordered = tuple(sorted(pieces, key=lambda piece: piece.name))
        given = {name: values for piece in ordered for name, values in pieces[piece].items()}
        await session.execute(_statement(ordered), given)


@cache
def _statement(pieces: tuple[Piece, ...]) -> TextClause:
    return text(f"WITH {', '.join(piece.sql for piece in pieces)} SELECT")
