"""What a visit or a repair in the workshop took: the hours and expenses of the day (工时和费用, R263)."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.reports import Taken
from dispatch.policy import require_known
from dispatch.tables import HoursRow, WorkOrderRow
from shared.contracts.dispatch import HoursPosted
from shared.messaging.unit_of_work import UnitOfWork


async def post_hours(
    work: UnitOfWork,
    *,
    order: WorkOrderRow,
    visit_id: UUID,
    technician_id: UUID,
    taken: Taken,
    desk: Desk,
    item_id: UUID | None = None,
) -> None:
    """R262, R263: register them with their vouchers, for the day that it is where the company is at home."""
    require_known([expense.kind for expense in taken.expenses], known=desk.policy.expense_kinds, field="expenses.kind")
    work.session.add(
        HoursRow(
            id=work.new_id(),
            work_order_id=order.id,
            visit_id=visit_id,
            item_id=item_id,
            technician_id=technician_id,
            day=desk.today(work.now),
            work_minutes=taken.work_minutes,
            travel_minutes=taken.travel_minutes,
            expenses=[
                {"kind": expense.kind, "amount": str(expense.amount), "voucher": expense.voucher}
                for expense in taken.expenses
            ],
            cost=taken.cost,
            posted_at=work.now,
        )
    )
    work.publish(
        HoursPosted(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            visit_id=visit_id,
            technician_id=technician_id,
            work_minutes=taken.work_minutes,
            travel_minutes=taken.travel_minutes,
            expenses=taken.cost,
            posted_at=work.now,
        )
    )
