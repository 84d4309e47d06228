"""Requests for parts: what was asked for and what was heard of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispatch.domain.parts_requests import WAITED_FOR, Facts, Order, PartsState, Request
from dispatch.tables import PartsRequestRow
from shared.contracts.facts import PartNeed
from shared.refusals import Unknown


async def find_order(session: AsyncSession, *, request_id: UUID) -> UUID:
    """The order that made a request. Raises Unknown where none was made."""
    order_id = await order_of(session, request_id=request_id)
    if order_id is None:
        raise Unknown(
            "unknown_parts_request",
            detail=f"there is no parts request {request_id}",
            expected="an id of GET /v1/work-orders/{id}/parts-requests",
        )
    return order_id


async def order_of(session: AsyncSession, *, request_id: UUID) -> UUID | None:
    """The order that made a request, to look at; None where it is not known yet."""
    statement = select(col(PartsRequestRow.work_order_id)).where(col(PartsRequestRow.id) == request_id)
    return (await session.scalars(statement)).one_or_none()


async def lock(session: AsyncSession, *, request_id: UUID) -> PartsRequestRow:
    """A request, made as a stub where nothing is known of it yet, locked until the transaction ends.

    Whoever changes it holds its case or its order.
    """
    stub = {"id": request_id, "state": PartsState.ASKED, "lines": [], "missing": [], "issues": {}, "returns": {}}
    await session.execute(insert(PartsRequestRow).values(**stub).on_conflict_do_nothing())
    statement = select(PartsRequestRow).where(col(PartsRequestRow.id) == request_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def of_order(session: AsyncSession, *, order_id: UUID) -> Sequence[PartsRequestRow]:
    """Every request of an order, the first one first."""
    statement = (
        select(PartsRequestRow)
        .where(col(PartsRequestRow.work_order_id) == order_id)
        .order_by(col(PartsRequestRow.requested_at), col(PartsRequestRow.id))
    )
    return (await session.scalars(statement.execution_options(populate_existing=True))).all()


async def of_orders(session: AsyncSession, *, order_ids: Sequence[UUID]) -> Sequence[PartsRequestRow]:
    """Every request of several orders, to look at."""
    statement = select(PartsRequestRow).where(col(PartsRequestRow.work_order_id).in_(order_ids))
    return (await session.scalars(statement.order_by(col(PartsRequestRow.requested_at)))).all()


def waiting_for_parts() -> Select[UUID | None]:
    """The orders that wait for parts, as a condition."""
    return select(col(PartsRequestRow.work_order_id)).where(
        col(PartsRequestRow.work_order_id).is_not(None), col(PartsRequestRow.state).in_(WAITED_FOR)
    )


def request_of(row: PartsRequestRow) -> Request:
    """A request as the domain sees it."""
    return Request(lines=needs(row.lines), facts=facts_of(row))


def facts_of(row: PartsRequestRow) -> Facts:
    """What was heard of a request."""
    return Facts(
        short_at=row.short_at,
        ordered=_order(row.placed_at, expected_at=row.expected_at),
        reserved_at=row.reserved_at,
        reserved_until=row.reserved_until,
        unavailable_at=row.unavailable_at,
        expired_at=row.expired_at,
        over_at=row.over_at,
        issues={issue_id: needs(lines) for issue_id, lines in row.issues.items()},
        deposit_required_at=row.deposit_required_at,
        deposit_settled_at=row.deposit_settled_at,
        returns={return_id: needs(lines) for return_id, lines in row.returns.items()},
    )


def needs(lines: Sequence[dict[str, str | int]]) -> tuple[PartNeed, ...]:
    """Lines as they are stored, as everybody else writes them."""
    return tuple(PartNeed.model_validate(line) for line in lines)


def stored(lines: Sequence[PartNeed]) -> list[dict[str, str | int]]:
    """Lines as they are stored."""
    return [{"part_code": line.part_code, "quantity": line.quantity} for line in lines]


def _order(placed_at: datetime | None, *, expected_at: datetime | None) -> Order | None:
    if placed_at is None:
        return None
    return Order(placed_at=placed_at, expected_at=expected_at)
