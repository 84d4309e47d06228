"""Loans of tools (借出登记, R317, R318): lent, back, overdue, lost and made good."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.desk import Desk
from parts.domain.guidance import GuidancePlace
from parts.domain.tools import LoanState
from parts.policy.guidance import told_at
from parts.queries import tools
from parts.queries.tools import LoansAsked
from parts.routes.given import DeskGiven
from parts.schemas.claims import Nothing
from parts.schemas.tools import Amends, LoanFile, LoanView, NewLoan
from parts.tables import ToolLoanRow
from parts.use_cases.lend_tool import compensate_tool, lend_tool, lose_tool, return_tool
from shared.http.calls import Call, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/tool-loans", tag="tools")
STEP = problem_responses(404, 409, 412, 428)

type Reading = Annotated[Call, reading("parts:read")]
type Lending = Annotated[Call, changing("parts:issue")]


@router.post("", status_code=201, response_model=LoanFile, responses=problem_responses(404, 409, 428))
async def post_loan(body: NewLoan, call: Annotated[Call, creating("parts:issue")], desk: DeskGiven) -> Response:
    """Somebody takes a tool, which nobody else has."""
    async with call.work() as work:
        loan = await lend_tool(
            work,
            code=body.tool_code,
            borrower=body.borrower,
            work_order_id=body.work_order_id,
            used_until=body.used_until,
            desk=desk,
        )
        location = f"/v1/tool-loans/{loan.id}"
        return await call.commit(work, _file(loan, desk=desk), status=201, version=loan.version, location=location)


@router.get("")
async def get_loans(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[LoanState] | None, Query(max_length=10)] = None,
    borrower: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
    tool_code: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
    overdue: Annotated[bool, Query(description="not returned, and due before now")] = False,
) -> Page[LoanView]:
    """The newest first."""
    async with call.work() as work:
        wanted = LoansAsked(
            states=frozenset(state or ()),
            borrower=borrower,
            tool_code=tool_code,
            due_before=work.now if overdue else None,
        )
        rows = await tools.loans(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=LoanView.of, place=lambda row: Place(at=row.lent_at, id=row.id))


@router.get("/{loan_id}", response_model=LoanFile, responses=problem_responses(404))
async def get_loan(loan_id: UUID, call: Reading, desk: DeskGiven) -> Response:
    """One loan."""
    async with call.work() as work:
        row = await tools.find_loan(work.session, loan_id=loan_id)
        return shown(_file(row, desk=desk), version=row.version)


@router.post("/{loan_id}/return", response_model=LoanFile, responses=STEP)
async def post_tool_return(loan_id: UUID, body: Nothing, call: Lending, desk: DeskGiven) -> Response:
    """It lies in the store again."""
    del body
    async with call.work() as work:
        row = await return_tool(work, loan_id=loan_id, version=call.expected_version, desk=desk)
        return await call.commit(work, _file(row, desk=desk), version=row.version)


@router.post("/{loan_id}/loss", response_model=LoanFile, responses=STEP)
async def post_loss(loan_id: UUID, body: Nothing, call: Lending, desk: DeskGiven) -> Response:
    """It is gone; where it was overdue the borrower owes it (R318)."""
    del body
    async with call.work() as work:
        row = await lose_tool(work, loan_id=loan_id, version=call.expected_version, desk=desk)
        return await call.commit(work, _file(row, desk=desk), version=row.version)


@router.post("/{loan_id}/compensation", response_model=LoanFile, responses=STEP)
async def post_compensation(loan_id: UUID, body: Amends, call: Lending, desk: DeskGiven) -> Response:
    """The borrower pays its original price, or brings the same model (R318)."""
    async with call.work() as work:
        row = await compensate_tool(
            work, loan_id=loan_id, version=call.expected_version, given=body.to_compensation(), desk=desk
        )
        return await call.commit(work, _file(row, desk=desk), version=row.version)


def _file(row: ToolLoanRow, *, desk: Desk) -> LoanFile:
    return LoanFile.whole(row, guidance=told_at(desk.policy.guidance, places={GuidancePlace.TOOLS}))
