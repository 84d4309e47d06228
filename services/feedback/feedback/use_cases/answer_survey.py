"""The customer opens his survey and sends it back, once (R366)."""

from collections.abc import Mapping
from uuid import UUID

from feedback.desk import COMMENT, Desk
from feedback.domain.answers import Card, read_card
from feedback.domain.links import LinkUnknown, SurveyCounted, SurveyOver
from feedback.domain.scoring import bad_questions, is_dissatisfied
from feedback.domain.surveys import SurveyState, SurveyStep, advance
from feedback.policy import Language
from feedback.queries import orders, surveys
from feedback.tables import ERASED, OrderRow, ScoreRow, SurveyRow
from feedback.use_cases.plan_survey import unplan
from feedback.use_cases.raise_dissatisfaction import raise_dissatisfaction
from shared.contracts.feedback import SurveyAnswered
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Unknown
from shared.security.links import LinkExpired, LinkForged


async def open_survey(work: UnitOfWork, *, token: str, desk: Desk) -> SurveyRow:
    """The survey, if it can be answered now. Raises LinkUnknown, SurveyCounted, SurveyOver."""
    try:
        survey_id = desk.links.read(token, now=work.now)
        survey = await surveys.find(work.session, survey_id=survey_id)
    except (LinkForged, Unknown):
        raise LinkUnknown from None
    except LinkExpired:
        raise SurveyOver from None
    _require_open(survey)
    return survey


async def answer_survey(
    work: UnitOfWork, *, token: str, form: Mapping[str, str], language: Language, desk: Desk
) -> Card:
    """The card as it was read; where it does not count, nothing is stored.

    Raises LinkUnknown, SurveyCounted, SurveyOver.
    """
    seen = await open_survey(work, token=token, desk=desk)
    terms = desk.policy.surveys
    card = read_card(form, questions=terms.questions, longest_comment=terms.longest_comment)
    if not card.counts:
        return card
    order, survey = await _lock(work, survey_id=seen.id, order_id=seen.order_id)
    _require_open(survey)
    survey.state = advance(SurveyState(survey.state), step=SurveyStep.ANSWER)
    survey.answered_at, survey.month, survey.language = work.now, desk.policy.month(work.now), language
    survey.comment = desk.seal(card.comment, place=COMMENT, row=survey.id) if card.comment else None
    survey.version += 1
    work.session.add_all(
        ScoreRow(survey_id=survey.id, question=score.question, degree=score.degree) for score in card.scores
    )
    unplan(work, survey=survey)
    work.publish(
        SurveyAnswered(
            survey_id=survey.id,
            case_id=order.case_id,
            work_order_id=order.id,
            technician_id=survey.technician_id,
            scores=card.scores,
            answered_at=work.now,
        )
    )
    await _mind(work, order=order, survey=survey, card=card, desk=desk)
    return card


async def _lock(work: UnitOfWork, *, survey_id: UUID, order_id: UUID) -> tuple[OrderRow, SurveyRow]:
    """The survey to be changed; whoever erases its customer waits until what is stored now can be destroyed."""
    customer_id = await orders.customer_of(work.session, order_id=order_id)
    await is_erased(work, customer_id=customer_id, table=ERASED)
    order = await orders.lock(work.session, order_id=order_id)
    return order, await surveys.find(work.session, survey_id=survey_id)


async def _mind(work: UnitOfWork, *, order: OrderRow, survey: SurveyRow, card: Card, desk: Desk) -> None:
    """R158: a bad card is looked after."""
    threshold = desk.policy.dissatisfaction.threshold
    if is_dissatisfied(card.scores, threshold=threshold):
        await raise_dissatisfaction(
            work,
            order=order,
            source="survey",
            source_id=survey.id,
            questions=bad_questions(card.scores, degree=threshold.degree),
            desk=desk,
        )


def _require_open(survey: SurveyRow) -> None:
    match SurveyState(survey.state):
        case SurveyState.SENT:
            return
        case SurveyState.ANSWERED:
            raise SurveyCounted
        case _:
            raise SurveyOver
