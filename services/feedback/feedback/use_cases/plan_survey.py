"""An opinion card for every repair (客户意见调查卡, R364): planned, sent, and over when its time is."""

from uuid import UUID

from feedback.desk import Desk
from feedback.domain.surveys import SurveyState, SurveyStep, advance
from feedback.queries import orders, surveys
from feedback.tables import OrderRow, SurveyRow
from shared.contracts.dispatch import WorkOrderSignedOff
from shared.contracts.feedback import SurveyExpired, SurveyRequested
from shared.messaging.unit_of_work import UnitOfWork

SURVEY_DEADLINE = "survey"


async def plan_survey(work: UnitOfWork, *, order: OrderRow, event: WorkOrderSignedOff, desk: Desk) -> None:
    """R364: no order is left out (不采取抽查方式), and none is asked about twice."""
    survey = SurveyRow(
        id=work.new_id(),
        order_id=order.id,
        technician_id=event.technician_id,
        state=SurveyState.PLANNED,
        send_at=desk.policy.send_at(event.signed_off_at),
        policy_version=desk.policy_version,
    )
    work.session.add(survey)
    await work.session.flush()
    work.set_deadline(_key(survey), kind=SURVEY_DEADLINE, due=survey.send_at, data={"survey_id": str(survey.id)})


def unplan(work: UnitOfWork, *, survey: SurveyRow) -> None:
    """Nothing more happens to it by itself."""
    work.cancel_deadline(_key(survey))


async def carry_on_survey(work: UnitOfWork, *, survey_id: UUID, desk: Desk) -> None:
    """Its time has come: it is sent, or it is over once it was sent and nobody answered."""
    seen = await surveys.find(work.session, survey_id=survey_id)
    order = await orders.lock(work.session, order_id=seen.order_id)
    survey = await surveys.find(work.session, survey_id=survey_id)
    if survey.state == SurveyState.PLANNED and survey.send_at <= work.now:
        _send(work, survey=survey, order=order, desk=desk)
    elif survey.state == SurveyState.SENT and survey.expires_at is not None and survey.expires_at <= work.now:
        survey.state = advance(SurveyState.SENT, step=SurveyStep.EXPIRE)
        survey.version += 1
        work.publish(
            SurveyExpired(
                survey_id=survey.id, case_id=order.case_id, work_order_id=order.id, expired_at=survey.expires_at
            )
        )


def _send(work: UnitOfWork, *, survey: SurveyRow, order: OrderRow, desk: Desk) -> None:
    """Whoever sends messages sends it: the link stands in the event, and nowhere in feedback."""
    survey.state = advance(SurveyState.PLANNED, step=SurveyStep.SEND)
    survey.requested_at = work.now
    survey.expires_at = (work.now + desk.policy.surveys.valid_for).replace(microsecond=0)  # as the link counts
    survey.version += 1
    work.set_deadline(_key(survey), kind=SURVEY_DEADLINE, due=survey.expires_at, data={"survey_id": str(survey.id)})
    work.publish(
        SurveyRequested(
            survey_id=survey.id,
            case_id=order.case_id,
            work_order_id=order.id,
            customer_id=order.customer_id,
            customer_label=order.customer_label or "",
            link=desk.link(survey.id, expires_at=survey.expires_at),
            requested_at=work.now,
            expires_at=survey.expires_at,
        )
    )


def _key(survey: SurveyRow) -> str:
    return f"survey/{survey.id}"
