"""A deposit (订金) that the ledger has as refunded is with the customer (R321)."""

from uuid import UUID

from parts.desk import Desk
from parts.domain.deposits import check_refund_due
from parts.domain.payments import check_still_there
from parts.domain.supply_words import DepositState
from parts.queries import dossiers, money
from parts.queries.dossiers import Dossier
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def hand_back_deposit(
    work: UnitOfWork, *, deposit_id: UUID, version: int | None, reference: str, desk: Desk
) -> Dossier:
    """Who gave it to him, when, and on which paper; the ledger is as it was. Raises what `check_refund_due` raises.

    Raises IllegalTransition while nobody has looked into its payment that the provider gave back himself.
    """
    dossier = await dossiers.lock_deposit(work.session, deposit_id=deposit_id)
    deposit = dossier.its_deposit
    require_version(deposit.version, expected=version)
    check_refund_due(DepositState(deposit.state), handed_back_at=deposit.handed_back_at)
    check_still_there(await money.withdrawn_of(work.session, deposit_id=deposit_id))
    deposit.handed_back_at, deposit.handed_back_by = work.now, work.cause.actor.id
    deposit.reference = reference
    deposit.version += 1
    await desk.audit.record(
        work, action="deposit_handed_back", subject=f"deposit/{deposit_id}", details={"reference": reference}
    )
    return dossier
