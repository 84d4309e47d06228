"""What was ordered for customers who never came (积压件, R322)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.supply_words import ClaimState, RequestState
from parts.tables import ClaimRow, RequestRow

MOST = 1000


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
