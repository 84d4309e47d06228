"""The catalogue, the stock and its ledger."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.ledger import Kind, Stock
from parts.tables import AccountRow, MovementRow, PartRow, PriceRow, ShelfRow, StockRow
from parts.tables.base import VALUE
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsAsked:
    """Which parts a list shows; None means all. `low`: fewer pieces are free than the catalogue wants."""

    search: str | None = None
    low: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementsAsked:
    """Which movements a list shows; None means all."""

    part_code: str | None = None
    kinds: frozenset[Kind] = frozenset()
    location: str | None = None
    department: str | None = None
    request_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def find_part(session: AsyncSession, *, part_code: str) -> PartRow:
    """A part to look at. Raises Unknown."""
    return _known((await session.scalars(_of(part_code))).one_or_none(), part_code=part_code)


async def lock_part(session: AsyncSession, *, part_code: str) -> PartRow:
    """A part to change, locked until the transaction ends. Raises Unknown."""
    statement = _of(part_code).with_for_update(key_share=True).execution_options(populate_existing=True)
    return _known((await session.scalars(statement)).one_or_none(), part_code=part_code)


async def parts_by_code(session: AsyncSession, *, codes: Collection[str]) -> dict[str, PartRow]:
    """Those of the codes that the catalogue knows, as they stand now."""
    statement = select(PartRow).where(col(PartRow.part_code).in_(codes))
    rows = await session.scalars(statement.execution_options(populate_existing=True))
    return {row.part_code: row for row in rows}


async def serial_tracked(session: AsyncSession, *, codes: Collection[str]) -> Sequence[str]:
    """Those of the codes whose pieces are known by serial numbers. The caller holds the stock of these parts."""
    known = select(col(PartRow.part_code)).where(col(PartRow.part_code).in_(codes), col(PartRow.is_serial))
    return (await session.scalars(known.order_by(col(PartRow.part_code)))).all()


async def lock(session: AsyncSession, *, codes: Collection[str]) -> dict[str, StockRow]:
    """Stock of several parts as it stands now, locked in the order of their codes until the transaction ends."""
    statement = (
        select(StockRow).where(col(StockRow.part_code).in_(codes)).order_by(col(StockRow.part_code)).with_for_update()
    )
    rows = await session.scalars(statement.execution_options(populate_existing=True))
    return {row.part_code: row for row in rows}


async def receipt(session: AsyncSession, *, part_code: str, reference: str) -> MovementRow | None:
    """The receipt of a part with this reference. The caller holds the part's stock."""
    statement = select(MovementRow).where(
        col(MovementRow.part_code) == part_code,
        col(MovementRow.reference) == reference,
        col(MovementRow.kind) == Kind.RECEIPT,
    )
    return (await session.scalars(statement)).one_or_none()


async def listed(session: AsyncSession, *, asked: PartsAsked, page: PageAsked) -> Sequence[tuple[PartRow, StockRow]]:
    """Parts with their stock, the newest first; one row more than the page where there is another page."""
    found = (
        select(PartRow, StockRow)
        .join(StockRow, col(StockRow.part_code) == col(PartRow.part_code))
        .where(*_part_conditions(asked))
    )
    statement = newest_first(found, asked=page, at=col(PartRow.created_at), id_=col(PartRow.id))
    return [(part, stock) for part, stock in await session.execute(statement)]


class Seen(StrEnum):
    """What a row of `_seen` is about."""

    PLACE = "place"
    ACCOUNT = "account"
    ALTERNATIVE = "alternative"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStock:
    """All that is known of what there is of a part (R326).

    `lying`: place to pieces; `accounts`: department to pieces and yuan; `alternatives`: code to free pieces.
    """

    part: PartRow
    stock: StockRow
    lying: Mapping[str, int]
    accounts: Mapping[str, tuple[int, Decimal]]
    alternatives: Mapping[str, int]


