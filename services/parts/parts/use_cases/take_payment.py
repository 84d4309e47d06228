"""The customer pays his deposit (订金), declines to, or lets the time to pay go by (R320)."""

from decimal import Decimal
from uuid import UUID

from parts.desk import Desk
from parts.domain.deposits import check_payment
from parts.domain.supply_words import DepositState, Happening
from parts.policy import require_known
from parts.queries import dossiers
from parts.queries.dossiers import Dossier
from parts.use_cases.carry_out import carry_out
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def take_payment(
    work: UnitOfWork, *, deposit_id: UUID, version: int | None, amount: Decimal, method: str, desk: Desk
) -> Dossier:
    """The deposit is held. Raises Refusal for another amount, IllegalTransition where it is not asked for any more."""
    require_known(method, known=desk.policy.payment_methods, field="method")
    dossier = await dossiers.lock_deposit(work.session, deposit_id=deposit_id)
    deposit = dossier.its_deposit
    require_version(deposit.version, expected=version)
    if dossier.supply.deposit is DepositState.REQUIRED:
        check_payment(amount, asked=deposit.amount, due_at=deposit.due_at, now=work.now)
    await carry_out(work, dossier=dossier, happening=Happening.PAID, desk=desk)
    deposit.method, deposit.taken_by = method, work.cause.actor.id
    await desk.audit.record(
        work, action="deposit_paid", subject=f"deposit/{deposit_id}", details={"amount": str(amount), "method": method}
    )
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
    if dossier.supply.deposit is DepositState.REQUIRED and work.now >= dossier.its_deposit.due_at:
        await carry_out(work, dossier=dossier, happening=Happening.UNPAID, desk=desk)
