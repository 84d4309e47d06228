"""A deposit (订金) of a case was asked for, paid or settled: while one is open the case is not closed (R321)."""

from intake.queries import cases, heard
from intake.tables import DepositRow
from shared.contracts.parts import DepositEvent, DepositForfeited, DepositRefunded, DepositWaived
from shared.messaging.unit_of_work import UnitOfWork


async def note_deposit(work: UnitOfWork, *, event: DepositEvent) -> None:
    """Whatever is heard first says that there is a deposit; refunded, forfeited or waived it is settled."""
    await cases.lock_if_known(work.session, case_id=event.case_id)
    row = DepositRow(id=event.deposit_id, case_id=event.case_id, amount=event.amount, settled_as=_settled_as(event))
    await heard.note_deposit(work.session, row=row)


def _settled_as(event: DepositEvent) -> str | None:
    match event:
        case DepositRefunded():
            return "refunded"
        case DepositForfeited():
            return "forfeited"
        case DepositWaived():
            return "waived"
        case _:
            return None
