"""A payment provider (支付渠道) reports a payment of a deposit: taken once, or refused with what would be right."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from parts.desk import Desk
from parts.domain.deposits import PaymentStatus, check_payment
from parts.queries import dossiers, money
from parts.queries.dossiers import Dossier
from parts.tables import ERASED, PaymentRow
from parts.use_cases.take_payment import asked_of, hold_deposit
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a provider said, once he proved that it was him; `raw` as it came. `payment_id` is his own."""

    provider: str
    payment_id: str
    deposit_id: UUID
    amount: Decimal
    currency: str
    status: PaymentStatus
    raw: str


async def hear_payment(work: UnitOfWork, *, report: Report, desk: Desk) -> Refusal | None:
    """R320: why the payment is not taken, None where it is: then the deposit is held, and again changes nothing.

    A payment that is refused is written down too, since somebody has to give the money back; the ledger of deposits
    is as it was. Raises Unknown for another deposit, IllegalTransition for a known payment of which other things are
    said. What is no payment, or not yet, is noted and changes nothing.
    """
    if report.status is not PaymentStatus.SUCCEEDED:
        told = {"provider": report.provider, "payment_id": report.payment_id, "status": report.status}
        subject = f"deposit/{report.deposit_id}"
        await desk.audit.record(work, action="payment_not_made", subject=subject, details=told)
        return None
    seen = await dossiers.find_deposit(work.session, deposit_id=report.deposit_id)
    forgotten = await is_erased(work, customer_id=seen.customer_id, table=ERASED)
    dossier = await dossiers.lock_deposit(work.session, deposit_id=report.deposit_id)
    payment = _written(work, report=report, desk=desk, raw="" if forgotten else report.raw)
    known = await money.put_payment(work.session, payment=payment)
    if known is not None:
        _require_same(known, report=report)
        if known.refused_as is None:
            return None
    refusal = await _take(work, report=report, dossier=dossier, desk=desk)
    await money.write_refusal(
        work.session, payment_id=(known or payment).id, refused_as=None if refusal is None else refusal.code
    )
    if refusal is not None and known is None:
        details = {"provider": report.provider, "payment_id": report.payment_id, "refused_as": refusal.code}
        await desk.audit.record(work, action="payment_refused", subject=f"deposit/{report.deposit_id}", details=details)
    return refusal


async def _take(work: UnitOfWork, *, report: Report, dossier: Dossier, desk: Desk) -> Refusal | None:
    try:
        check_payment(report.amount, currency=report.currency, deposit=asked_of(dossier), now=work.now)
    except Refusal as no:
        return no
    await hold_deposit(work, dossier=dossier, method=desk.policy.payment_providers[report.provider].method, desk=desk)
    return None


def _written(work: UnitOfWork, *, report: Report, desk: Desk, raw: str) -> PaymentRow:
    payment_id = work.new_id()
    return PaymentRow(
        id=payment_id,
        provider=report.provider,
        payment_id=report.payment_id,
        deposit_id=report.deposit_id,
        amount=report.amount,
        currency=report.currency,
        received_at=work.now,
        raw=desk.seal(raw, place="payment.raw", row=payment_id) if raw else "",
    )


def _require_same(known: PaymentRow, *, report: Report) -> None:
    if (known.deposit_id, known.amount, known.currency) != (report.deposit_id, report.amount, report.currency):
        raise IllegalTransition(
            "payment_known",
            detail=f"{report.provider} reported {report.payment_id} before: {known.amount} {known.currency} for the"
            f" deposit {known.deposit_id}",
            expected="the same report again, or a payment with an id of its own",
        )
