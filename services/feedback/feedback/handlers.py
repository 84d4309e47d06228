"""What feedback hears and what becomes due, in five lines each: translate, and call the use case."""

from uuid import UUID

from feedback.desk import Desk
from feedback.queries import cases
from feedback.use_cases.follow_up import follow_up_return, follow_up_sign_off
from feedback.use_cases.plan_revisit import remind_of_revisit
from feedback.use_cases.plan_survey import carry_on_survey
from shared.contracts.dispatch import ItemReturned, WorkOrderSignedOff
from shared.contracts.intake import CaseClosed, CustomerErased
from shared.messaging.consumer import Delivery
from shared.messaging.deadlines import FiredDeadline
from shared.messaging.unit_of_work import UnitOfWork


class Handlers:
    """Every event and every deadline of feedback."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_work_order_signed_off(self, event: WorkOrderSignedOff, _: Delivery, work: UnitOfWork) -> None:
        await follow_up_sign_off(work, event=event, desk=self._desk)

    async def on_item_returned(self, event: ItemReturned, _: Delivery, work: UnitOfWork) -> None:
        await follow_up_return(work, event=event, desk=self._desk)

    async def on_case_closed(self, case: CaseClosed, _: Delivery, work: UnitOfWork) -> None:
        await cases.note_closure(work.session, case_id=case.case_id, closed_at=case.closed_at)

    async def on_customer_erased(self, event: CustomerErased, _: Delivery, work: UnitOfWork) -> None:
        await self._desk.erasures.erase(work, customer_id=event.customer_id, erased_at=event.erased_at)

    async def on_revisit_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await remind_of_revisit(work, revisit_id=UUID(deadline.data["revisit_id"]))

    async def on_survey_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await carry_on_survey(work, survey_id=UUID(deadline.data["survey_id"]), desk=self._desk)
