"""Whether a payment that was reported is what was asked for: then the deposit is held, else its money goes back."""

from uuid import UUID

from parts.desk import Desk
from parts.domain.deposits import check_payment
from parts.domain.payments import UNMATCHED, PaymentState, ended, is_unjudged
from parts.queries import dossiers, money
from parts.tables import PaymentRow
from parts.use_cases.hear_payment import deadline_of, key_of
from parts.use_cases.take_payment import asked_of, hold_deposit
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal


async def judge_payment(work: UnitOfWork, *, payment_id: UUID, desk: Desk) -> Refusal | None:
    """R320: why a payment that `hear_payment` stored is not taken; None where it is, and again changes nothing.

    What is refused stays with its reason until somebody has given the money back; the ledger of deposits is as it was.
    What the provider withdrew before is taken as it would have been then, and waits for whoever looks into it.
    """
    work.cancel_deadline(deadline_of(payment_id))
    try:
        await _take(work, told=await money.find_payment(work.session, payment_id=payment_id), desk=desk)
    except Refusal as refusal:
        await _refuse(work, payment_id=payment_id, refusal=refusal, desk=desk)
        return refusal
    return None


async def _take(work: UnitOfWork, *, told: PaymentRow, desk: Desk) -> None:
    """Raises Refusal, IllegalTransition and Unknown, each before anything is changed."""
    if told.deposit_id is None or told.payment_id is None or told.amount is None or told.currency is None:
        raise LookupError(f"the report {told.id} cannot be read, so that there is nothing to judge")
    first = await money.first_told(work.session, provider=told.provider, dedup_key=key_of(told.payment_id, desk=desk))
    if first.id != told.id:
        raise _known(first)
    dossier = await dossiers.lock_deposit(work.session, deposit_id=told.deposit_id)
    payment = await money.lock_payment(work.session, payment_id=told.id)
    state = PaymentState(payment.state)
    if state is PaymentState.TAKEN:
        return
    if state not in UNMATCHED and not _is_unjudged(payment):
        raise ended(state)
    check_payment(told.amount, currency=told.currency, deposit=asked_of(dossier), now=work.now)
    await hold_deposit(work, dossier=dossier, method=desk.policy.payment_providers[told.provider].method, desk=desk)
    dossier.its_deposit.taken_by = told.provider
    payment.state, payment.refused_as = PaymentState.TAKEN, None
    payment.settled_at = payment.settled_by = payment.reference = None
    payment.version += 1


async def _refuse(work: UnitOfWork, *, payment_id: UUID, refusal: Refusal, desk: Desk) -> None:
    payment = await money.lock_payment(work.session, payment_id=payment_id)
    if not _is_unjudged(payment):
        return
    payment.refused_as = refusal.code
    if payment.withdrawn_at is None:
        payment.state = PaymentState.REFUSED
    payment.version += 1
    details = {"provider": payment.provider, "payment_id": payment.payment_id or "", "refused_as": refusal.code}
    await desk.audit.record(work, action="payment_refused", subject=f"deposit/{payment.deposit_id}", details=details)


def _is_unjudged(payment: PaymentRow) -> bool:
    state = PaymentState(payment.state)
    return is_unjudged(state, withdrawn_at=payment.withdrawn_at, refused_as=payment.refused_as)


def _known(first: PaymentRow) -> IllegalTransition:
    return IllegalTransition(
        "payment_known",
        detail=f"{first.provider} reported {first.payment_id} before: {first.amount} {first.currency} for the deposit"
        f" {first.deposit_id}",
        expected="the same report again, or a payment with an id of its own",
    )
