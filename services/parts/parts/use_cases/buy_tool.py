"""A tool is bought in the field, handed in at the warehouse, and only then reimbursed (R319)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from parts.desk import Desk
from parts.domain.tools import ToolForm, check_payer, require_reimbursable
from parts.queries import tools
from parts.tables import ToolPurchaseRow
from parts.use_cases.enter_tool import add_tool
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal, require_version


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPurchaseForm:
    """Who bought what when, and for how much, yuan."""

    bought_by: str
    bought_at: datetime
    name_zh: str
    name_en: str
    model: str
    price: Decimal
    work_order_id: UUID | None


async def record_tool_purchase(work: UnitOfWork, *, form: ToolPurchaseForm, desk: Desk) -> ToolPurchaseRow:
    """Raises Refusal for a purchase that is still to come."""
    if form.bought_at > work.now:
        raise Refusal(
            "not_bought_yet",
            detail=f"the tool is said to be bought at {form.bought_at.isoformat()}, which is to come",
            expected=f"an instant up to {work.now.isoformat()}",
        )
    purchase = ToolPurchaseRow(
        id=work.new_id(),
        bought_by=form.bought_by,
        bought_at=form.bought_at,
        name_zh=form.name_zh,
        name_en=form.name_en,
        model=form.model,
        price=form.price,
        work_order_id=form.work_order_id,
        recorded_at=work.now,
        recorded_by=work.cause.actor.id,
    )
    work.session.add(purchase)
    await work.session.flush()
    await _record(work, purchase=purchase, action="tool_bought", desk=desk)
    return purchase


async def book_in_tool(
    work: UnitOfWork, *, purchase_id: UUID, version: int | None, code: str, desk: Desk
) -> ToolPurchaseRow:
    """R319: he is back and hands it in: it is a tool of the company, with a code of its own."""
    purchase = await _locked(work, purchase_id=purchase_id, version=version)
    if purchase.booked_in_at is not None:
        raise IllegalTransition(
            "booked_in_already",
            detail=f"{purchase.booked_in_by} booked it in at {purchase.booked_in_at.isoformat()}",
            expected="a purchase that is not in the warehouse yet",
        )
    form = ToolForm(
        code=code, name_zh=purchase.name_zh, name_en=purchase.name_en, model=purchase.model, price=purchase.price
    )
    tool = await add_tool(work, form=form, desk=desk)
    purchase.tool_id, purchase.booked_in_at, purchase.booked_in_by = tool.id, work.now, work.cause.actor.id
    purchase.version += 1
    await _record(work, purchase=purchase, action="tool_booked_in", desk=desk)
    return purchase


async def reimburse_tool(work: UnitOfWork, *, purchase_id: UUID, version: int | None, desk: Desk) -> ToolPurchaseRow:
    """R319: he has his money again. Raises IllegalTransition before the tool is booked in (不予报销).

    Raises NotAllowed for whoever bought it or entered the purchase.
    """
    purchase = await _locked(work, purchase_id=purchase_id, version=version)
    require_reimbursable(purchase.booked_in_at, reimbursed_at=purchase.reimbursed_at)
    check_payer(work.cause.actor.id, bought_by=purchase.bought_by, recorded_by=purchase.recorded_by)
    purchase.reimbursed_at, purchase.reimbursed_by = work.now, work.cause.actor.id
    purchase.version += 1
    await _record(work, purchase=purchase, action="tool_reimbursed", desk=desk)
    return purchase


async def _locked(work: UnitOfWork, *, purchase_id: UUID, version: int | None) -> ToolPurchaseRow:
    purchase = await tools.lock_purchase(work.session, purchase_id=purchase_id)
    require_version(purchase.version, expected=version)
    return purchase


async def _record(work: UnitOfWork, *, purchase: ToolPurchaseRow, action: str, desk: Desk) -> None:
    await desk.audit.record(
        work, action=action, subject=f"tool_purchase/{purchase.id}", details={"price": str(purchase.price)}
    )
