"""Who waits for pieces that are not there."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.promising import Incoming
from parts.domain.serving import Waiting
from parts.domain.supply_words import ClaimState, DepositState, RequestState
from parts.queries import purchasing
from parts.tables import ClaimRow, DepositRow, LineRow, RequestRow, StockRow
from shared.contracts.facts import Urgency


async def waited_for(session: AsyncSession, *, codes: Collection[str]) -> Sequence[str]:
    """Those of the codes of which pieces are missing to a request. The caller holds their stock.

    Whoever becomes short of a part holds its stock until that is committed, so that none of them is overlooked.
    """
    statement = (
        select(col(LineRow.part_code))
        .join(RequestRow, col(RequestRow.id) == col(LineRow.request_id))
        .where(col(RequestRow.state) == RequestState.SHORT, col(LineRow.part_code).in_(codes), _missing() > 0)
    )
    return sorted(set(await session.scalars(statement)))


async def who_waits(session: AsyncSession, *, codes: Collection[str]) -> list[Waiting]:
    """Every request to which pieces of a part are missing, with all that is missing to it; nothing is locked."""
    lacking = select(col(LineRow.request_id)).where(col(LineRow.part_code).in_(codes), _missing() > 0)
    statement = (
        select(RequestRow, col(LineRow.part_code), _missing())
        .join(LineRow, col(LineRow.request_id) == col(RequestRow.id))
        .where(col(RequestRow.state) == RequestState.SHORT, col(RequestRow.id).in_(lacking), _missing() > 0)
    )
    requests: dict[UUID, RequestRow] = {}
    missing: dict[UUID, dict[str, int]] = {}
    for request, code, pieces in await session.execute(statement):
        requests[request.id] = request
        missing.setdefault(request.id, {})[code] = pieces
    undecided = await _undecided(session, request_ids=requests.keys())
    own = await _own_days(session, request_ids=requests.keys())
    return [
        Waiting(
            request_id=request.id,
            urgency=Urgency(request.urgency),
            requested_at=request.requested_at,
            missing=missing[request.id],
            is_accepted=request.id not in undecided,
            own_at=own.get(request.id),
        )
        for request in requests.values()
    ]


async def promised(session: AsyncSession, *, part_code: str) -> dict[UUID, datetime | None]:
    """Who waits for pieces of a part, and the day that was promised to him."""
    lacking = select(col(LineRow.request_id)).where(col(LineRow.part_code) == part_code, _missing() > 0)
    statement = select(col(RequestRow.id), col(RequestRow.ready_at)).where(
        col(RequestRow.state) == RequestState.SHORT, col(RequestRow.id).in_(lacking)
    )
    return dict((await session.execute(statement.order_by(col(RequestRow.id)))).all())


async def _own_days(session: AsyncSession, *, request_ids: Collection[UUID]) -> dict[UUID, datetime | None]:
    """Those whose claim order a supplier has, and the day that he promised."""
    statement = select(col(ClaimRow.request_id), col(ClaimRow.expected_at)).where(
        col(ClaimRow.request_id).in_(request_ids), col(ClaimRow.state) == ClaimState.PLACED
    )
    return dict((await session.execute(statement)).all())


async def _undecided(session: AsyncSession, *, request_ids: Collection[UUID]) -> set[UUID]:
    """Those whose customer has not said yet whether he pays the deposit."""
    statement = (
        select(col(ClaimRow.request_id))
        .join(DepositRow, col(DepositRow.claim_order_id) == col(ClaimRow.id))
        .where(col(ClaimRow.request_id).in_(request_ids), col(DepositRow.state) == DepositState.REQUIRED)
    )
    return set(await session.scalars(statement))


async def incoming(session: AsyncSession, *, codes: Collection[str]) -> list[Incoming]:
    """What suppliers have promised of these parts and no request waits for by name: it will be free stock."""
    statement = (
        select(ClaimRow)
        .join(RequestRow, col(RequestRow.id) == col(ClaimRow.request_id))
        .where(col(ClaimRow.state) == ClaimState.PLACED, col(RequestRow.state) != RequestState.SHORT)
    )
    claimed = [
        Incoming(part_code=str(line["part_code"]), pieces=pieces, expected_at=claim.expected_at)
        for claim in await session.scalars(statement)
        for line in claim.lines
        if (pieces := int(line["quantity"]) - int(line["arrived"]))
        and line["part_code"] in codes
        and claim.expected_at is not None
    ]
    bought = await purchasing.expected(session, codes=codes)
    return claimed + [
        Incoming(part_code=one.part_code, pieces=one.pieces, expected_at=one.expected_at) for one in bought
    ]


async def free_pieces(session: AsyncSession, *, codes: Collection[str]) -> dict[str, int]:
    """Part code to pieces on the shelf that are kept for nobody, to look at."""
    free = col(StockRow.on_hand) - col(StockRow.reserved)
    rows = await session.execute(select(col(StockRow.part_code), free).where(col(StockRow.part_code).in_(codes)))
    return dict(rows.all())


def _missing() -> ColumnElement[int]:
    """Neither kept nor drawn, as `Line.missing`."""
    return col(LineRow.asked) - col(LineRow.reserved) - col(LineRow.issued)
