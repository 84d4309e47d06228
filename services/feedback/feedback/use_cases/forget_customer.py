"""A customer was erased: his words are destroyed, and nobody calls or asks him any more."""

from uuid import UUID

from feedback.domain.revisits import OPEN as OPEN_REVISITS
from feedback.domain.revisits import RevisitState, RevisitStep
from feedback.domain.revisits import advance as advance_revisit
from feedback.domain.surveys import OPEN as OPEN_SURVEYS
from feedback.domain.surveys import SurveyState, SurveyStep
from feedback.domain.surveys import advance as advance_survey
from feedback.queries import orders, revisits, surveys
from feedback.tables import OrderRow
from feedback.use_cases.plan_revisit import unschedule
from feedback.use_cases.plan_survey import unplan
from shared.messaging.unit_of_work import UnitOfWork


async def forget_customer(work: UnitOfWork, *, customer_id: UUID) -> None:
    """What he said is gone; that he was asked, and the degrees he ticked, stay, for they say nothing about him."""
    for order in await orders.lock_of_customer(work.session, customer_id=customer_id):
        await withdraw(work, order=order)


async def withdraw(work: UnitOfWork, *, order: OrderRow) -> None:
    """Destroy the words of an order's customer, and end what is still open; again, it changes nothing."""
    order.customer_label = None
    revisit = await revisits.of_order(work.session, order_id=order.id)
    if revisit is not None:
        revisit.notes = None
        unschedule(work, revisit=revisit)
        if revisit.state in OPEN_REVISITS:
            revisit.state = advance_revisit(RevisitState(revisit.state), step=RevisitStep.WITHDRAW)
            revisit.version += 1
    survey = await surveys.of_order(work.session, order_id=order.id)
    if survey is not None:
        survey.comment = None
        unplan(work, survey=survey)
        if survey.state in OPEN_SURVEYS:
            survey.state = advance_survey(SurveyState(survey.state), step=SurveyStep.WITHDRAW)
            survey.version += 1
