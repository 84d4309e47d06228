"""The page behind the link in a message: GET shows, POST acknowledges.

Mail scanners follow links, so GET changes nothing.
"""

from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import HTMLResponse

from notifier.desk import Desk
from notifier.domain.forms import Language
from notifier.mail.page import Page
from notifier.routes.given import DeskGiven
from notifier.use_cases.acknowledge_escalation import acknowledge_by_link
from notifier.use_cases.open_link import ANSWERABLE, Link, LinkState, open_link
from shared.actor import Actor
from shared.http.edge import edge_of
from shared.http.outages import database_problem
from shared.http.routing import router_under
from shared.messaging.unit_of_work import Cause, Works

router = router_under("/acknowledge", tag="the page behind the link")

SHOWS: dict[int | str, dict[str, object]] = {
    404: {"content": {"text/html": {}}, "description": "the link is not ours"},
    503: {"content": {"text/html": {}}, "description": "nothing is changed; try again in a moment"},
    410: {"content": {"text/html": {}}, "description": "the link has expired, or what it was about is over"},
}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""The address is a secret: it is kept nowhere, sent nowhere, and found nowhere."""

STATUS = {
    LinkState.OPEN: 200,
    LinkState.EXHAUSTED: 200,
    LinkState.DONE: 200,
    LinkState.OVER: 410,
    LinkState.EXPIRED: 410,
}
NOBODY = Actor(kind="system", id="notifier", role="page")

type Lang = Annotated[
    str | None, Query(description="`zh-CN` or `en`; else the language of whose link it is, or Chinese")
]


async def page_of(request: Request) -> Page:
    """The page that `app.py` put there."""
    page = request.app.state.page
    if not isinstance(page, Page):
        raise TypeError("the application was made without a page")
    return page


type PageGiven = Annotated[Page, Depends(page_of)]


@router.get("/{token}", response_class=HTMLResponse, responses=SHOWS)
async def get_page(
    *, token: str, request: Request, desk: DeskGiven, page: PageGiven, lang: Lang = None
) -> HTMLResponse:
    """What it is about, and a button; or what became of it."""
    try:
        async with edge_of(request).works.begin(Cause(actor=NOBODY)) as work:
            return _shown(page, await open_link(work, token=token, desk=desk), lang=lang)
    except (SQLAlchemyError, OSError) as error:
        return _unavailable(page, error, lang=lang)


@router.post("/{token}", response_class=HTMLResponse, responses=SHOWS)
async def post_page(
    *, token: str, request: Request, desk: DeskGiven, page: PageGiven, lang: Lang = None
) -> HTMLResponse:
    """I take it on (R429). Pressed twice, or by two people, it is done once."""
    try:
        return _shown(page, await _pressed(edge_of(request).works, token=token, desk=desk), lang=lang)
    except (SQLAlchemyError, OSError) as error:
        return _unavailable(page, error, lang=lang)


async def _pressed(works: Works, *, token: str, desk: Desk) -> Link | None:
    async with works.begin(Cause(actor=NOBODY)) as work:
        link = await open_link(work, token=token, desk=desk)
    if link is None or link.state not in ANSWERABLE:
        return link
    holder = Actor(kind="person", id=link.holder.staff_number, role=link.holder.role)
    async with works.begin(Cause(actor=holder)) as work:
        await acknowledge_by_link(
            work,
            escalation_id=link.escalation.id,
            staff_number=link.holder.staff_number,
            level=link.message.level or 1,
            desk=desk,
        )
        link = await open_link(work, token=token, desk=desk)
        await work.commit()
        return link


def _language_of(lang: str | None) -> Language | None:
    return Language(lang) if lang in set(Language) else None


def _unavailable(page: Page, error: SQLAlchemyError | OSError, *, lang: str | None) -> HTMLResponse:
    """Whoever presses a button reads a page also when the database is away. Raises what is no outage."""
    if database_problem(error) is None:
        raise error
    text = page.unavailable(language=_language_of(lang) or Language.CHINESE)
    return HTMLResponse(text, status_code=503, headers=HEADERS | {"Retry-After": "5"})


def _shown(page: Page, link: Link | None, *, lang: str | None) -> HTMLResponse:
    language = _language_of(lang) or (link.language if link else Language.CHINESE)
    return HTMLResponse(
        page.of(link, language=language), status_code=STATUS[link.state] if link else 404, headers=HEADERS
    )
