"""Revisits (回访): whom to call today, who is overdue, and what became of the call."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from feedback.desk import Desk
from feedback.domain.revisits import Outcome, RevisitState
from feedback.queries import revisits
from feedback.queries.revisits import RevisitsAsked
from feedback.routes.given import DeskGiven
from feedback.schemas.revisits import Attempt, Completion, RevisitView, RevisitWithAttempts, WordsView
from feedback.use_cases.call_customer import complete_revisit, miss_customer
from feedback.use_cases.read_words import read_notes
from shared.http.calls import Call, acting, adding, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import UnitOfWork

router = router_under("/v1/revisits", tag="revisits")

type Reading = Annotated[Call, reading("revisits:read")]
type Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]


@router.get("")
async def get_revisits(
    *,
    asked: Asked,
    call: Reading,
    desk: DeskGiven,
    state: Annotated[list[RevisitState] | None, Query(max_length=10)] = None,
    overdue: Annotated[bool, Query(description="only those whom nobody has called in time")] = False,
    day: Annotated[Day | None, Query(description="a local date; those who are to be called on it")] = None,
    work_order_id: UUID | None = None,
    case_id: UUID | None = None,
    technician_id: UUID | None = None,
    outcome: Outcome | None = None,
) -> Page[RevisitView]:
    """Those that are due last in front: `state=due` is whom to call now, `day` a day's calls."""
    async with call.work() as work:
        since, until = _span(day, desk=desk)
        wanted = RevisitsAsked(
            states=frozenset(state or ()),
            order_id=work_order_id,
            case_id=case_id,
            technician_id=technician_id,
            outcome=outcome,
            since=since,
            until=until,
            overdue_at=work.now if overdue else None,
        )
        rows = await revisits.listed(work.session, asked=wanted, page=asked)
        return page_of(
            rows, asked=asked, view=RevisitView.of, place=lambda row: Place(at=row.revisit.due_at, id=row.revisit.id)
        )


@router.get("/{revisit_id}", response_model=RevisitWithAttempts, responses=problem_responses(404))
async def get_revisit(revisit_id: UUID, call: Reading) -> Response:
    """One revisit with the calls that nobody answered."""
    async with call.work() as work:
        view = await _view(work, revisit_id=revisit_id)
        return shown(view, version=view.version)


@router.post(
    "/{revisit_id}/attempts",
    status_code=201,
    response_model=RevisitWithAttempts,
    responses=problem_responses(404, 409, 412, 428),
)
async def post_attempt(
    revisit_id: UUID, body: Attempt, call: Annotated[Call, adding("revisits:write")], desk: DeskGiven
) -> Response:
    """Nobody answered: the customer is called again, or given up after the last attempt.

    409 before he is to be called, or called again: one call counts once, whoever notes it.
    """
    del body
    async with call.work() as work:
        await miss_customer(work, revisit_id=revisit_id, version=call.expected_version, desk=desk)
        await work.session.flush()
        view = await _view(work, revisit_id=revisit_id)
        return await call.commit(work, view, status=201, version=view.version)


@router.post("/{revisit_id}/completion", response_model=RevisitWithAttempts, responses=problem_responses(404, 409, 412))
async def post_completion(
    revisit_id: UUID, body: Completion, call: Annotated[Call, acting("revisits:write")], desk: DeskGiven
) -> Response:
    """He was reached, and is satisfied or not (R358)."""
    async with call.work() as work:
        outcome = Outcome(body.outcome)
        await complete_revisit(
            work, revisit_id=revisit_id, version=call.expected_version, outcome=outcome, notes=body.notes, desk=desk
        )
        await work.session.flush()
        view = await _view(work, revisit_id=revisit_id)
        return await call.commit(work, view, version=view.version)


@router.get("/{revisit_id}/notes", response_model=WordsView, responses=problem_responses(404))
async def get_notes(revisit_id: UUID, call: Annotated[Call, reading("words:read")], desk: DeskGiven) -> Response:
    """What the customer said, for a stated purpose; who asked stands in the audit log."""
    async with call.work() as work:
        text = await read_notes(work, revisit_id=revisit_id, purpose=call.purpose, desk=desk)
        answer = await call.commit(work, WordsView(text=text))
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _span(day: date | None, *, desk: Desk) -> tuple[datetime | None, datetime | None]:
    """From when until when a local date lasts; no ends where no day is named."""
    if day is None:
        return None, None
    ends = (datetime.combine(on, time(), desk.policy.company.time_zone) for on in (day, day + timedelta(days=1)))
    opens, closes = (end.astimezone(UTC) for end in ends)
    return opens, closes


async def _view(work: UnitOfWork, *, revisit_id: UUID) -> RevisitWithAttempts:
    call = await revisits.look_at(work.session, revisit_id=revisit_id)
    return RevisitWithAttempts.whole(call, attempts=await revisits.attempts_of(work.session, revisit_id=revisit_id))
