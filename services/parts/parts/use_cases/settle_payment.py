"""Money that was reported and not taken ends: it was given back (退回), or there is nothing to give back."""

from uuid import UUID

from parts.desk import Desk
from parts.domain.payments import Ending, PaymentState, Sum, check_withdrawn, settle
from parts.queries import money
from parts.tables import PaymentRow
from parts.use_cases.hear_payment import RAW
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Destroyed, require_version


async def settle_payment(
    work: UnitOfWork,
    *,
    payment_id: UUID,
    version: int | None,
    ending: Ending,
    stated: Sum,
    reference: str,
    desk: Desk,
) -> PaymentRow:
    """Who gave it back, when, and on which paper (`reference`). Raises what `settle` raises.

    What the provider said is destroyed with it: nobody has to look into it any more.
    """
    payment = await money.lock_payment(work.session, payment_id=payment_id)
    require_version(payment.version, expected=version)
    reported = Sum(amount=payment.amount, currency=payment.currency)
    back = settle(PaymentState(payment.state), ending=ending, reported=reported, stated=stated)
    payment.state, payment.amount, payment.currency = ending, back.amount, back.currency
    payment.settled_at, payment.settled_by, payment.reference = work.now, work.cause.actor.id, reference
    payment.raw = ""
    payment.version += 1
    await desk.audit.record(
        work, action=f"payment_{ending}", subject=f"payment/{payment_id}", details={"reference": reference}
    )
    return payment


async def clear_payment(
    work: UnitOfWork, *, payment_id: UUID, version: int | None, reference: str, desk: Desk
) -> PaymentRow:
    """What was taken and the provider gave back himself was looked into, and on which paper that stands (`reference`).

    The ledger of deposits is as it was: the deposit goes its way. Raises what `check_withdrawn` raises.
    """
    payment = await money.lock_payment(work.session, payment_id=payment_id)
    require_version(payment.version, expected=version)
    check_withdrawn(withdrawn_at=payment.withdrawn_at, settled_at=payment.settled_at)
    payment.settled_at, payment.settled_by, payment.reference = work.now, work.cause.actor.id, reference
    payment.raw = ""
    payment.version += 1
    await desk.audit.record(
        work, action="payment_cleared", subject=f"payment/{payment_id}", details={"reference": reference}
    )
    return payment


async def show_report(work: UnitOfWork, *, payment_id: UUID, desk: Desk) -> str:
    """What the provider said, for whoever has to find out whose money it is; audited. Raises Destroyed."""
    payment = await money.find_payment(work.session, payment_id=payment_id)
    if not payment.raw:
        raise Destroyed(
            "report_destroyed",
            detail="the report was destroyed when its payment ended or its customer was erased",
            expected="the amount and the provider's own number of GET /v1/payments/{payment_id}",
        )
    await desk.audit.record(work, action="payment_report_read", subject=f"payment/{payment_id}")
    return desk.open(payment.raw, place=RAW, row=payment.id)
