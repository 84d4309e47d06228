"""The customer opens his survey and sends it back, once (R366)."""

from collections.abc import Mapping
from dataclasses import dataclass

from feedback.desk import COMMENT, Desk
from feedback.domain.answers import Card, read_card
from feedback.domain.links import LinkUnknown, SurveyCounted, SurveyOver
from feedback.domain.scoring import bad_questions, is_dissatisfied
from feedback.domain.surveys import SurveyState, SurveyStep, advance
from feedback.policy import Language
from feedback.queries import orders, surveys
from feedback.queries.surveys import Asked
from feedback.tables import ERASED, OrderRow, ScoreRow, SurveyRow
from feedback.use_cases.plan_survey import unplan
from feedback.use_cases.raise_dissatisfaction import raise_dissatisfaction
from shared.contracts.feedback import SurveyAnswered
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Unknown
from shared.security.links import LinkExpired, LinkForged


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCard:
    """What came back, and about which order."""

    card: Card
    order_number: str


async def open_survey(work: UnitOfWork, *, token: str, desk: Desk) -> Asked:
    """The survey and its order, if it can be answered now. Raises LinkUnknown, SurveyCounted, SurveyOver."""
    try:
        survey_id = desk.links.read(token, now=work.now)
        asked = await surveys.look_at(work.session, survey_id=survey_id)
    except (LinkForged, Unknown):
        raise LinkUnknown from None
    except LinkExpired:
        raise SurveyOver from None
    _require_open(asked.survey)
    return asked


async def answer_survey(
    work: UnitOfWork, *, token: str, form: Mapping[str, str], language: Language, desk: Desk
) -> ReadCard:
    """The card as it was read; where it does not count, nothing is stored.

    Raises LinkUnknown, SurveyCounted, SurveyOver.
    """
    seen = await open_survey(work, token=token, desk=desk)
    terms = desk.policy.surveys
    card = read_card(form, questions=terms.questions, longest_comment=terms.longest_comment)
    read = ReadCard(card=card, order_number=seen.order.number)
    if not card.counts:
        return read
    order, survey = await _lock(work, asked=seen)
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
    return read


async def _lock(work: UnitOfWork, *, asked: Asked) -> tuple[OrderRow, SurveyRow]:
    """The survey to be changed; whoever erases its customer waits until what is stored now can be destroyed."""
    await is_erased(work, customer_id=asked.order.customer_id, table=ERASED)
    order = await orders.lock(work.session, order_id=asked.order.id)
    return order, await surveys.find(work.session, survey_id=asked.survey.id)


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
