"""Parts waits for a deposit (订金): what is promised about the repair pauses, where its policy says so (R320)."""

from dispatch.desk import Desk
from dispatch.queries import cases, work_orders
from dispatch.use_cases.arrange import clocks_of
from shared.contracts.parts import DepositPaid, DepositRequired, DepositWaived
from shared.messaging.unit_of_work import UnitOfWork

DEPOSIT = "deposit"


async def wait_for_deposit(
    work: UnitOfWork, *, event: DepositRequired | DepositPaid | DepositWaived, desk: Desk
) -> None:
    """From the proposal on until it is paid or not asked for any more; nothing for an order that nobody knows here."""
    await cases.lock(work.session, case_id=event.case_id)
    order = await work_orders.lock_if_known(work.session, order_id=event.work_order_id)
    if order is None:
        return
    ref = f"{DEPOSIT}/{event.deposit_id}"
    for name, subject_id in await clocks_of(work, order=order):
        match event:
            case DepositRequired(required_at=at):
                await desk.clocks.pause(work, name=name, subject_id=subject_id, at=at, ref=ref, reason=DEPOSIT)
            case DepositPaid(paid_at=at) | DepositWaived(waived_at=at):
                await desk.clocks.resume(work, name=name, subject_id=subject_id, at=at, ref=ref, reason=DEPOSIT)
