"""Writing many rows in one statement whose text does not depend on how many there are.

A statement with a VALUES list has to be compiled and prepared anew for each number of rows; one that takes a column of
values per parameter is prepared once per connection and costs next to nothing on either side.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from sqlalchemy import ARRAY, JSON, Column, Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

DIALECT = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]

type Rows = Sequence[Mapping[str, object]]


def columns_of(table: Table, rows: Rows, *, names: Collection[str] = (), prefix: str = "") -> dict[str, list[object]]:
    """The rows as parameters: column name to its values. All rows have the columns `names`, or those of the first.

    Statements that write into several tables tell their parameters apart by a `prefix`.
    """
    return {f"{prefix}{name}": _sent(table.c[name], [row[name] for row in rows]) for name in names or rows[0]}


def values_of(table: Table, names: Collection[str], *, prefix: str = "") -> str:
    """`unnest(…)`: the parameters of `columns_of` as a relation with the columns `names`, in this order."""
    arrays = ", ".join(f"CAST(:{prefix}{name} AS {_sent_type(table.c[name])}[])" for name in names)
    return f"unnest({arrays})"


@cache
def insert_rows(table: Table, names: tuple[str, ...], *, rest: str = "") -> TextClause:
    """INSERT of rows with the columns `names`, in the order given; `rest` is what follows: ON CONFLICT, RETURNING."""
    return text(f"{inserting(table, names)} {rest}")


def inserting(table: Table, names: Collection[str], *, prefix: str = "") -> str:
    """`INSERT INTO … AS old … SELECT … FROM … AS new(…)`: a piece of a statement, for rows with the columns `names`."""
    into, given = ", ".join(names), ", ".join(_stored(table.c[name]) for name in names)
    rows = f"{values_of(table, names, prefix=prefix)} AS new({into})"
    return f"INSERT INTO {table.name} AS old ({into}) SELECT {given} FROM {rows}"  # noqa: S608 - names of our own tables


@cache
def update_rows(table: Table, key: str, names: tuple[str, ...]) -> TextClause:
    """UPDATE of the columns `names` of the rows that `key` names; the parameters hold the key as well."""
    given = ", ".join(f"{name} = {_stored(table.c[name])}" for name in names)
    columns = (key, *names)
    return text(
        f"UPDATE {table.name} AS old SET {given} FROM {values_of(table, columns)} AS new({', '.join(columns)})"  # noqa: S608 - names of our own tables
        f" WHERE old.{key} = new.{key}"
    )


def _sent(column: Column[object], values: list[object]) -> list[object]:
    """Lists and documents travel as JSON: an array of arrays would have to be rectangular."""
    return [None if value is None else json.dumps(value) for value in values] if _is_nested(column) else values


def _stored(column: Column[object]) -> str:
    match _type(column):
        case ARRAY():
            return f"ARRAY(SELECT jsonb_array_elements_text(CAST(new.{column.name} AS jsonb)))"
        case JSON():
            return f"CAST(new.{column.name} AS jsonb)"
        case _:
            return f"new.{column.name}"


def _sent_type(column: Column[object]) -> str:
    return "text" if _is_nested(column) else _type(column).compile(dialect=DIALECT)


@cache
def _is_nested(column: Column[object]) -> bool:
    return isinstance(_type(column), ARRAY | JSON)


def _type(column: Column[object]) -> TypeEngine[object]:
    return column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
