"""Surveys (客户意见调查卡), what was ticked and written, and who is not satisfied."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from feedback.domain.surveys import SurveyState
from feedback.queries import dissatisfactions, surveys
from feedback.queries.surveys import SurveysAsked
from feedback.routes.given import DeskGiven, Month, first_day
from feedback.schemas.revisits import WordsView
from feedback.schemas.surveys import CodesView, DissatisfactionView, SurveyView
from feedback.use_cases.read_words import read_comment
from shared.http.calls import Call, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="surveys")

type Reading = Annotated[Call, reading("surveys:read")]


@router.get("/surveys")
async def get_surveys(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[SurveyState] | None, Query(max_length=10)] = None,
    work_order_id: UUID | None = None,
    case_id: UUID | None = None,
    technician_id: UUID | None = None,
    month: Month = None,
) -> Page[SurveyView]:
    """Those that are sent last in front."""
    async with call.work() as work:
        wanted = SurveysAsked(
            states=frozenset(state or ()),
            order_id=work_order_id,
            case_id=case_id,
            technician_id=technician_id,
            month=None if month is None else first_day(month),
        )
        rows = await surveys.listed(work.session, asked=wanted, page=asked)
        scores = await surveys.scores_of(work.session, survey_ids=[row.survey.id for row in rows])
        return page_of(
            rows,
            asked=asked,
            view=lambda row: SurveyView.of(row, scores=scores[row.survey.id]),
            place=lambda row: Place(at=row.survey.send_at, id=row.survey.id),
        )


@router.get("/surveys/{survey_id}", response_model=SurveyView, responses=problem_responses(404))
async def get_survey(survey_id: UUID, call: Reading) -> Response:
    """One survey."""
    async with call.work() as work:
        row = await surveys.look_at(work.session, survey_id=survey_id)
        scores = await surveys.scores_of(work.session, survey_ids=[survey_id])
        return shown(SurveyView.of(row, scores=scores[survey_id]), version=row.survey.version)


@router.get("/surveys/{survey_id}/comment", response_model=WordsView, responses=problem_responses(404))
async def get_comment(survey_id: UUID, call: Annotated[Call, reading("words:read")], desk: DeskGiven) -> Response:
    """What the customer wrote, for a stated purpose; who asked stands in the audit log."""
    async with call.work() as work:
        text = await read_comment(work, survey_id=survey_id, purpose=call.purpose, desk=desk)
        answer = await call.commit(work, WordsView(text=text))
        answer.headers["Cache-Control"] = "no-store"
        return answer


@router.get("/dissatisfactions")
async def get_dissatisfactions(
    *, asked: Asked, call: Reading, case_id: UUID | None = None, technician_id: UUID | None = None
) -> Page[DissatisfactionView]:
    """Customers who are not satisfied (R158), the newest first."""
    async with call.work() as work:
        rows = await dissatisfactions.listed(work.session, case_id=case_id, technician_id=technician_id, page=asked)
        return page_of(
            rows,
            asked=asked,
            view=DissatisfactionView.of,
            place=lambda row: Place(at=row.dissatisfaction.raised_at, id=row.dissatisfaction.id),
        )


@router.get("/codes")
async def get_codes(call: Reading, desk: DeskGiven) -> CodesView:
    """What surveys ask and what words may be read for, in both languages."""
    del call
    return CodesView.of(desk.policy)
