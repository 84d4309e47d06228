"""The customer pays his deposit (订金), declines to, or lets the time to pay go by (R320)."""

from decimal import Decimal
from uuid import UUID

from parts.desk import Desk
from parts.domain.deposits import CURRENCY, Asked, check_payment
from parts.domain.supply_words import UNPAID, DepositState, Happening
from parts.policy import require_known
from parts.queries import dossiers
from parts.queries.dossiers import Dossier
from parts.use_cases.carry_out import carry_out
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def take_payment(
    work: UnitOfWork, *, deposit_id: UUID, version: int | None, amount: Decimal, method: str, desk: Desk
) -> Dossier:
    """R320: the deposit is held. Raises what `check_payment` raises for another amount, a second time, too late."""
    require_known(method, known=desk.policy.payment_methods, field="method")
    dossier = await dossiers.lock_deposit(work.session, deposit_id=deposit_id)
    require_version(dossier.its_deposit.version, expected=version)
    check_payment(amount, deposit=asked_of(dossier), now=work.now)
    await hold_deposit(work, dossier=dossier, method=method, desk=desk)
    return dossier


async def hold_deposit(work: UnitOfWork, *, dossier: Dossier, method: str, desk: Desk) -> None:
    """What was asked for is taken: whoever calls this has checked the payment."""
    deposit = dossier.its_deposit
    await carry_out(work, dossier=dossier, happening=Happening.PAID, desk=desk)
    deposit.method, deposit.taken_by = method, work.cause.actor.id
    details = {"amount": f"{deposit.amount} {CURRENCY}", "method": method}
    await desk.audit.record(work, action="deposit_paid", subject=f"deposit/{deposit.id}", details=details)


def asked_of(dossier: Dossier) -> Asked:
    """The deposit as the domain sees it."""
    deposit = dossier.its_deposit
    return Asked(state=DepositState(deposit.state), amount=deposit.amount, due_at=deposit.due_at, reason=deposit.reason)


async def agree_to_deposit(work: UnitOfWork, *, deposit_id: UUID, version: int | None, desk: Desk) -> Dossier:
    """R320: the service advisor (服务顾问) has talked with the customer, who agrees to pay."""
    dossier = await dossiers.lock_deposit(work.session, deposit_id=deposit_id)
    require_version(dossier.its_deposit.version, expected=version)
    await carry_out(work, dossier=dossier, happening=Happening.AGREED, desk=desk)
    await desk.audit.record(work, action="deposit_agreed", subject=f"deposit/{deposit_id}")
    return dossier


async def decline_deposit(work: UnitOfWork, *, deposit_id: UUID, version: int | None, desk: Desk) -> Dossier:
    """The customer does not want to pay: where the policy insists, nothing is ordered and everything is let go."""
    dossier = await dossiers.lock_deposit(work.session, deposit_id=deposit_id)
    require_version(dossier.its_deposit.version, expected=version)
    await carry_out(work, dossier=dossier, happening=Happening.DECLINED, desk=desk)
    await desk.audit.record(work, action="deposit_declined", subject=f"deposit/{deposit_id}")
    return dossier


async def let_deposit_lapse(work: UnitOfWork, *, deposit_id: UUID, desk: Desk) -> None:
    """It was due; nothing where it was paid or is not asked for any more."""
    dossier = await dossiers.lock_deposit(work.session, deposit_id=deposit_id)
    if dossier.supply.deposit in UNPAID and work.now >= dossier.its_deposit.due_at:
        await carry_out(work, dossier=dossier, happening=Happening.UNPAID, desk=desk)
