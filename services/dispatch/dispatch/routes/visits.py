"""Visits: look at them, move them; a technician's day."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime
from starlette.responses import Response

from dispatch.domain.offers import OfferState
from dispatch.domain.visits import VisitState
from dispatch.queries import visits, work_orders
from dispatch.queries.visits import VisitsAsked
from dispatch.routes.given import DeskGiven
from dispatch.schemas.work_orders import Day, MovedWindow, VisitView
from dispatch.use_cases.agree_visit import reschedule_visit
from shared.http.calls import Call, changing, reading, shown
from shared.http.paging import Asked, Page, PageAsked, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="visits")
WHOLE_DAY = PageAsked(limit=200, after=None)

type Reading = Annotated[Call, reading("work_orders:read")]


@router.get("/visits")
async def get_visits(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[VisitState] | None, Query(max_length=20)] = None,
    technician_id: UUID | None = None,
    technician: Annotated[str | None, Query(max_length=40, description="staff number, or `me`")] = None,
    work_order_id: UUID | None = None,
    since: Annotated[AwareDatetime | None, Query(description="windows that end later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="windows that start before")] = None,
) -> Page[VisitView]:
    """The latest window first."""
    async with call.work() as work:
        wanted = VisitsAsked(
            states=frozenset(state or ()),
            technician_id=technician_id,
            staff_number=call.principal.actor.id if technician == "me" else technician,
            order_id=work_order_id,
            since=since,
            until=until,
        )
        rows = await visits.listed(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=VisitView.of, place=lambda row: Place(at=row.starts_at, id=row.id))


@router.get("/my-day")
async def get_day(
    call: Reading,
    desk: DeskGiven,
    day: Annotated[date | None, Query(description="a local date; today where nothing is said")] = None,
    technician: Annotated[str, Query(max_length=40, description="staff number, or `me`")] = "me",
) -> Day:
    """A technician's day: his visits in order with their orders, and the offers that wait for his answer."""
    staff_number = call.principal.actor.id if technician == "me" else technician
    async with call.work() as work:
        on = day or desk.today(work.now)
        opens = datetime.combine(on, time(), desk.policy.company.time_zone).astimezone(UTC)
        wanted = VisitsAsked(
            states=frozenset(VisitState) - {VisitState.RELEASED},
            staff_number=staff_number,
            since=opens,
            until=opens + timedelta(days=1),
        )
        found = (await visits.listed(work.session, asked=wanted, page=WHOLE_DAY))[::-1]
        orders = await work_orders.by_ids(work.session, order_ids=[visit.work_order_id for visit in found])
        asked = await work_orders.offers(
            work.session, state=OfferState.PENDING, staff_number=staff_number, order_id=None, page=WHOLE_DAY
        )
        return Day.of(found, day=on, staff_number=staff_number, orders=orders, offers=asked)


@router.get("/visits/{visit_id}", response_model=VisitView, responses=problem_responses(404))
async def get_visit(visit_id: UUID, call: Reading) -> Response:
    """One visit."""
    async with call.work() as work:
        row = await visits.find(work.session, visit_id=visit_id)
        return shown(VisitView.of(row), version=row.version)


@router.post("/visits/{visit_id}/reschedule", response_model=VisitView, responses=problem_responses(404, 409, 412, 428))
async def post_reschedule(
    visit_id: UUID, body: MovedWindow, call: Annotated[Call, changing("visits:write")], desk: DeskGiven
) -> Response:
    """Another window, agreed again (R251)."""
    async with call.work() as work:
        row = await reschedule_visit(
            work,
            visit_id=visit_id,
            version=call.expected_version,
            window=body.window(),
            agreed_at=body.agreed_at,
            reason=body.reason,
            desk=desk,
        )
        return await call.commit(work, VisitView.of(row), version=row.version)
