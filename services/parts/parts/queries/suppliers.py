"""Suppliers, and which parts are bought from whom."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.tables import SourceRow, SupplierRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppliersAsked:
    """Which suppliers a list shows; None means all."""

    search: str | None = None
    part_code: str | None = None


async def of_number(session: AsyncSession, *, number: str) -> SupplierRow | None:
    """The supplier of this number."""
    return (await session.scalars(select(SupplierRow).where(col(SupplierRow.number) == number))).one_or_none()


async def find(session: AsyncSession, *, number: str) -> SupplierRow:
    """A supplier to look at. Raises Unknown."""
    return _known(await of_number(session, number=number), number=number)


async def of_id(session: AsyncSession, *, supplier_id: UUID) -> SupplierRow:
    """The supplier that another row names."""
    return await session.get_one(SupplierRow, supplier_id)


async def lock(session: AsyncSession, *, number: str) -> SupplierRow:
    """A supplier to change, locked until the transaction ends. Raises Unknown."""
    statement = select(SupplierRow).where(col(SupplierRow.number) == number).with_for_update(key_share=True)
    found = await session.scalars(statement.execution_options(populate_existing=True))
    return _known(found.one_or_none(), number=number)


async def parts_of(session: AsyncSession, *, ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """Which parts are bought from each supplier; those from whom none is are missing."""
    codes: dict[UUID, set[str]] = {}
    for row in await session.scalars(select(SourceRow).where(col(SourceRow.supplier_id).in_(ids))):
        codes.setdefault(row.supplier_id, set()).add(row.part_code)
    return {supplier_id: frozenset(found) for supplier_id, found in codes.items()}


async def sources_of(session: AsyncSession, *, codes: Collection[str]) -> dict[str, list[str]]:
    """From whom each part is bought: part code to numbers of suppliers; the company's own parts are missing."""
    statement = (
        select(col(SourceRow.part_code), col(SupplierRow.number))
        .join(SupplierRow, col(SupplierRow.id) == col(SourceRow.supplier_id))
        .where(col(SourceRow.part_code).in_(codes))
        .order_by(col(SupplierRow.number))
    )
    found: dict[str, list[str]] = {}
    for part_code, number in await session.execute(statement):
        found.setdefault(part_code, []).append(number)
    return found


async def write_parts(session: AsyncSession, *, supplier_id: UUID, codes: Collection[str]) -> None:
    """From now on these parts are bought from the supplier, and no others. The caller has locked him."""
    mine = col(SourceRow.supplier_id) == supplier_id
    await session.execute(delete(SourceRow).where(mine, col(SourceRow.part_code).not_in(codes)))
    known = set(await session.scalars(select(col(SourceRow.part_code)).where(mine)))
    session.add_all(SourceRow(part_code=code, supplier_id=supplier_id) for code in sorted(set(codes) - known))
    await session.flush()


async def listed(session: AsyncSession, *, asked: SuppliersAsked, page: PageAsked) -> Sequence[SupplierRow]:
    """Suppliers, the newest first; one row more than the page where there is another page."""
    found = select(SupplierRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(SupplierRow.created_at), id_=col(SupplierRow.id))
    return (await session.scalars(statement)).all()


def _conditions(asked: SuppliersAsked) -> Iterator[ColumnElement[bool]]:
    if asked.search is not None:
        searched = (col(SupplierRow.number), col(SupplierRow.name), col(SupplierRow.supplies))
        yield or_(*(column.icontains(asked.search, autoescape=True) for column in searched))
    if asked.part_code is not None:
        selling = select(col(SourceRow.supplier_id)).where(col(SourceRow.part_code) == asked.part_code)
        yield col(SupplierRow.id).in_(selling)


def _known(row: SupplierRow | None, *, number: str) -> SupplierRow:
    if row is None:
        raise Unknown(
            "unknown_supplier", detail=f"there is no supplier {number}", expected="a number of GET /v1/suppliers"
        )
    return row
