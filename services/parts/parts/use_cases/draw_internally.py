"""A department draws consumables for itself (内部领用, R323), and work in the store is put on record (R335)."""

from parts.desk import Desk
from parts.domain.internal import (
    REQUISITION_PAPER,
    RequisitionForm,
    StoreWorkForm,
    check_account,
    check_consumable,
    check_day,
    check_limit,
)
from parts.domain.ledger import Kind
from parts.policy import require_known
from parts.queries import internal, stock
from parts.tables import RequisitionRow, StoreWorkRow
from parts.use_cases.keep_books import lock_stock
from parts.use_cases.move_stock import Move, move_stock
from shared.contracts.parts import StoreWorkRecorded
from shared.messaging.unit_of_work import UnitOfWork


async def draw_internally(work: UnitOfWork, *, form: RequisitionForm, desk: Desk) -> RequisitionRow:
    """Charged to the department that the policy names (R323).

    Raises IllegalTransition beyond the month's limit, Refusal for a place that stands in another department's account.
    """
    terms = desk.policy.internal_requisitions
    require_known(form.department, known=terms.departments, field="department")
    part = await stock.find_part(work.session, part_code=form.part_code)
    check_consumable(form.part_code, is_consumable=part.is_consumable)
    await lock_stock(work, codes={form.part_code}, desk=desk)
    since, until = desk.month_of(work.now)
    drawn = await internal.drawn(
        work.session, part_code=form.part_code, department=form.department, since=since, until=until
    )
    check_limit(form.quantity, drawn=drawn, limit=terms.monthly_limit, department=form.department)
    requisition_id = work.new_id()
    move = Move(
        part_code=form.part_code,
        kind=Kind.INTERNAL,
        pieces=form.quantity,
        reference=f"{REQUISITION_PAPER}{requisition_id}",
        location=form.location,
        serials=form.serials,
    )
    [line] = await move_stock(work, moves=[move], desk=desk)
    check_account(str(line.location), department=str(line.department), charged_to=terms.charged_to)
    row = RequisitionRow(
        id=requisition_id,
        department=form.department,
        charged_to=terms.charged_to,
        part_code=form.part_code,
        quantity=form.quantity,
        location=str(line.location),
        cost=-line.value,
        drawn_at=work.now,
        drawn_by=work.cause.actor.id,
    )
    work.session.add(row)
    await desk.audit.record(
        work,
        action="internally_drawn",
        subject=f"internal_requisition/{row.id}",
        details={"department": form.department, "part_code": form.part_code, "quantity": form.quantity},
    )
    return row


async def record_store_work(work: UnitOfWork, *, form: StoreWorkForm, desk: Desk) -> StoreWorkRow:
    """R335: parts management and tool upkeep, which dispatch hears for the time sheet: general administration."""
    require_known(form.activity, known=desk.policy.store_work, field="activity")
    check_day(form.day, today=desk.today(work.now))
    row = StoreWorkRow(
        id=work.new_id(),
        staff_number=form.staff_number,
        activity=form.activity,
        day=form.day,
        minutes=form.minutes,
        entered_at=work.now,
        entered_by=work.cause.actor.id,
    )
    work.session.add(row)
    work.publish(
        StoreWorkRecorded(
            store_work_id=row.id,
            staff_number=row.staff_number,
            activity=row.activity,
            day=row.day,
            minutes=row.minutes,
            recorded_at=row.entered_at,
        )
    )
    await desk.audit.record(work, action="store_work_recorded", subject=f"store_work/{row.id}")
    return row
