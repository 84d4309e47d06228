"""How the parts stand of which there are too few: what is free, missing, and on its way."""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, cast, column, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.purchasing import Destination, Level, OrderState
from parts.domain.supply_words import NOT_ORDERED, ClaimState, RequestState
from parts.tables import ClaimRow, LineRow, PartRow, PurchaseLineRow, PurchaseOrderRow, RequestRow, StockRow
from shared.http.paging import PageAsked, newest_first

COMING = NOT_ORDERED | {ClaimState.PLACED}
"""A claim order whose parts will come; what was asked for and not signed yet is not ordered a second time."""


async def levels(session: AsyncSession, *, page: PageAsked) -> Sequence[tuple[PartRow, Level]]:
    """Parts of which there are fewer than there should be or than somebody waits for, with what is on its way.

    The newest part first; one row more than the page where there is another page.
    """
    wanted, columns = _levels()
    free, short = columns["available"], columns["shortfall"]
    too_few = wanted.where(or_(free < col(PartRow.minimum), short > 0))
    statement = newest_first(too_few, asked=page, at=col(PartRow.created_at), id_=col(PartRow.id))
    return [_level(row[0], pieces=row[1:]) for row in await session.execute(statement)]


async def levels_of(session: AsyncSession, *, codes: Collection[str]) -> dict[str, Level]:
    """How these parts stand; those that the catalogue has not are missing."""
    wanted, _ = _levels()
    rows = await session.execute(wanted.where(col(PartRow.part_code).in_(codes)))
    return {row[0].part_code: _level(row[0], pieces=row[1:])[1] for row in rows}


def _levels() -> tuple[Select[PartRow, int, int, int], dict[str, ColumnElement[int]]]:
    short, ordered, claimed = _shortfall(), _on_order(), _claimed()
    columns = {
        "available": col(StockRow.on_hand) - col(StockRow.reserved),
        "shortfall": func.coalesce(short.c.pieces, 0),
        "on_order": func.coalesce(ordered.c.pieces, 0) + func.coalesce(claimed.c.pieces, 0),
    }
    code = col(PartRow.part_code)
    statement = (
        select(PartRow, columns["available"], columns["shortfall"], columns["on_order"])
        .join(StockRow, col(StockRow.part_code) == code)
        .outerjoin(short, short.c.part_code == code)
        .outerjoin(ordered, ordered.c.part_code == code)
        .outerjoin(claimed, claimed.c.part_code == code)
    )
    return statement, columns


def _shortfall() -> Subquery:
    missing = col(LineRow.asked) - col(LineRow.reserved) - col(LineRow.issued)
    return (
        select(col(LineRow.part_code), cast(func.sum(missing), BigInteger).label("pieces"))
        .join(RequestRow, col(RequestRow.id) == col(LineRow.request_id))
        .where(col(RequestRow.state) == RequestState.SHORT)
        .group_by(col(LineRow.part_code))
        .subquery("short")
    )


def _on_order() -> Subquery:
    open_ = col(PurchaseLineRow.ordered) - col(PurchaseLineRow.received)
    return (
        select(col(PurchaseLineRow.part_code), cast(func.sum(open_), BigInteger).label("pieces"))
        .join(PurchaseOrderRow, col(PurchaseOrderRow.id) == col(PurchaseLineRow.order_id))
        .where(
            col(PurchaseOrderRow.state) == OrderState.PLACED,
            col(PurchaseOrderRow.destination) == Destination.STORE,
        )
        .group_by(col(PurchaseLineRow.part_code))
        .subquery("ordered")
    )


def _claimed() -> Subquery:
    line = func.jsonb_array_elements(col(ClaimRow.lines)).table_valued(column("value", JSONB)).lateral("claimed_line")
    part_code, quantity, arrived = (line.c.value[name].astext for name in ("part_code", "quantity", "arrived"))
    open_ = cast(quantity, BigInteger) - cast(arrived, BigInteger)
    return (
        select(part_code.label("part_code"), cast(func.sum(open_), BigInteger).label("pieces"))
        .select_from(ClaimRow)
        .join(line, true())
        .where(col(ClaimRow.state).in_(COMING))
        .group_by("part_code")
        .subquery("claimed")
    )


def _level(part: PartRow, *, pieces: Sequence[int]) -> tuple[PartRow, Level]:
    available, shortfall, on_order = pieces
    return part, Level(
        part_code=part.part_code,
        available=available,
        minimum=part.minimum,
        shortfall=shortfall,
        on_order=on_order,
    )
