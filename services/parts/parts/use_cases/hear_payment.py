"""A payment provider (支付渠道) reports a payment: what he signed is stored as it came, before anybody judges it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from parts.desk import Desk
from parts.domain.deposits import WITHDRAWN, PaymentStatus
from parts.domain.payments import UNMATCHED, PaymentState, withdraw
from parts.queries import money
from parts.tables import ERASED, PaymentRow
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork

PAYMENT_DEADLINE = "payment"
UNREADABLE, OTHER_SUM = "unreadable_report", "other_sum_withdrawn"
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
    Other things said of a known payment are a row of their own, since somebody has to look into them. It is judged
    right after, and by its deadline where whoever stored it dies before; what was given back is not judged.
    """
    told = report.told
    if told is None:
        return await _store(work, report=report, key=_of_its_own(report, desk=desk), refused_as=UNREADABLE, desk=desk)
    if told.status in WITHDRAWN:
        await _withdraw(work, report=report, told=told, desk=desk)
        return None
    if told.status is not PaymentStatus.SUCCEEDED:
        details = {"provider": report.provider, "payment_id": told.payment_id, "status": told.status}
        await desk.audit.record(work, action="payment_not_made", subject=f"deposit/{told.deposit_id}", details=details)
        return None
    heard = await _store(work, report=report, key=key_of(told.payment_id, desk=desk), desk=desk)
    if not says_the_same(await money.find_payment(work.session, payment_id=heard), told=told):
        heard = await _store(work, report=report, key=_of_its_own(report, desk=desk), desk=desk)
    work.set_deadline(deadline_of(heard), kind=PAYMENT_DEADLINE, due=work.now, data={"payment_id": str(heard)})
    return heard


def deadline_of(payment_id: UUID) -> str:
    """The key of the deadline with which a payment is judged at the latest."""
    return f"{PAYMENT_DEADLINE}/{payment_id}"


def key_of(payment_id: str, *, desk: Desk) -> bytes:
    """What the repetitions of a payment share, whatever else they say."""
    return desk.index.digest(payment_id.encode(), field="payment")


def says_the_same(known: PaymentRow, *, told: Told) -> bool:
    """Whether a report is of the same money for the same deposit."""
    return (known.deposit_id, known.amount, known.currency) == (told.deposit_id, told.amount, told.currency)


def _of_its_own(report: Report, *, desk: Desk) -> bytes:
    return desk.index.digest(report.body, field=AS_SENT)


async def _withdraw(work: UnitOfWork, *, report: Report, told: Told, desk: Desk) -> None:
    """The provider gave it back: nobody does so again, and where it was taken somebody has to know.

    It ends alike where this is heard before the payment itself. Of another sum somebody has to find out what is left.
    """
    first = await _store(work, report=report, key=key_of(told.payment_id, desk=desk), desk=desk)
    payment = await money.lock_payment(work.session, payment_id=first)
    if not says_the_same(payment, told=told):
        await _store(work, report=report, key=_of_its_own(report, desk=desk), refused_as=OTHER_SUM, desk=desk)
        return
    state = PaymentState(payment.state)
    if payment.withdrawn_at is not None or state not in UNMATCHED | {PaymentState.TAKEN}:
        return
    payment.state, payment.withdrawn_at = withdraw(state), work.now
    if payment.state == PaymentState.RETURNED:
        payment.settled_at, payment.settled_by, payment.reference = work.now, report.provider, told.payment_id
        payment.raw = ""
    payment.version += 1
    details = {"provider": report.provider, "payment_id": told.payment_id, "status": told.status}
    await desk.audit.record(work, action="payment_withdrawn", subject=f"deposit/{told.deposit_id}", details=details)


async def _store(work: UnitOfWork, *, report: Report, key: bytes, refused_as: str | None = None, desk: Desk) -> UUID:
    """`refused_as`: why it is no payment that could be judged, and says no sum that was paid."""
    told, row_id = report.told, work.new_id()
    raw = "" if await _is_forgotten(work, told=told) else report.body.decode("utf-8", "replace")
    row = PaymentRow(
        id=row_id,
        provider=report.provider,
        dedup_key=key,
        payment_id=None if told is None else told.payment_id,
        deposit_id=None if told is None else told.deposit_id,
        amount=told.amount if told is not None and refused_as is None else None,
        currency=told.currency if told is not None and refused_as is None else None,
        state=PaymentState.HEARD if refused_as is None else PaymentState.REFUSED,
        refused_as=refused_as,
        received_at=work.now,
        raw=desk.seal(raw, place=RAW, row=row_id) if raw else "",
    )
    return await money.put_payment(work.session, payment=row)


async def _is_forgotten(work: UnitOfWork, *, told: Told | None) -> bool:
    deposit = None if told is None else await money.its_deposit(work.session, deposit_id=told.deposit_id)
    return deposit is not None and await is_erased(work, customer_id=deposit.customer_id, table=ERASED)
