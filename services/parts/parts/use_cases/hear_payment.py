"""A payment provider (支付渠道) reports a payment: what he signed is stored as it came, before anybody judges it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from parts.desk import Desk
from parts.domain.deposits import PaymentStatus
from parts.domain.payments import PaymentState
from parts.queries import money
from parts.tables import ERASED, PaymentRow
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork

UNREADABLE = "unreadable_report"
RAW, AS_SENT = "payment.raw", "payment_report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a report says. `payment_id` is the provider's own."""

    payment_id: str
    deposit_id: UUID
    amount: Decimal
    currency: str
    status: PaymentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a provider sent, once he proved that it was him; `told`: None where it cannot be read."""

    provider: str
    body: bytes
    told: Told | None


async def hear_payment(work: UnitOfWork, *, report: Report, desk: Desk) -> UUID | None:
    """The payment that is to be judged; the same again for the same report, None where it tells of no payment.

    What is no payment, or not yet, is noted and changes nothing. A report that cannot be read is stored as refused.
    Other things said of a known payment are a row of their own, since somebody has to look into them.
    """
    told = report.told
    if told is None:
        return await _store(work, report=report, key=desk.index.digest(report.body, field=AS_SENT), desk=desk)
    if told.status is not PaymentStatus.SUCCEEDED:
        details = {"provider": report.provider, "payment_id": told.payment_id, "status": told.status}
        await desk.audit.record(work, action="payment_not_made", subject=f"deposit/{told.deposit_id}", details=details)
        return None
    first = await _store(work, report=report, key=key_of(told.payment_id, desk=desk), desk=desk)
    if says_the_same(await money.find_payment(work.session, payment_id=first), told=told):
        return first
    return await _store(work, report=report, key=desk.index.digest(report.body, field=AS_SENT), desk=desk)


def key_of(payment_id: str, *, desk: Desk) -> bytes:
    """What the repetitions of a payment share, whatever else they say."""
    return desk.index.digest(payment_id.encode(), field="payment")


def says_the_same(known: PaymentRow, *, told: Told) -> bool:
    """Whether a report is of the same money for the same deposit."""
    return (known.deposit_id, known.amount, known.currency) == (told.deposit_id, told.amount, told.currency)


async def _store(work: UnitOfWork, *, report: Report, key: bytes, desk: Desk) -> UUID:
    told, row_id = report.told, work.new_id()
    raw = "" if await _is_forgotten(work, told=told) else report.body.decode("utf-8", "replace")
    row = PaymentRow(
        id=row_id,
        provider=report.provider,
        dedup_key=key,
        payment_id=None if told is None else told.payment_id,
        deposit_id=None if told is None else told.deposit_id,
        amount=None if told is None else told.amount,
        currency=None if told is None else told.currency,
        state=PaymentState.REFUSED if told is None else PaymentState.HEARD,
        refused_as=UNREADABLE if told is None else None,
        received_at=work.now,
        raw=desk.seal(raw, place=RAW, row=row_id) if raw else "",
    )
    return await money.put_payment(work.session, payment=row)


async def _is_forgotten(work: UnitOfWork, *, told: Told | None) -> bool:
    deposit = None if told is None else await money.its_deposit(work.session, deposit_id=told.deposit_id)
    return deposit is not None and await is_erased(work, customer_id=deposit.customer_id, table=ERASED)
