"""The page on which a customer answers. No token of a person: whoever holds the link may tick, once."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from feedback.page.languages import language_of
from feedback.page.rendering import EMPTY, NOTES, Note, SurveyPage
from feedback.policy import Language
from feedback.routes.given import DeskGiven
from feedback.use_cases.answer_survey import answer_survey, open_survey
from shared.actor import Actor
from shared.http.bodies import raw_body
from shared.http.edge import edge_of
from shared.http.outages import database_problem
from shared.http.routing import router_under
from shared.messaging.unit_of_work import Cause, UnitOfWork

router = router_under("/survey", tag="survey page")

CUSTOMER = Cause(actor=Actor(kind="source", id="survey_page", role="customer"))
HTML = {"text/html": {"schema": {"type": "string"}}}
FORM = {
    "requestBody": {
        "description": "one field for each question, and `comment`",
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "additionalProperties": {"type": "string"}}
            }
        },
    }
}
GONE: dict[int | str, dict[str, object]] = {
    404: {"content": HTML, "description": "a page: nobody was sent this link"},
    410: {"content": HTML, "description": "a page: it was answered before, or its time is over"},
    503: {"content": HTML, "description": "a page: not stored, try again in a moment"},
}
REFUSED: dict[int | str, dict[str, object]] = GONE | {
    409: {"content": HTML, "description": "a page: it was answered before and is counted"},
    422: {"content": HTML, "description": "the page with what was entered and what is wrong with it"},
}

type Lang = Annotated[str | None, Query(description="`zh-CN` or `en`; else as the browser asks")]


async def page_of(request: Request) -> SurveyPage:
    """The page that `app.py` put there."""
    page = request.app.state.survey_page
    if not isinstance(page, SurveyPage):
        raise TypeError("the application was made without a survey page")
    return page


async def reader_of(request: Request, desk: DeskGiven, lang: Lang = None) -> Language:
    """The language of whoever reads."""
    accepted = request.headers.get("accept-language", "")
    return language_of(lang, accepted=accepted, default=desk.policy.page.default_language)


type PageGiven = Annotated[SurveyPage, Depends(page_of)]
type Reader = Annotated[Language, Depends(reader_of)]


@router.get("/{token}", response_class=HTMLResponse, responses=GONE)
async def get_card(token: str, request: Request, page: PageGiven, reader: Reader, desk: DeskGiven) -> Response:
    """The card to be filled in."""

    async def shown(work: UnitOfWork) -> Response:
        asked = await open_survey(work, token=token, desk=desk)
        return page.form(EMPTY, order_number=asked.order.number, language=reader)

    return await _answered(request, shown, page=page, reader=reader)


@router.post("/{token}", response_class=HTMLResponse, responses=REFUSED, openapi_extra=FORM)
async def post_card(token: str, request: Request, page: PageGiven, reader: Reader, desk: DeskGiven) -> Response:
    """The card as it was filled in: counted once, or shown again with what is missing."""
    form = dict(parse_qsl(raw_body(request).decode("utf-8", "replace")))

    async def counted(work: UnitOfWork) -> Response:
        read = await answer_survey(work, token=token, form=form, language=reader, desk=desk)
        if not read.card.counts:
            status = 422 if read.card.faults else 200
            return page.form(read.card, order_number=read.order_number, language=reader, status=status)
        await work.commit()
        return page.note(Note.THANKS, language=reader, status=200)

    return await _answered(request, counted, page=page, reader=reader)


async def _answered(
    request: Request, act: Callable[[UnitOfWork], Awaitable[Response]], *, page: SurveyPage, reader: Language
) -> Response:
    """What `act` answers in a transaction; a customer reads a page also where there is nothing to fill in."""
    try:
        async with edge_of(request).works.begin(CUSTOMER) as work:
            return await act(work)
    except tuple(NOTES) as refused:
        note = NOTES[type(refused)]
        status = {Note.FORGED: 404, Note.COUNTED: 409 if request.method == "POST" else 410}.get(note, 410)
        return page.note(note, language=reader, status=status)
    except (SQLAlchemyError, OSError) as error:
        if database_problem(error) is None:
            raise
        answer = page.note(Note.UNAVAILABLE, language=reader, status=503)
        answer.headers["Retry-After"] = "5"
        return answer
