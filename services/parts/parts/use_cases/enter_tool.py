"""Special tools (专用工具) are registered, change and are imported."""

from parts.desk import Desk
from parts.domain.tools import ToolForm, check_worth_kept
from parts.queries import tools
from parts.tables import ToolRow
from shared.csv_import import RowOutcome
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def add_tool(work: UnitOfWork, *, form: ToolForm, desk: Desk) -> ToolRow:
    """Raises IllegalTransition where the code is taken."""
    if await tools.of_code(work.session, code=form.code) is not None:
        raise IllegalTransition(
            "tool_code_taken",
            detail=f"there is a tool {form.code} already",
            expected="a code that no tool has, or a change of that tool",
        )
    tool = ToolRow(
        id=work.new_id(),
        code=form.code,
        name_zh=form.name_zh,
        name_en=form.name_en,
        model=form.model,
        price=form.price,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(tool)
    await work.session.flush()
    await desk.audit.record(work, action="tool_added", subject=f"tool/{tool.id}")
    return tool


async def change_tool(work: UnitOfWork, *, code: str, version: int | None, form: ToolForm, desk: Desk) -> ToolRow:
    """Replace everything but the code; price and model only while nobody has it or owes it (R318)."""
    tool = await tools.lock(work.session, code=code)
    require_version(tool.version, expected=version)
    if form.code != code:
        raise IllegalTransition(
            "tool_code_changed",
            detail=f"the code is {code}, not {form.code}",
            expected="the same code; another code is another tool",
        )
    await _write(work, tool=tool, form=form, desk=desk)
    return tool


async def put_tool(work: UnitOfWork, *, form: ToolForm, desk: Desk) -> RowOutcome:
    """One line of an import: a new tool, or a known one as the line says."""
    if await tools.of_code(work.session, code=form.code) is None:
        await add_tool(work, form=form, desk=desk)
        return RowOutcome.CREATED
    tool = await tools.lock(work.session, code=form.code)
    known = ToolForm(code=tool.code, name_zh=tool.name_zh, name_en=tool.name_en, model=tool.model, price=tool.price)
    if known == form:
        return RowOutcome.UNCHANGED
    await _write(work, tool=tool, form=form, desk=desk)
    return RowOutcome.CHANGED


async def _write(work: UnitOfWork, *, tool: ToolRow, form: ToolForm, desk: Desk) -> None:
    at_stake = await tools.unsettled_loan(work.session, tool=tool)
    borrower = None if at_stake is None else at_stake.borrower
    check_worth_kept(form, price=tool.price, model=tool.model, borrower=borrower)
    tool.name_zh, tool.name_en, tool.model, tool.price = form.name_zh, form.name_en, form.model, form.price
    tool.version += 1
    await desk.audit.record(work, action="tool_changed", subject=f"tool/{tool.id}", details={"price": str(form.price)})
