"""The customer says how it was and signs (请用户签署意见, R260): nothing is closed without that."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.reports import SignOff
from dispatch.domain.work_orders import Step, WorkOrderState, advance
from dispatch.queries import work_orders
from dispatch.tables import WorkOrderRow
from dispatch.use_cases.keep_words import keep_words
from dispatch.use_cases.request_parts import require_own_order
from shared.contracts.dispatch import WorkOrderSignedOff
from shared.contracts.facts import Degree
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def sign_off(work: UnitOfWork, *, order_id: UUID, version: int | None, form: SignOff, desk: Desk) -> WorkOrderRow:
    """R260, R270: once, for an order that is completed. Raises IllegalTransition for any other."""
    order = await work_orders.lock(work.session, order_id=order_id)
    await require_own_order(work, order=order)
    require_version(order.version, expected=version)
    order.state = advance(WorkOrderState(order.state), step=Step.SIGN_OFF)
    note_sign_off(work, order=order, opinion=form.opinion)
    said = {"signer": form.signed.signer, "signature": form.signed.signature, "comment": form.comment}
    await keep_words(work, order=order, about=f"work_order/{order.id}", said=said, desk=desk)
    await desk.audit.record(work, action="work_order_signed_off", subject=f"work_order/{order.id}")
    return order


def note_sign_off(work: UnitOfWork, *, order: WorkOrderRow, opinion: Degree) -> None:
    """The degree is known to everybody, the words stay here. The caller holds the order and advanced its state."""
    if order.technician_id is None:
        raise ValueError(f"work order {order.id} was completed by nobody")
    order.signed_off_at, order.opinion = work.now, opinion
    order.version += 1
    work.publish(
        WorkOrderSignedOff(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            customer_id=order.customer_id,
            customer_label=order.customer_label,
            unit_id=order.unit_id,
            technician_id=order.technician_id,
            opinion=opinion,
            signed_off_at=work.now,
        )
    )
