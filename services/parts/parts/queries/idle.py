"""What lies idle (积压件): stock of which nothing moves, and what was ordered for customers who never came (R322)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.claims import ClaimLine, left_of, value_of
from parts.domain.ledger import Kind
from parts.domain.supply_words import ClaimState, RequestState
from parts.queries.waiting import free_pieces
from parts.tables import AccountRow, ClaimRow, MovementRow, PartRow, RequestRow, StockRow
from shared.http.paging import PageAsked, newest_first

MOST = 1000
LET_GO = (RequestState.EXPIRED, RequestState.RELEASED)
"""What was ordered for such a request is free stock."""
STIRRING = (Kind.RECEIPT, Kind.ISSUE, Kind.INTERNAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Stock that nobody asked for. `never_fetched`: as many of it as came for customers who never did (R322)."""

    part: PartRow
    on_hand: int
    value: Decimal
    stirred_at: datetime | None
    never_fetched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleClaim:
    """One claim order that arrived and whose parts nobody drew. `released`: they are kept for him no more.

    `value`: yuan, of what lies there still.
    """

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
            never_fetched=min(unfetched.get(part.part_code, 0), on_hand),
        )
        for part, on_hand, value, at in rows
    ]


async def never_came(session: AsyncSession, *, before: datetime) -> list[IdleClaim]:
    """Those that arrived before then and still lie there, the newest first; of the MOST newest.

    What is kept no more, as its time ran out or its order is over, is idle as far as nobody else has it by now.
    """
    statement = (
        select(ClaimRow, RequestRow)
        .join(RequestRow, col(RequestRow.id) == col(ClaimRow.request_id))
        .where(
            col(ClaimRow.state) == ClaimState.ARRIVED,
            col(ClaimRow.arrived_at) < before,
            col(RequestRow.state).in_({RequestState.RESERVED, *LET_GO}),
        )
        .order_by(col(ClaimRow.arrived_at).desc(), col(ClaimRow.id).desc())
        .limit(MOST)
    )
    rows = (await session.execute(statement)).all()
    let_go = [claim for claim, request in rows if request.state in LET_GO]
    free = await free_pieces(session, codes={str(line["part_code"]) for claim in let_go for line in claim.lines})
    left = left_of([_lines(claim) for claim in let_go], free=free)
    worth = {claim.id: value_of(lines) for claim, lines in zip(let_go, left, strict=True) if lines}
    return [
        IdleClaim(
            claim_order_id=claim.id,
            request_id=request.id,
            work_order_number=request.work_order_number,
            customer_id=request.customer_id,
            value=worth.get(claim.id, claim.amount),
            idle_since=claim.arrived_at or claim.opened_at,
            reminders=claim.reminders,
            released=request.state in LET_GO,
        )
        for claim, request in rows
        if claim.id in worth or request.state not in LET_GO
    ]


def _lines(claim: ClaimRow) -> list[ClaimLine]:
    return [
        ClaimLine(
            part_code=str(line["part_code"]), quantity=int(line["quantity"]), unit_price=Decimal(line["unit_price"])
        )
        for line in claim.lines
    ]


async def _never_fetched(session: AsyncSession, *, codes: Collection[str]) -> Mapping[str, int]:
    """Part code to pieces that ever arrived for customers who did not come in time, or whose order ended before."""
    if not codes:
        return {}
    about = or_(*(col(ClaimRow.lines).contains([{"part_code": code}]) for code in codes))
    statement = (
        select(col(ClaimRow.lines))
        .join(RequestRow, col(RequestRow.id) == col(ClaimRow.request_id))
        .where(col(ClaimRow.state) == ClaimState.ARRIVED, col(RequestRow.state).in_(LET_GO), about)
    )
    found: dict[str, int] = {}
    for lines in await session.scalars(statement):
        for line in lines:
            found[str(line["part_code"])] = found.get(str(line["part_code"]), 0) + int(line["quantity"])
    return found
