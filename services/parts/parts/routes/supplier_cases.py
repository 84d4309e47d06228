"""Supplier cases (R185, R256, R328 to R330): raise them, tell the supplier in writing, track him, settle the costs."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.domain.supplier_cases import CaseState
from parts.queries import supplier_cases
from parts.queries.supplier_cases import SupplierCasesAsked
from parts.routes.given import DeskGiven
from parts.schemas.claims import Nothing
from parts.schemas.supplier_cases import (
    Costs,
    ServiceReport,
    SupplierCaseChange,
    SupplierCaseFile,
    SupplierCaseRecord,
    SupplierCaseView,
    SupplierWords,
)
from parts.tables import SupplierCaseRow
from parts.use_cases.follow_supplier import (
    contact_supplier,
    receive_supplier,
    report_service,
    settle_costs,
    solve_supplier_case,
    write_costs,
)
from parts.use_cases.raise_supplier_case import change_supplier_case, raise_supplier_case
from parts.use_cases.show_words import show_words
from shared.http.calls import Call, adding, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import UnitOfWork

router = router_under("/v1/supplier-cases", tag="supplier cases")
STEP = problem_responses(404, 409, 412, 428)

type Reading = Annotated[Call, reading("parts:read")]
type Buying = Annotated[Call, changing("purchasing:write")]
type Reporting = Annotated[Call, adding("purchasing:write")]


@router.post("", status_code=201, response_model=SupplierCaseFile, responses=problem_responses(404, 428))
async def post_supplier_case(
    body: SupplierCaseRecord, call: Annotated[Call, creating("purchasing:request")], desk: DeskGiven
) -> Response:
    """A bought-in part has a problem: from now on the time runs in which its supplier is contacted (R328)."""
    async with call.work() as work:
        case = await raise_supplier_case(work, form=body.to_form(), desk=desk)
        view = await _file(work, case=case)
        location = f"/v1/supplier-cases/{case.id}"
        return await call.commit(work, view, status=201, version=case.version, location=location)


@router.get("")
async def get_supplier_cases(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[CaseState] | None, Query(max_length=10)] = None,
    supplier_id: UUID | None = None,
    case_id: UUID | None = None,
    work_order_id: UUID | None = None,
    overdue: Annotated[bool, Query(description="not solved, and to be solved before now")] = False,
) -> Page[SupplierCaseView]:
    """The newest first."""
    async with call.work() as work:
        wanted = SupplierCasesAsked(
            states=frozenset(state or ()),
            supplier_id=supplier_id,
            case_id=case_id,
            work_order_id=work_order_id,
            solve_before=work.now if overdue else None,
        )
        rows = await supplier_cases.listed(work.session, asked=wanted, page=asked)
        return page_of(
            rows, asked=asked, view=SupplierCaseView.of, place=lambda row: Place(at=row.raised_at, id=row.id)
        )


@router.get("/{supplier_case_id}", response_model=SupplierCaseFile, responses=problem_responses(404))
async def get_supplier_case(supplier_case_id: UUID, call: Reading) -> Response:
    """One supplier case with its reports."""
    async with call.work() as work:
        case = await supplier_cases.find(work.session, supplier_case_id=supplier_case_id)
        return shown(await _file(work, case=case), version=case.version)


@router.get("/{supplier_case_id}/words", response_model=SupplierWords, responses=problem_responses(404))
async def get_supplier_words(
    supplier_case_id: UUID, call: Annotated[Call, reading("problems:read")], desk: DeskGiven
) -> Response:
    """Its problem and what was done, in plain text, for a stated purpose; who asked stands in the audit log."""
    async with call.work() as work:
        words = await show_words(work, supplier_case_id=supplier_case_id, purpose=call.purpose, desk=desk)
        answer = await call.commit(work, SupplierWords.of(supplier_case_id, words=words))
        answer.headers["Cache-Control"] = "no-store"
        return answer


@router.put("/{supplier_case_id}", response_model=SupplierCaseFile, responses=STEP)
async def put_supplier_case(
    supplier_case_id: UUID,
    body: SupplierCaseChange,
    call: Annotated[Call, changing("purchasing:request")],
    desk: DeskGiven,
) -> Response:
    """More is known of the problem; without one it stays."""
    async with call.work() as work:
        case = await change_supplier_case(
            work,
            supplier_case_id=supplier_case_id,
            version=call.expected_version,
            form=body.to_form(),
            desk=desk,
        )
        return await _answer(call, work, case=case)


@router.post("/{supplier_case_id}/contact", response_model=SupplierCaseFile, responses=STEP)
async def post_contact(supplier_case_id: UUID, body: Nothing, call: Buying, desk: DeskGiven) -> Response:
    """Purchasing, which serves bought-in products (外购产品, R037), has called him (R328)."""
    del body
    async with call.work() as work:
        case = await contact_supplier(work, supplier_case_id=supplier_case_id, version=call.expected_version, desk=desk)
        return await _answer(call, work, case=case)


@router.post("/{supplier_case_id}/arrival", response_model=SupplierCaseFile, responses=STEP)
async def post_supplier_arrival(supplier_case_id: UUID, body: Nothing, call: Buying, desk: DeskGiven) -> Response:
    """He is on site, having been told in writing (R329)."""
    del body
    async with call.work() as work:
        case = await receive_supplier(work, supplier_case_id=supplier_case_id, version=call.expected_version, desk=desk)
        return await _answer(call, work, case=case)


@router.post("/{supplier_case_id}/reports", status_code=201, response_model=SupplierCaseFile, responses=STEP)
async def post_report(supplier_case_id: UUID, body: ServiceReport, call: Reporting, desk: DeskGiven) -> Response:
    """How he serves, as after-sales hears it (R330)."""
    async with call.work() as work:
        case = await report_service(
            work,
            supplier_case_id=supplier_case_id,
            version=call.expected_version,
            quality=body.quality,
            course=body.course,
            desk=desk,
        )
        return await call.commit(work, await _file(work, case=case), status=201, version=case.version)


@router.post("/{supplier_case_id}/solution", response_model=SupplierCaseFile, responses=STEP)
async def post_solution(supplier_case_id: UUID, body: ServiceReport, call: Buying, desk: DeskGiven) -> Response:
    """The problem is solved, and this is how well he served (R330)."""
    async with call.work() as work:
        case = await solve_supplier_case(
            work,
            supplier_case_id=supplier_case_id,
            version=call.expected_version,
            quality=body.quality,
            course=body.course,
            desk=desk,
        )
        return await _answer(call, work, case=case)


@router.put("/{supplier_case_id}/costs", response_model=SupplierCaseFile, responses=STEP)
async def put_costs(supplier_case_id: UUID, body: Costs, call: Buying, desk: DeskGiven) -> Response:
    """Who bears what."""
    async with call.work() as work:
        case = await write_costs(
            work,
            supplier_case_id=supplier_case_id,
            version=call.expected_version,
            costs=[line.to_cost() for line in body.costs],
            desk=desk,
        )
        return await _answer(call, work, case=case)


@router.post("/{supplier_case_id}/settlement", response_model=SupplierCaseFile, responses=STEP)
async def post_settlement(supplier_case_id: UUID, body: Nothing, call: Buying, desk: DeskGiven) -> Response:
    """Everybody bears what he has to."""
    del body
    async with call.work() as work:
        case = await settle_costs(work, supplier_case_id=supplier_case_id, version=call.expected_version, desk=desk)
        return await _answer(call, work, case=case)


async def _file(work: UnitOfWork, *, case: SupplierCaseRow) -> SupplierCaseFile:
    await work.session.flush()
    reports = await supplier_cases.reports_of(work.session, ids=[case.id])
    return SupplierCaseFile.whole(case, reports=reports)


async def _answer(call: Call, work: UnitOfWork, *, case: SupplierCaseRow) -> Response:
    return await call.commit(work, await _file(work, case=case), version=case.version)
