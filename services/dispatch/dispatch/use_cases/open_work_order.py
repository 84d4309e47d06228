"""A cleared case becomes a work order (维修单), once for each round, whatever else was heard of the case before."""

from uuid import UUID, uuid5

from dispatch.desk import Desk
from dispatch.domain.numbering import work_order_number
from dispatch.domain.work_orders import WorkOrderState, priority
from dispatch.queries import cases, rotas, work_orders
from dispatch.tables import ERASED, WorkOrderRow
from dispatch.use_cases.arrival_clock import start_arrival_clock
from dispatch.use_cases.cancel_work_order import call_off
from dispatch.use_cases.find_technician import find_technician
from dispatch.use_cases.request_parts import ask_for_parts
from shared.contracts.dispatch import WorkOrderOpened
from shared.contracts.intake import CaseCleared
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork


async def open_work_order(work: UnitOfWork, *, case: CaseCleared, desk: Desk) -> None:
    """R015, R236: route it, start its clock, ask for its parts (R257), look for a technician.

    A case that was cancelled since it was cleared, which was heard before, calls it off.
    """
    is_forgotten = await is_erased(work, customer_id=case.customer_id, table=ERASED)
    known = await cases.lock(work.session, case_id=case.case_id)
    if case.round in {order.round for order in await work_orders.lock_of_case(work.session, case_id=case.case_id)}:
        return
    order = _order(work, case=case, desk=desk)
    if is_forgotten:
        order.customer_label = ""
    work.session.add(order)
    await work.session.flush()
    work.publish(
        WorkOrderOpened(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            department=order.department,
            zone=order.zone,
            urgency=case.urgency,
            warranty=case.warranty,
            round=order.round,
            opened_at=order.opened_at,
        )
    )
    await start_arrival_clock(work, order=order, case=case, desk=desk)
    if known.cancelled_at is not None and known.cancelled_at >= case.cleared_at:
        await call_off(work, order=order, reason=known.cancel_reason or "unknown", at=known.cancelled_at, desk=desk)
        return
    if case.parts:
        await ask_for_parts(work, order=order, lines=case.parts, desk=desk)
    rota = await rotas.lock(work.session, department=order.department)
    await find_technician(work, order=order, rota=rota, desk=desk)


def promise_of(case_id: UUID, *, round_: int) -> UUID:
    """The subject of an order's clocks: the case itself, or for a rework an id of its own."""
    return case_id if round_ == 1 else uuid5(case_id, f"round/{round_}")


def _order(work: UnitOfWork, *, case: CaseCleared, desk: Desk) -> WorkOrderRow:
    policy = desk.policy
    department, zone = policy.department(case.warranty), policy.zone(case.district)
    need = policy.need(family=case.product_family, department=department, zone=zone)
    return WorkOrderRow(
        id=work.new_id(),
        number=work_order_number(case.case_number, round_=case.round),
        case_id=case.case_id,
        round=case.round,
        promise_id=promise_of(case.case_id, round_=case.round),
        case_number=case.case_number,
        state=WorkOrderState.WAITING,
        department=department,
        zone=zone,
        district=case.district,
        skills=sorted(need.skills),
        certificates=sorted(need.certificates),
        urgency=case.urgency,
        warranty=case.warranty,
        priority=priority(
            urgency_weight=policy.priority.urgency[case.urgency],
            failures=0,
            weight_per_failure=policy.priority.per_failure,
        ),
        customer_id=case.customer_id,
        customer_label=case.customer_label,
        site_id=case.site_id,
        unit_id=case.unit_id,
        product_family=case.product_family,
        product_model=case.product_model,
        problem_code=case.problem_code,
        parts=[part.model_dump(mode="json") for part in case.parts],
        required_by=case.required_by,
        called_at=case.opened_at,
        opened_at=work.now,
        policy_version=desk.policy_version,
    )
