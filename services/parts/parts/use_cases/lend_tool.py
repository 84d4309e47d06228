"""A tool is lent, comes back right after use, is overdue, or is lost and made good (R317, R318)."""

from datetime import datetime
from uuid import UUID

from parts.desk import Desk
from parts.domain.tools import Compensation, LoanState, Way, check_compensation, due_after, loss, require_lent
from parts.queries import dossiers, tools
from parts.tables import ToolLoanRow, ToolRow
from shared.contracts.parts import ToolOverdue
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version

TOOL_DEADLINE = "tool_loan"


async def lend_tool(
    work: UnitOfWork,
    *,
    code: str,
    borrower: str,
    work_order_id: UUID | None,
    used_until: datetime | None,
    desk: Desk,
) -> ToolLoanRow:
    """R317 (借出登记): who has it, since when, and until when, which is right after its use.

    Raises IllegalTransition for a tool that somebody has or that is gone, and for a work order that is over.
    """
    due_at = due_after(work.now, used_until=used_until, terms=desk.policy.tools.terms)
    if work_order_id is not None:
        await _require_under_way(work, work_order_id=work_order_id)
    tool = await tools.lock(work.session, code=code)
    await _require_there(work, tool=tool)
    loan = ToolLoanRow(
        id=work.new_id(),
        tool_id=tool.id,
        tool_code=tool.code,
        borrower=borrower,
        work_order_id=work_order_id,
        state=LoanState.LENT,
        lent_at=work.now,
        lent_by=work.cause.actor.id,
        due_at=due_at,
    )
    work.session.add(loan)
    await work.session.flush()
    _wait(work, loan=loan, until=due_at)
    await _record(work, loan=loan, action="tool_lent", desk=desk)
    return loan


async def end_use(work: UnitOfWork, *, work_order_id: UUID, ended_at: datetime, desk: Desk) -> None:
    """R317 (用完即还): its work order is over, and so is its use: what was lent for it has to be back soon.

    The caller has locked the work order. However often and in whatever order its end is heard, the first end counts.
    """
    due_at = ended_at + desk.policy.tools.return_within
    for loan in await tools.lent_for(work.session, work_order_id=work_order_id):
        if due_at < loan.due_at:
            loan.due_at = due_at
            loan.version += 1
            _wait(work, loan=loan, until=due_at)


async def return_tool(work: UnitOfWork, *, loan_id: UUID, version: int | None, desk: Desk) -> ToolLoanRow:
    """It lies in the store again."""
    _, loan = await _lent(work, loan_id=loan_id, version=version)
    loan.state, loan.returned_at = LoanState.RETURNED, work.now
    await _end(work, loan=loan, action="tool_returned", desk=desk)
    return loan


async def lose_tool(work: UnitOfWork, *, loan_id: UUID, version: int | None, desk: Desk) -> ToolLoanRow:
    """R318: it is gone. Where it was overdue and the policy says so, the borrower owes its price, or the same model."""
    tool, loan = await _lent(work, loan_id=loan_id, version=version)
    state, loan.owed = loss(work.now, due_at=loan.due_at, price=tool.price, late=desk.policy.tools.lost_late)
    loan.state, loan.lost_at = state, work.now
    tool.retired_at = work.now
    tool.version += 1
    await _end(work, loan=loan, action=f"tool_{state}", desk=desk)
    return loan


async def compensate_tool(
    work: UnitOfWork, *, loan_id: UUID, version: int | None, given: Compensation, desk: Desk
) -> ToolLoanRow:
    """R318: it is made good. A tool of the same model takes the place of the lost one."""
    tool, loan = await tools.lock_loan(work.session, loan_id=loan_id)
    require_version(loan.version, expected=version)
    check_compensation(given, state=loan.state, owed=loan.owed, model=tool.model)
    loan.state, loan.compensated_at, loan.settled_by = LoanState.COMPENSATED, work.now, given.way
    loan.version += 1
    if given.way is Way.SAME_MODEL:
        tool.retired_at = None
        tool.version += 1
    await _record(work, loan=loan, action="tool_compensated", desk=desk)
    return loan


async def say_overdue(work: UnitOfWork, *, loan_id: UUID, desk: Desk) -> None:
    """R317: it is not back, and that is said, and said again; nothing where it is back or gone, or not due yet."""
    _, loan = await tools.lock_loan(work.session, loan_id=loan_id)
    if loan.state != LoanState.LENT or work.now < loan.due_at:
        return
    work.publish(
        ToolOverdue(
            loan_id=loan.id,
            tool_id=loan.tool_id,
            tool_code=loan.tool_code,
            borrower=loan.borrower,
            due_at=loan.due_at,
            overdue_at=work.now,
            reminder=loan.reminders,
        )
    )
    loan.reminders += 1
    loan.version += 1
    _wait(work, loan=loan, until=work.now + desk.policy.tools.remind_every)


async def _lent(work: UnitOfWork, *, loan_id: UUID, version: int | None) -> tuple[ToolRow, ToolLoanRow]:
    tool, loan = await tools.lock_loan(work.session, loan_id=loan_id)
    require_version(loan.version, expected=version)
    require_lent(loan.state)
    return tool, loan


async def _require_there(work: UnitOfWork, *, tool: ToolRow) -> None:
    if tool.retired_at is not None:
        raise IllegalTransition(
            "tool_gone", detail=f"the tool {tool.code} was lost", expected="a tool of GET /v1/tools?lent=false"
        )
    if (loan := await tools.open_loan(work.session, tool=tool)) is not None:
        raise IllegalTransition(
            "tool_lent",
            detail=f"{loan.borrower} has the tool {tool.code} since {loan.lent_at.isoformat()}",
            expected="a tool of GET /v1/tools?lent=false, or this one once it is back",
        )


async def _require_under_way(work: UnitOfWork, *, work_order_id: UUID) -> None:
    order = await dossiers.lock_order(work.session, order_id=work_order_id)
    if (ended_at := order.completed_at or order.cancelled_at) is not None:
        raise IllegalTransition(
            "work_order_over",
            detail=f"the work order ended at {ended_at.isoformat()}",
            expected="a work order that is under way, or a loan for none",
        )


def _wait(work: UnitOfWork, *, loan: ToolLoanRow, until: datetime) -> None:
    work.set_deadline(f"{TOOL_DEADLINE}/{loan.id}", kind=TOOL_DEADLINE, due=until, data={"loan_id": str(loan.id)})


async def _end(work: UnitOfWork, *, loan: ToolLoanRow, action: str, desk: Desk) -> None:
    loan.version += 1
    work.cancel_deadline(f"{TOOL_DEADLINE}/{loan.id}")
    await _record(work, loan=loan, action=action, desk=desk)


async def _record(work: UnitOfWork, *, loan: ToolLoanRow, action: str, desk: Desk) -> None:
    await desk.audit.record(work, action=action, subject=f"tool_loan/{loan.id}", details={"borrower": loan.borrower})
