"""Quotes and the approvals of waived fees."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from intake.queries import cases
from intake.queries.lists import list_approvals
from intake.routes.desk import Desk
from intake.schemas.cases import CaseView
from intake.schemas.quotes import ApprovalView, ApproverDecision, Consent, NewQuote
from intake.use_cases.answer_quote import accept_quote, refuse_quote
from intake.use_cases.decide_approval import decide_approval
from intake.use_cases.offer_quote import offer_quote
from shared.http.calls import Call, adding, changing, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="quotes and approvals")
CHANGE = problem_responses(404, 409, 412, 428)

type Quoting = Annotated[Call, changing("quotes:write")]
type ApprovalStateName = Literal["pending", "approved", "rejected", "withdrawn"]


@router.post("/cases/{case_id}/quotes", status_code=201, response_model=CaseView, responses=CHANGE)
async def post_quote(
    case_id: UUID, body: NewQuote, call: Annotated[Call, adding("quotes:write")], office: Desk
) -> Response:
    """Put solution and fee to the customer (R187). A quote that still waits for an answer is superseded."""
    async with call.work() as work:
        rows, _ = await offer_quote(
            work, case_id=case_id, version=call.expected_version, form=body.to_form(), office=office
        )
        return await call.commit(work, CaseView.whole(rows, office=office), status=201, version=rows.case.version)


@router.post("/cases/{case_id}/quotes/{quote_id}/acceptance", response_model=CaseView, responses=CHANGE)
async def post_acceptance(case_id: UUID, quote_id: UUID, body: Consent, call: Quoting, office: Desk) -> Response:
    """The customer or the property company consented (R186): the case is cleared."""
    async with call.work() as work:
        rows = await accept_quote(
            work, case_id=case_id, version=call.expected_version, quote_id=quote_id, by=body.by, office=office
        )
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)


@router.post("/cases/{case_id}/quotes/{quote_id}/refusal", response_model=CaseView, responses=CHANGE)
async def post_refusal(case_id: UUID, quote_id: UUID, body: Consent, call: Quoting, office: Desk) -> Response:
    """The fee was refused (R209): a waiver is asked of the role that the amount calls for (R189)."""
    async with call.work() as work:
        rows = await refuse_quote(
            work, case_id=case_id, version=call.expected_version, quote_id=quote_id, by=body.by, office=office
        )
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)


@router.get("/approvals")
async def get_approvals(
    asked: Asked,
    call: Annotated[Call, reading("cases:read")],
    role: Annotated[str | None, Query(max_length=60, description="`me` for the caller's role")] = None,
    state: Annotated[list[ApprovalStateName] | None, Query(max_length=4)] = None,
) -> Page[ApprovalView]:
    """Newest first: what waits for whose decision."""
    if state is None:
        state = []
    wanted = call.principal.actor.role if role == "me" else role
    async with call.work() as work:
        rows = await list_approvals(work.session, role=wanted, states=state, asked=asked)
        return page_of(rows, asked=asked, view=ApprovalView.of, place=lambda row: Place(at=row.requested_at, id=row.id))


@router.get("/approvals/{approval_id}", response_model=ApprovalView, responses=problem_responses(404))
async def get_approval(approval_id: UUID, call: Annotated[Call, reading("cases:read")]) -> Response:
    """One approval; its ETag is the version of its case."""
    async with call.work() as work:
        approval = await cases.find_approval(work.session, approval_id=approval_id)
        case = (await cases.load(work.session, case_id=approval.case_id)).case
        return shown(ApprovalView.of(approval), version=case.version)


@router.post("/approvals/{approval_id}/decision", response_model=CaseView, responses=CHANGE)
async def post_decision(
    approval_id: UUID, body: ApproverDecision, call: Annotated[Call, changing("approvals:decide")], office: Desk
) -> Response:
    """Approve or reject a waiver (R189). Any role but the named one is refused with 403. If-Match is the case's."""
    async with call.work() as work:
        rows = await decide_approval(
            work,
            approval_id=approval_id,
            version=call.expected_version,
            decision=body.decision,
            office=office,
        )
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)
