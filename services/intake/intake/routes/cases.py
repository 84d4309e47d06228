"""Repair cases: register, look at, contact, hand over, hold, cancel."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime
from starlette.responses import Response

from intake.domain.case import CaseState
from intake.queries import cases, story
from intake.queries.lists import CaseFilter, clocks_of, list_cases
from intake.routes.desk import Desk
from intake.schemas.cases import Cancellation, CaseLine, CaseView, NewCase, NewHold, TimedCaseView
from intake.schemas.staff import NewOwner
from intake.schemas.story import HappeningView, Timeline
from intake.use_cases.cancel_case import cancel_case
from intake.use_cases.contact_customer import contact_customer
from intake.use_cases.hand_over_case import hand_over_case
from intake.use_cases.hold_case import hold_case, release_case
from intake.use_cases.register_case import register_case
from shared.contracts.facts import Urgency, WarrantyStatus
from shared.http.calls import Call, adding, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/cases", tag="cases")
CHANGE = problem_responses(404, 409, 412, 428)

type Changing = Annotated[Call, changing("cases:write")]


@router.post("", status_code=201, response_model=CaseView, responses=problem_responses(404, 409, 410, 428))
async def post_case(body: NewCase, call: Annotated[Call, creating("cases:write")], office: Desk) -> Response:
    """Register a repair (登记报修). Several cases may be registered on one call: a caller may report several units."""
    async with call.work() as work:
        rows = await register_case(work, form=body.to_form(), office=office)
        view = CaseView.whole(rows, office=office)
        return await call.commit(work, view, status=201, version=view.version, location=f"/v1/cases/{view.id}")


@router.get("")
async def get_cases(
    *,
    asked: Asked,
    call: Annotated[Call, reading("cases:read")],
    state: Annotated[list[CaseState] | None, Query(max_length=8)] = None,
    district: Annotated[list[str] | None, Query(max_length=20)] = None,
    owner: Annotated[str | None, Query(max_length=200, description="`me` for the caller's own")] = None,
    number: Annotated[str | None, Query(max_length=20, description="the short number")] = None,
    call_id: UUID | None = None,
    customer_id: UUID | None = None,
    unit_id: UUID | None = None,
    urgency: Urgency | None = None,
    warranty: WarrantyStatus | None = None,
    since: Annotated[AwareDatetime | None, Query(description="registered then or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="registered before")] = None,
    overdue: Annotated[Literal["response"] | None, Query(description="whose clock of this name is overdue")] = None,
) -> Page[CaseLine]:
    """Newest first: my cases, those that wait for a quote, consent, approval or closure, those that are overdue."""
    if district is None:
        district = []
    if state is None:
        state = []
    async with call.work() as work:
        wanted = CaseFilter(
            states=state,
            districts=district,
            owner_id=call.principal.actor.id if owner == "me" else owner,
            number=number,
            call_id=call_id,
            customer_id=customer_id,
            unit_id=unit_id,
            urgency=urgency,
            warranty=warranty,
            since=since,
            until=until,
            overdue_at=None if overdue is None else work.now,
        )
        rows = await list_cases(work.session, wanted=wanted, asked=asked)
        return page_of(rows, asked=asked, view=CaseLine.of, place=lambda row: Place(at=row.opened_at, id=row.id))


@router.get("/{case_id}", response_model=TimedCaseView, responses=problem_responses(404))
async def get_case(case_id: UUID, call: Annotated[Call, reading("cases:read")], office: Desk) -> Response:
    """A case with its quotes, approvals, holds and clocks, and the steps that are possible now."""
    async with call.work() as work:
        view = CaseView.whole(await cases.load(work.session, case_id=case_id), office=office)
        clocks = await clocks_of(work.session, case_id=case_id)
        return shown(TimedCaseView.timed(view, clocks=clocks), version=view.version)


@router.get("/{case_id}/timeline", responses=problem_responses(404))
async def get_timeline(case_id: UUID, call: Annotated[Call, reading("cases:read")], office: Desk) -> Timeline:
    """The whole story of the case across services, in the order in which it happened."""
    async with call.work() as work:
        case = (await cases.load(work.session, case_id=case_id)).case
        happened = await story.story_of(work.session, case_id=case_id)
        told = [HappeningView.of(row, policy=office.policy) for row in happened]
        return Timeline(case_id=case.id, number=case.number, state=case.state, happenings=told)


@router.post("/{case_id}/contact", response_model=CaseView, responses=CHANGE)
async def post_contact(case_id: UUID, call: Changing, office: Desk) -> Response:
    """The customer was called back and the repair confirmed with him (R066); stops the response clock."""
    async with call.work() as work:
        rows = await contact_customer(work, case_id=case_id, version=call.expected_version, office=office)
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)


@router.post("/{case_id}/owner", response_model=CaseView, responses=CHANGE)
async def post_owner(case_id: UUID, body: NewOwner, call: Changing, office: Desk) -> Response:
    """Somebody else becomes responsible (R046): an active member of the staff."""
    async with call.work() as work:
        rows = await hand_over_case(
            work, case_id=case_id, version=call.expected_version, owner_id=body.owner_id, office=office
        )
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)


@router.post("/{case_id}/holds", status_code=201, response_model=CaseView, responses=CHANGE)
async def post_hold(
    case_id: UUID, body: NewHold, call: Annotated[Call, adding("cases:write")], office: Desk
) -> Response:
    """The case waits for somebody outside; clocks that pause for the reason stop counting."""
    async with call.work() as work:
        rows, _ = await hold_case(
            work, case_id=case_id, version=call.expected_version, reason=body.reason, office=office
        )
        return await call.commit(work, CaseView.whole(rows, office=office), status=201, version=rows.case.version)


@router.post("/{case_id}/holds/{hold_id}/release", response_model=CaseView, responses=CHANGE)
async def post_release(case_id: UUID, hold_id: UUID, call: Changing, office: Desk) -> Response:
    """The wait is over."""
    async with call.work() as work:
        rows = await release_case(work, case_id=case_id, version=call.expected_version, hold_id=hold_id, office=office)
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)


@router.post("/{case_id}/cancellation", response_model=CaseView, responses=CHANGE)
async def post_cancellation(case_id: UUID, body: Cancellation, call: Changing, office: Desk) -> Response:
    """Call the case off; dispatch stops wherever it is."""
    async with call.work() as work:
        rows = await cancel_case(
            work, case_id=case_id, version=call.expected_version, reason=body.reason, office=office
        )
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)
