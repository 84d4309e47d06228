"""What every step of a case has in common: load and lock it, keep what the domain decided, tell it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from intake.domain.approvals import Approval
from intake.domain.case import Case, Hold
from intake.domain.case_steps import Change
from intake.domain.quotes import Quote
from intake.queries import cases
from intake.queries.cases import CaseRows
from intake.tables import ApprovalRow, HoldRow
from intake.use_cases.tell_story import tell
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version

FEE_WAIVER = "fee_waiver"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case that is locked for a change, with its rows."""

    rows: CaseRows
    case: Case


async def open_case(work: UnitOfWork, *, case_id: UUID, version: int | None) -> OpenCase:
    """The case, locked. Raises Unknown, and Stale where `version` is given and not the current one."""
    rows = await cases.lock(work.session, case_id=case_id)
    require_version(rows.case.version, expected=version)
    return OpenCase(rows=rows, case=cases.case_of(rows))


def keep(work: UnitOfWork, opened: OpenCase, *, change: Change) -> CaseRows:
    """Write the changed case down and publish what happened. A new quote is added by whoever knows its lines."""
    case, events = change
    rows = opened.rows
    cases.write_state(rows.case, case=case, by=work.cause.actor.id)
    rows.case.version += 1
    _keep_quotes(work, rows, quotes=case.quotes)
    approvals = _keep_approvals(work, rows, approvals=case.approvals)
    holds = _keep_holds(work, rows, holds=case.holds)
    work.session.add_all([*approvals, *holds])
    _keep_heard(rows, case=case)
    for event in events:
        tell(work, event=event, case_id=case.id)
    return replace(rows, approvals=approvals, holds=holds)


def _keep_heard(rows: CaseRows, *, case: Case) -> None:
    """What of the things that others said has had its effect."""
    counted = {order.id: order.counted_at for order in case.orders}
    for order in rows.orders:
        order.counted_at = counted[order.id]
    answered = {one.id: one.answered_at for one in case.dissatisfactions}
    for one in rows.dissatisfactions:
        one.answered_at = answered[one.id]


def _keep_quotes(work: UnitOfWork, rows: CaseRows, *, quotes: Iterable[Quote]) -> None:
    stored = {row.id: row for row in rows.quotes}
    for quote in quotes:
        row = stored.get(quote.id)
        if row is not None and row.state != quote.state:
            row.state = quote.state
            row.answered_at = quote.answered_at
            row.answered_by = quote.answered_by
            row.recorded_by = work.cause.actor.id


def _keep_approvals(work: UnitOfWork, rows: CaseRows, *, approvals: Iterable[Approval]) -> list[ApprovalRow]:
    stored = {row.id: row for row in rows.approvals}
    kept = []
    for approval in approvals:
        row = stored.get(approval.id) or ApprovalRow(
            id=approval.id,
            case_id=rows.case.id,
            matter=FEE_WAIVER,
            amount=approval.amount,
            approver_role=approval.approver_role,
            state=approval.state,
            requested_at=approval.requested_at,
            requested_by=work.cause.actor.id,
        )
        if row.state != approval.state:
            row.state = approval.state
            row.decided_at = approval.decided_at
            row.decided_by = work.cause.actor.id
        kept.append(row)
    return kept


def _keep_holds(work: UnitOfWork, rows: CaseRows, *, holds: Iterable[Hold]) -> list[HoldRow]:
    stored = {row.id: row for row in rows.holds}
    kept = []
    for hold in holds:
        row = stored.get(hold.id) or HoldRow(
            id=hold.id, case_id=rows.case.id, reason=hold.reason, since=hold.since, held_by=work.cause.actor.id
        )
        if row.until != hold.until:
            row.until = hold.until
            row.released_by = work.cause.actor.id
        kept.append(row)
    return kept
