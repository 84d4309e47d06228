"""What lies idle (积压件): stock of which nothing moves, and what was ordered for customers who never came (R322)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.ledger import Kind
from parts.domain.supply_words import ClaimState, RequestState
from parts.tables import AccountRow, ClaimRow, MovementRow, PartRow, RequestRow, StockRow
from shared.http.paging import PageAsked, newest_first

MOST = 1000
STIRRING = (Kind.RECEIPT, Kind.ISSUE, Kind.INTERNAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Stock that nobody asked for. `never_fetched`: pieces that came for customers who never did (R322)."""

    part: PartRow
    on_hand: int
    value: Decimal
    stirred_at: datetime | None
    never_fetched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleClaim:
    """One claim order that arrived and whose parts nobody drew. `released`: they are kept for him no more."""

    claim_order_id: UUID
    request_id: UUID
    work_order_number: str
    customer_id: UUID
    value: Decimal
    idle_since: datetime
    reminders: int
    released: bool


async def idle_stock(session: AsyncSession, *, before: datetime, page: PageAsked) -> Sequence[Idle]:
    """Parts that lie there and of which nothing came or left since then, the newest part first."""
    stirred = select(col(MovementRow.id)).where(
        col(MovementRow.part_code) == col(PartRow.part_code),
        col(MovementRow.kind).in_(STIRRING),
        col(MovementRow.at) >= before,
    )
    last = (
        select(func.max(col(MovementRow.at)))
        .where(col(MovementRow.part_code) == col(PartRow.part_code), col(MovementRow.kind).in_(STIRRING))
        .scalar_subquery()
    )
    worth = (
        select(func.coalesce(func.sum(col(AccountRow.value)), 0))
        .where(col(AccountRow.part_code) == col(PartRow.part_code))
        .scalar_subquery()
    )
    found = (
        select(PartRow, col(StockRow.on_hand), worth, last)
        .join(StockRow, col(StockRow.part_code) == col(PartRow.part_code))
        .where(col(StockRow.on_hand) > 0, ~stirred.exists())
    )
    rows = (
        await session.execute(newest_first(found, asked=page, at=col(PartRow.created_at), id_=col(PartRow.id)))
    ).all()
    unfetched = await _never_fetched(session, codes=[part.part_code for part, *_ in rows])
    return [
        Idle(
            part=part,
            on_hand=on_hand,
            value=Decimal(value),
            stirred_at=at,
            never_fetched=unfetched.get(part.part_code, 0),
        )
        for part, on_hand, value, at in rows
    ]


async def never_came(session: AsyncSession, *, before: datetime) -> list[IdleClaim]:
    """Those that arrived before then and still lie there, or expired; at most MOST, the longest first."""
    statement = (
        select(ClaimRow, RequestRow)
        .join(RequestRow, col(RequestRow.id) == col(ClaimRow.request_id))
        .where(
            col(ClaimRow.state) == ClaimState.ARRIVED,
            col(ClaimRow.arrived_at) < before,
            col(RequestRow.state).in_({RequestState.RESERVED, RequestState.EXPIRED}),
        )
        .order_by(col(ClaimRow.arrived_at), col(ClaimRow.id))
        .limit(MOST)
    )
    return [
        IdleClaim(
            claim_order_id=claim.id,
            request_id=request.id,
            work_order_number=request.work_order_number,
            customer_id=request.customer_id,
            value=claim.amount,
            idle_since=claim.arrived_at or claim.opened_at,
            reminders=claim.reminders,
            released=request.state == RequestState.EXPIRED,
        )
        for claim, request in await session.execute(statement)
    ]


async def _never_fetched(session: AsyncSession, *, codes: Collection[str]) -> Mapping[str, int]:
    """Part code to pieces that arrived for customers who did not come before their time was over."""
    if not codes:
        return {}
    about = or_(*(col(ClaimRow.lines).contains([{"part_code": code}]) for code in codes))
    statement = (
        select(col(ClaimRow.lines))
        .join(RequestRow, col(RequestRow.id) == col(ClaimRow.request_id))
        .where(col(ClaimRow.state) == ClaimState.ARRIVED, col(RequestRow.state) == RequestState.EXPIRED, about)
    )
    found: dict[str, int] = {}
    for lines in await session.scalars(statement):
        for line in lines:
            found[str(line["part_code"])] = found.get(str(line["part_code"]), 0) + int(line["quantity"])
    return found
