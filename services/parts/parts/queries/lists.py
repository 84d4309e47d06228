"""What a storekeeper, a cashier and a signer look for in the morning."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.supply_words import ORDERED, UNPAID, ClaimState, DepositState, RequestState
from parts.tables import (
    ClaimRow,
    DepositRow,
    DiscrepancyRow,
    LineRow,
    OldPartRow,
    PartRow,
    RequestRow,
    SignatureRow,
    WorkOrderRow,
)
from shared.contracts.facts import WarrantyStatus
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsAsked:
    """Which requests a list shows; None means all.

    `started`: whether the work order is, so that parts may be drawn. `discrepancy`: whether more was fitted on it than
    was ever issued, and nobody has cleared that up. `faulty_unknown`: whether serial-tracked pieces were fitted under
    warranty, and the faulty ones were not handed in by their numbers.
    """

    states: frozenset[RequestState] = frozenset()
    work_order_id: UUID | None = None
    case_id: UUID | None = None
    part_code: str | None = None
    started: bool | None = None
    discrepancy: bool | None = None
    faulty_unknown: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsAsked:
    """Which claim orders a list shows; None means all.

    `to_sign_as`: a role whose signature is missing. `held_back_by`: only those without a deposit in such a state.
    `expected_before`: placed, and expected before then. `unused`: the parts are there, and nobody drew them (R322).
    """

    states: frozenset[ClaimState] = frozenset()
    request_id: UUID | None = None
    to_sign_as: str | None = None
    held_back_by: frozenset[DepositState] = frozenset()
    expected_before: datetime | None = None
    unused: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositsAsked:
    """Which deposits a list shows; None means all. `due_before`: not paid, and due before then.

    `held_before`: paid before then and held since. `refund_due`: refunded, and whether the customer has it not yet.
    """

    states: frozenset[DepositState] = frozenset()
    case_id: UUID | None = None
    customer_id: UUID | None = None
    due_before: datetime | None = None
    held_before: datetime | None = None
    refund_due: bool | None = None


async def requests(session: AsyncSession, *, asked: RequestsAsked, page: PageAsked) -> Sequence[RequestRow]:
    """Requests, the newest first; one row more than the page where there is another page."""
    found = select(RequestRow).where(*_request_conditions(asked))
    statement = newest_first(found, asked=page, at=col(RequestRow.requested_at), id_=col(RequestRow.id))
    return (await session.scalars(statement)).all()


async def claims(session: AsyncSession, *, asked: ClaimsAsked, page: PageAsked) -> Sequence[ClaimRow]:
    """Claim orders, the newest first; one row more than the page where there is another page."""
    found = select(ClaimRow).where(*_claim_conditions(asked))
    statement = newest_first(found, asked=page, at=col(ClaimRow.opened_at), id_=col(ClaimRow.id))
    return (await session.scalars(statement)).all()


async def claims_of(session: AsyncSession, *, customer_id: UUID) -> Sequence[UUID]:
    """Every claim order of a customer."""
    statement = (
        select(col(ClaimRow.id))
        .join(RequestRow, col(RequestRow.id) == col(ClaimRow.request_id))
        .where(col(RequestRow.customer_id) == customer_id)
    )
    return (await session.scalars(statement)).all()


async def deposits(
    session: AsyncSession, *, asked: DepositsAsked, page: PageAsked
) -> Sequence[tuple[DepositRow, RequestRow]]:
    """Deposits with their requests, the newest first; one row more than the page where there is another page."""
    found = (
        select(DepositRow, RequestRow)
        .join(ClaimRow, col(ClaimRow.id) == col(DepositRow.claim_order_id))
        .join(RequestRow, col(RequestRow.id) == col(ClaimRow.request_id))
        .where(*_deposit_conditions(asked))
    )
    statement = newest_first(found, asked=page, at=col(DepositRow.required_at), id_=col(DepositRow.id))
    return [(deposit, request) for deposit, request in await session.execute(statement)]


async def find_deposit(session: AsyncSession, *, deposit_id: UUID) -> tuple[DepositRow, RequestRow]:
    """A deposit to look at, with its request. Raises Unknown."""
    statement = (
        select(DepositRow, RequestRow)
        .join(ClaimRow, col(ClaimRow.id) == col(DepositRow.claim_order_id))
        .join(RequestRow, col(RequestRow.id) == col(ClaimRow.request_id))
        .where(col(DepositRow.id) == deposit_id)
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise Unknown(
            "unknown_deposit", detail=f"there is no deposit {deposit_id}", expected="an id of GET /v1/deposits"
        )
    return found[0], found[1]


def _request_conditions(asked: RequestsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(RequestRow.state).in_(asked.states)
    if asked.work_order_id is not None:
        yield col(RequestRow.work_order_id) == asked.work_order_id
    if asked.case_id is not None:
        yield col(RequestRow.case_id) == asked.case_id
    if asked.part_code is not None:
        lines = select(col(LineRow.request_id)).where(col(LineRow.part_code) == asked.part_code)
        yield col(RequestRow.id).in_(lines)
    if asked.started is not None:
        begun = select(col(WorkOrderRow.work_order_id)).where(col(WorkOrderRow.started_at).is_not(None))
        is_started = col(RequestRow.work_order_id).in_(begun)
        yield is_started if asked.started else ~is_started
    if asked.discrepancy is not None:
        unclear = select(col(DiscrepancyRow.work_order_id)).where(col(DiscrepancyRow.cleared_at).is_(None))
        is_unclear = col(RequestRow.work_order_id).in_(unclear)
        yield is_unclear if asked.discrepancy else ~is_unclear
    if asked.faulty_unknown is not None:
        is_unknown = _faulty_unknown()
        yield is_unknown if asked.faulty_unknown else ~is_unknown


def _faulty_unknown() -> ColumnElement[bool]:
    named = select(func.coalesce(func.sum(func.cardinality(col(OldPartRow.serials))), 0)).where(
        col(OldPartRow.request_id) == col(LineRow.request_id), col(OldPartRow.part_code) == col(LineRow.part_code)
    )
    lacking = (
        select(col(LineRow.request_id))
        .join(PartRow, col(PartRow.part_code) == col(LineRow.part_code))
        .where(col(PartRow.is_serial), col(LineRow.fitted) > named.scalar_subquery())
    )
    return (col(RequestRow.warranty) == WarrantyStatus.IN_WARRANTY) & col(RequestRow.id).in_(lacking)


def _claim_conditions(asked: ClaimsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(ClaimRow.state).in_(asked.states)
    if asked.request_id is not None:
        yield col(ClaimRow.request_id) == asked.request_id
    if asked.to_sign_as is not None:
        signed = select(col(SignatureRow.claim_order_id)).where(col(SignatureRow.role) == asked.to_sign_as)
        yield col(ClaimRow.state) == ClaimState.AWAITING_APPROVAL
        yield col(ClaimRow.signatures_needed).contains([asked.to_sign_as])
        yield col(ClaimRow.id).not_in(signed)
    if asked.held_back_by:
        unpaid = select(col(DepositRow.claim_order_id)).where(col(DepositRow.state).in_(asked.held_back_by))
        yield col(ClaimRow.id).not_in(unpaid)
    if asked.expected_before is not None:
        yield col(ClaimRow.state) == ClaimState.PLACED
        yield col(ClaimRow.expected_at) < asked.expected_before
    if asked.unused is not None:
        kept = select(col(RequestRow.id)).where(col(RequestRow.state) == RequestState.RESERVED)
        is_unused = col(ClaimRow.state).in_(ORDERED) & col(ClaimRow.request_id).in_(kept)
        yield is_unused if asked.unused else ~is_unused


def _deposit_conditions(asked: DepositsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(DepositRow.state).in_(asked.states)
    if asked.case_id is not None:
        yield col(DepositRow.case_id) == asked.case_id
    if asked.customer_id is not None:
        yield col(DepositRow.customer_id) == asked.customer_id
    if asked.due_before is not None:
        yield col(DepositRow.state).in_(UNPAID)
        yield col(DepositRow.due_at) < asked.due_before
    if asked.held_before is not None:
        yield col(DepositRow.state) == DepositState.HELD
        yield col(DepositRow.paid_at) < asked.held_before
    if asked.refund_due is not None:
        yield col(DepositRow.state) == DepositState.REFUNDED
        has_it = col(DepositRow.handed_back_at).is_not(None)
        yield ~has_it if asked.refund_due else has_it
