"""A customer is not satisfied: his case is opened again, once for each time that he says so (R158)."""

from intake.office import Office
from intake.queries import cases, heard
from intake.tables import ERASED, DissatisfactionRow
from intake.use_cases.follow_case import follow_case
from shared.contracts.feedback import DissatisfactionRaised
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork


async def note_dissatisfaction(work: UnitOfWork, *, event: DissatisfactionRaised, office: Office) -> None:
    """Reopen the case, or remember it until the completion of the order is heard.

    A customer who was erased meanwhile can be called by nobody: his case stays as it is.
    """
    if await is_erased(work, customer_id=event.customer_id, table=ERASED):
        return
    is_known = await cases.lock_if_known(work.session, case_id=event.case_id)
    row = DissatisfactionRow(
        id=event.dissatisfaction_id, case_id=event.case_id, order_id=event.work_order_id, raised_at=event.raised_at
    )
    await heard.note_dissatisfaction(work.session, row=row)
    if is_known:
        await follow_case(work, case_id=event.case_id, office=office)
