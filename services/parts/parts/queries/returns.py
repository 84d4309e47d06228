"""Quotations, mis-orders, goods that come back and goods that go back to vendors."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.goods_returns import Destination, GivenOut, ReturnState
from parts.domain.ledger import Kind
from parts.domain.quotations import QuotationState
from parts.domain.supply_words import ClaimState
from parts.tables import (
    ClaimRow,
    GoodsReturnRow,
    MisorderRow,
    MovementRow,
    QuotationRow,
    RequestRow,
    VendorReturnRow,
)
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


async def quotation_of(session: AsyncSession, *, claim_order_id: UUID) -> QuotationRow | None:
    """The quotation of a claim order, None where it needs none; who changes it has locked its work order."""
    return await session.get(QuotationRow, claim_order_id, populate_existing=True)


async def unsigned_of(session: AsyncSession, *, work_order_ids: Collection[UUID]) -> Sequence[UUID]:
    """Claim orders of these work orders that are not placed, and which or whose quotation somebody has to sign."""
    is_unsigned = or_(
        col(ClaimRow.state) == ClaimState.AWAITING_APPROVAL,
        (col(ClaimRow.state) == ClaimState.APPROVED) & (col(QuotationRow.state) != QuotationState.SIGNED),
    )
    statement = (
        select(col(ClaimRow.id))
        .join(RequestRow, col(RequestRow.id) == col(ClaimRow.request_id))
        .outerjoin(QuotationRow, col(QuotationRow.claim_order_id) == col(ClaimRow.id))
        .where(col(RequestRow.work_order_id).in_(work_order_ids), is_unsigned)
        .order_by(col(ClaimRow.opened_at), col(ClaimRow.id))
    )
    return (await session.scalars(statement)).all()


async def misorder_of(
    session: AsyncSession, *, claim_order_id: UUID, part_code: str, person: str
) -> MisorderRow | None:
    """What somebody was charged for a part of a claim order, whose work order the caller has locked."""
    statement = select(MisorderRow).where(
        col(MisorderRow.claim_order_id) == claim_order_id,
        col(MisorderRow.part_code) == part_code,
        col(MisorderRow.person) == person,
    )
    return (await session.scalars(statement)).one_or_none()


async def misorders(session: AsyncSession, *, person: str | None, page: PageAsked) -> Sequence[MisorderRow]:
    """Mis-orders, the newest first; None means of all; one row more than the page where there is another page."""
    conditions = [] if person is None else [col(MisorderRow.person) == person]
    statement = newest_first(
        select(MisorderRow).where(*conditions), asked=page, at=col(MisorderRow.at), id_=col(MisorderRow.id)
    )
    return (await session.scalars(statement)).all()


async def lock_goods(session: AsyncSession, *, goods_return_id: UUID) -> GoodsReturnRow:
    """A return to change, locked until the transaction ends. Raises Unknown."""
    statement = select(GoodsReturnRow).where(col(GoodsReturnRow.id) == goods_return_id).with_for_update()
    row = (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise Unknown(
            "unknown_goods_return",
            detail=f"there is no return {goods_return_id}",
            expected="an id of GET /v1/goods-returns",
        )
    return row


async def given_out(session: AsyncSession, *, part_code: str, left_with: str) -> GivenOut:
    """What left with a paper, and is back; none where nothing did. To count on it, hold the part's stock."""
    left = (
        select(
            func.coalesce(func.sum(col(MovementRow.on_hand)), 0),
            func.coalesce(func.sum(col(MovementRow.value)), 0),
            func.min(cast(col(MovementRow.request_id), Text)),
        )
        .where(col(MovementRow.part_code) == part_code, col(MovementRow.reference) == left_with)
        .where(col(MovementRow.kind).in_((Kind.ISSUE, Kind.INTERNAL)))
    )
    pieces, value, request_id = (await session.execute(left)).one()
    back = select(func.coalesce(func.sum(col(GoodsReturnRow.quantity)), 0)).where(
        col(GoodsReturnRow.left_with) == left_with,
        col(GoodsReturnRow.part_code) == part_code,
        col(GoodsReturnRow.state) == ReturnState.RECEIVED,
    )
    return GivenOut(
        pieces=-int(pieces),
        cost=-Decimal(value),
        back=int((await session.scalars(back)).one()),
        request_id=UUID(request_id) if request_id else None,
    )


async def came_back_used(session: AsyncSession, *, request_id: UUID, part_code: str) -> int:
    """Pieces that were fitted for a request and given back; the caller has locked its work order."""
    statement = select(func.coalesce(func.sum(col(GoodsReturnRow.quantity)), 0)).where(
        col(GoodsReturnRow.request_id) == request_id,
        col(GoodsReturnRow.part_code) == part_code,
        col(GoodsReturnRow.state) == ReturnState.RECEIVED,
        col(GoodsReturnRow.destination) != Destination.STOCK,
    )
    return int((await session.scalars(statement)).one())


async def goods(
    session: AsyncSession, *, states: frozenset[ReturnState], origin: str | None, page: PageAsked
) -> Sequence[GoodsReturnRow]:
    """Returns and exchanges, the newest first; none or None means all; one row more than the page."""
    conditions: list[ColumnElement[bool]] = []
    if states:
        conditions.append(col(GoodsReturnRow.state).in_(states))
    if origin is not None:
        conditions.append(col(GoodsReturnRow.origin) == origin)
    found = select(GoodsReturnRow).where(*conditions)
    statement = newest_first(found, asked=page, at=col(GoodsReturnRow.asked_at), id_=col(GoodsReturnRow.id))
    return (await session.scalars(statement)).all()


async def vendor_returns(session: AsyncSession, *, supplier: str | None, page: PageAsked) -> Sequence[VendorReturnRow]:
    """What went back to vendors, the newest first; None means all; one row more than the page."""
    conditions = [] if supplier is None else [col(VendorReturnRow.supplier) == supplier]
    found = select(VendorReturnRow).where(*conditions)
    statement = newest_first(found, asked=page, at=col(VendorReturnRow.at), id_=col(VendorReturnRow.id))
    return (await session.scalars(statement)).all()
