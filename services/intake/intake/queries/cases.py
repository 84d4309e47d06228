"""Cases with everything that belongs to them, between rows and the domain."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, exists
from sqlalchemy import select as select_columns
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from intake.domain.approvals import Approval, ApprovalState
from intake.domain.case import Basis, Case, CaseState, Deposit, Dissatisfaction, Hold, Order, Registration
from intake.domain.quotes import ConsentBy, Quote, QuoteState
from intake.tables import (
    CASE_SERIAL,
    METADATA,
    ApprovalRow,
    CaseRow,
    DepositRow,
    DissatisfactionRow,
    HoldRow,
    OrderRow,
    QuoteRow,
)
from shared.contracts.facts import PartNeed, Urgency, WarrantyStatus
from shared.refusals import Unknown

PARTS: Sequence[type[SQLModel]] = (QuoteRow, ApprovalRow, HoldRow, OrderRow, DepositRow, DissatisfactionRow)
_TABLES = [METADATA.tables[str(kind.__tablename__)] for kind in PARTS]
_WHAT_IS_THERE = select_columns(*(exists().where(table.c.case_id == bindparam("asked")) for table in _TABLES))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRows:
    """A case as it is stored, its parts in the order in which they began."""

    case: CaseRow
    quotes: Sequence[QuoteRow]
    approvals: Sequence[ApprovalRow]
    holds: Sequence[HoldRow]
    orders: Sequence[OrderRow] = ()
    deposits: Sequence[DepositRow] = ()
    dissatisfactions: Sequence[DissatisfactionRow] = ()


async def next_serial(session: AsyncSession) -> int:
    """The next running number."""
    return (await session.scalars(CASE_SERIAL.next_value().select())).one()


async def load(session: AsyncSession, *, case_id: UUID) -> CaseRows:
    """A case to look at. Raises Unknown."""
    return await _with_parts(session, case=await session.get(CaseRow, case_id), case_id=case_id)


async def lock(session: AsyncSession, *, case_id: UUID) -> CaseRows:
    """A case to change, as it stands now, locked until the transaction ends. Raises Unknown."""
    statement = select(CaseRow).where(CaseRow.id == case_id).with_for_update()
    found = await session.scalars(statement.execution_options(populate_existing=True))
    return await _with_parts(session, case=found.one_or_none(), case_id=case_id)


async def lock_if_known(session: AsyncSession, *, case_id: UUID) -> bool:
    """Lock the case, if there is one, before anything that belongs to it is written."""
    return await session.scalar(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update()) is not None


async def find_approval(session: AsyncSession, *, approval_id: UUID) -> ApprovalRow:
    """An approval by its id. Raises Unknown."""
    approval = await session.get(ApprovalRow, approval_id)
    if approval is None:
        raise Unknown(
            "unknown_approval", detail=f"There is no approval {approval_id}.", expected="an id of GET /v1/approvals"
        )
    return approval


def case_of(rows: CaseRows) -> Case:
    """The case as the domain sees it."""
    row = rows.case
    return Case(
        registration=_registration(row),
        state=CaseState(row.state),
        contacted_at=row.contacted_at,
        cleared_at=row.cleared_at,
        cancelled_at=row.cancelled_at,
        cancel_reason=row.cancel_reason,
        quotes=tuple(_quote(quote) for quote in rows.quotes),
        approvals=tuple(_approval(approval) for approval in rows.approvals),
        basis=_basis(row.basis),
        round=row.round,
        resolution=row.resolution,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        reopened_at=row.reopened_at,
        reopen_reason=row.reopen_reason,
        holds=tuple(Hold(id=hold.id, reason=hold.reason, since=hold.since, until=hold.until) for hold in rows.holds),
        orders=tuple(Order(**order.model_dump(exclude={"case_id"})) for order in rows.orders),
        deposits=tuple(Deposit(**deposit.model_dump(exclude={"case_id"})) for deposit in rows.deposits),
        dissatisfactions=tuple(Dissatisfaction(**one.model_dump(exclude={"case_id"})) for one in rows.dissatisfactions),
    )


def write_state(row: CaseRow, *, case: Case, by: str) -> None:
    """What steps change of the case itself, and who took the step (R048)."""
    if row.contacted_at != case.contacted_at:
        row.contacted_at, row.contacted_by = case.contacted_at, by
    if row.cancelled_at != case.cancelled_at:
        row.cancelled_at, row.cancelled_by = case.cancelled_at, by
    if row.resolved_at != case.resolved_at:
        row.resolved_at, row.resolved_by = case.resolved_at, by if case.resolved_at else None
    if row.closed_at != case.closed_at:
        row.closed_at, row.closed_by = case.closed_at, by if case.closed_at else None
    if row.reopened_at != case.reopened_at:
        row.reopened_at, row.reopened_by = case.reopened_at, by
    row.state = case.state
    row.basis = case.basis
    row.round = case.round
    row.resolution = case.resolution
    row.reopen_reason = case.reopen_reason
    row.cleared_at = case.cleared_at
    row.cancel_reason = case.cancel_reason


def _registration(row: CaseRow) -> Registration:
    return Registration(
        case_id=row.id,
        number=row.number,
        call_id=row.call_id,
        customer_id=row.customer_id,
        customer_label=row.customer_label,
        site_id=row.site_id,
        district=row.district,
        unit_id=row.unit_id,
        product_family=row.product_family,
        product_model=row.product_model,
        problem_code=row.problem_code,
        urgency=Urgency(row.urgency),
        warranty=WarrantyStatus(row.warranty),
        parts=tuple(PartNeed.model_validate(part) for part in row.parts),
        required_by=row.required_by,
        opened_at=row.opened_at,
    )


def _quote(row: QuoteRow) -> Quote:
    return Quote(
        id=row.id,
        amount=row.amount,
        offered_at=row.offered_at,
        valid_until=row.valid_until,
        state=QuoteState(row.state),
        answered_at=row.answered_at,
        answered_by=_consent(row.answered_by),
    )


def _approval(row: ApprovalRow) -> Approval:
    return Approval(
        id=row.id,
        amount=row.amount,
        approver_role=row.approver_role,
        requested_at=row.requested_at,
        state=ApprovalState(row.state),
        decided_at=row.decided_at,
    )


def _basis(word: str | None) -> Basis | None:
    match word:
        case "warranty" | "quote_accepted" | "fee_waived":
            return word
        case _:
            return None


def _consent(word: str | None) -> ConsentBy | None:
    match word:
        case "customer" | "property_company":
            return word
        case _:
            return None


async def _with_parts(session: AsyncSession, *, case: CaseRow | None, case_id: UUID) -> CaseRows:
    if case is None:
        raise Unknown("unknown_case", detail=f"There is no case {case_id}.", expected="an id of GET /v1/cases")
    there = await _kinds_of_parts(session, case_id=case_id)
    quotes = select(QuoteRow).where(QuoteRow.case_id == case_id).order_by(col(QuoteRow.id))
    approvals = select(ApprovalRow).where(ApprovalRow.case_id == case_id).order_by(col(ApprovalRow.id))
    holds = select(HoldRow).where(HoldRow.case_id == case_id).order_by(col(HoldRow.id))
    orders = select(OrderRow).where(OrderRow.case_id == case_id).order_by(col(OrderRow.id))
    deposits = select(DepositRow).where(DepositRow.case_id == case_id).order_by(col(DepositRow.id))
    dissatisfactions = select(DissatisfactionRow).where(DissatisfactionRow.case_id == case_id)
    return CaseRows(
        case=case,
        quotes=await _read(session, quotes, kind=QuoteRow, there=there),
        approvals=await _read(session, approvals, kind=ApprovalRow, there=there),
        holds=await _read(session, holds, kind=HoldRow, there=there),
        orders=await _read(session, orders, kind=OrderRow, there=there),
        deposits=await _read(session, deposits, kind=DepositRow, there=there),
        dissatisfactions=await _read(session, dissatisfactions, kind=DissatisfactionRow, there=there),
    )


async def _kinds_of_parts(session: AsyncSession, *, case_id: UUID) -> Collection[type[SQLModel]]:
    """What there is of a case: most cases have one or two kinds of parts, and need not be asked for the others."""
    await session.flush()  # columns are asked for, and not rows: the session would not do so by itself
    found = (await session.execute(_WHAT_IS_THERE, {"asked": case_id})).one()
    return {kind for kind, is_there in zip(PARTS, found, strict=True) if is_there}


async def _read[Part: SQLModel](
    session: AsyncSession, parts: SelectOfScalar[Part], *, kind: type[Part], there: Collection[type[SQLModel]]
) -> Sequence[Part]:
    """As they are now: what was read before the lock may have been decided meanwhile."""
    if kind not in there:
        return ()
    return (await session.scalars(parts, execution_options={"populate_existing": True})).all()
