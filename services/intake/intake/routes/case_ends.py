"""The end of a repair case: solved by phone, closed, opened again, another visit."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from intake.routes.desk import Desk
from intake.schemas.cases import CaseView, Reopening, Resolution
from intake.use_cases.end_case import close_case, reopen_case, resolve_case, visit_again
from shared.http.calls import Call, changing
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/cases/{case_id}", tag="cases")
CHANGE = problem_responses(404, 409, 412, 428)

type Changing = Annotated[Call, changing("cases:write")]


@router.post("/resolution", response_model=CaseView, responses=CHANGE)
async def post_resolution(case_id: UUID, body: Resolution, call: Changing, office: Desk) -> Response:
    """The problem is solved without a visit, for instance by phone; what a technician repairs is resolved by itself."""
    async with call.work() as work:
        rows = await resolve_case(
            work, case_id=case_id, version=call.expected_version, resolution=body.resolution, office=office
        )
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)


@router.post("/closure", response_model=CaseView, responses=CHANGE)
async def post_closure(case_id: UUID, call: Changing, office: Desk) -> Response:
    """Close the case (结案): it needs a resolution, a signature and settled deposits (R260, R321)."""
    async with call.work() as work:
        rows = await close_case(work, case_id=case_id, version=call.expected_version, office=office)
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)


@router.post("/reopening", response_model=CaseView, responses=CHANGE | problem_responses(410))
async def post_reopening(case_id: UUID, body: Reopening, call: Changing, office: Desk) -> Response:
    """The fault is back: somebody looks at the case again, and resolves it or asks for a further visit."""
    async with call.work() as work:
        rows = await reopen_case(
            work, case_id=case_id, version=call.expected_version, reason=body.reason, office=office
        )
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)


@router.post("/further-visit", response_model=CaseView, responses=CHANGE)
async def post_further_visit(case_id: UUID, call: Changing, office: Desk) -> Response:
    """A technician has to go once more: the case is cleared for dispatch as its next round, on the same basis."""
    async with call.work() as work:
        rows = await visit_again(work, case_id=case_id, version=call.expected_version, office=office)
        return await call.commit(work, CaseView.whole(rows, office=office), version=rows.case.version)