async def of_part(session: AsyncSession, *, part_code: str) -> PartStock:
    """Balance and availability of a part, to look at, in two questions. Raises Unknown."""
    found = await session.execute(
        select(PartRow, StockRow)
        .join(StockRow, col(StockRow.part_code) == col(PartRow.part_code))
        .where(col(PartRow.part_code) == part_code)
    )
    row = found.one_or_none()
    part = _known(None if row is None else row[0], part_code=part_code)
    seen = (await session.execute(_seen(part))).all()
    free = {name: pieces for about, name, pieces, _ in seen if about == Seen.ALTERNATIVE}
    return PartStock(
        part=part,
        stock=(await session.get_one(StockRow, part_code)),
        lying={name: pieces for about, name, pieces, _ in seen if about == Seen.PLACE},
        accounts={name: (pieces, Decimal(value)) for about, name, pieces, value in seen if about == Seen.ACCOUNT},
        alternatives={code: free[code] for code in part.alternatives if code in free},
    )


def _seen(part: PartRow) -> CompoundSelect[str, str, int, Decimal]:
    """Where it lies, in whose accounts it stands, and what is free of what replaces it."""
    nothing = literal(0, type_=VALUE)
    return union_all(
        select(literal(Seen.PLACE.value), col(ShelfRow.location), col(ShelfRow.on_hand), nothing).where(
            col(ShelfRow.part_code) == part.part_code
        ),
        select(
            literal(Seen.ACCOUNT.value), col(AccountRow.department), col(AccountRow.pieces), col(AccountRow.value)
        ).where(col(AccountRow.part_code) == part.part_code),
        select(
            literal(Seen.ALTERNATIVE.value),
            col(StockRow.part_code),
            col(StockRow.on_hand) - col(StockRow.reserved),
            nothing,
        ).where(col(StockRow.part_code).in_(part.alternatives)),
    )


async def prices(session: AsyncSession, *, part_code: str, page: PageAsked) -> Sequence[PriceRow]:
    """The price list of a part, the newest price first; one row more than the page where there is another page."""
    found = select(PriceRow).where(col(PriceRow.part_code) == part_code)
    statement = newest_first(found, asked=page, at=col(PriceRow.since), id_=col(PriceRow.id))
    return (await session.scalars(statement)).all()


async def movements(session: AsyncSession, *, asked: MovementsAsked, page: PageAsked) -> Sequence[MovementRow]:
    """Lines of the ledger, the newest first; one row more than the page where there is another page."""
    found = select(MovementRow).where(*_movement_conditions(asked))
    statement = newest_first(found, asked=page, at=col(MovementRow.at), id_=col(MovementRow.id))
    return (await session.scalars(statement)).all()


def stock_of(row: StockRow) -> Stock:
    """The stock as the domain sees it."""
    return Stock(on_hand=row.on_hand, reserved=row.reserved, issued=row.issued)


def cost_of(part: PartRow) -> Decimal:
    """What the company pays for one (R333): the sale price where nobody said what that is."""
    return part.unit_price if part.purchase_price is None else part.purchase_price


def _of(part_code: str) -> Select[PartRow]:
    return select(PartRow).where(col(PartRow.part_code) == part_code)


def _known(part: PartRow | None, *, part_code: str) -> PartRow:
    if part is None:
        raise Unknown(
            "unknown_part", detail=f"the catalogue has no part {part_code}", expected="a part_code of GET /v1/parts"
        )
    return part


def _part_conditions(asked: PartsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.search is not None:
        searched = (col(PartRow.part_code), col(PartRow.name_zh), col(PartRow.name_en))
        yield or_(*(column.icontains(asked.search, autoescape=True) for column in searched))
    if asked.low is not None:
        is_low = col(StockRow.on_hand) - col(StockRow.reserved) < col(PartRow.minimum)
        yield is_low if asked.low else ~is_low


def _movement_conditions(asked: MovementsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.part_code is not None:
        yield col(MovementRow.part_code) == asked.part_code
    if asked.kinds:
        yield col(MovementRow.kind).in_(asked.kinds)
    if asked.location is not None:
        yield col(MovementRow.location) == asked.location
    if asked.department is not None:
        yield col(MovementRow.department) == asked.department
    if asked.request_id is not None:
        yield col(MovementRow.request_id) == asked.request_id
    if asked.since is not None:
        yield col(MovementRow.at) >= asked.since
    if asked.until is not None:
        yield col(MovementRow.at) < asked.until
