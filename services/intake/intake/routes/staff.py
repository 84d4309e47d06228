"""The staff register: who works here and in which role, one by one or from a spreadsheet."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from intake.queries import staff
from intake.queries.lists import list_staff
from intake.routes.desk import Desk
from intake.schemas.staff import StaffRecord, StaffView
from intake.use_cases.enter_staff import add_member, change_member
from intake.use_cases.import_rows import put_member
from shared.csv_import import ImportMode, ImportReport, import_sheet, read_sheet
from shared.http.bodies import sheet_body
from shared.http.calls import Call, acting, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.sheets import SHEET, Mode

router = APIRouter(prefix="/v1/staff", tags=["staff"])


@router.post("", status_code=201, response_model=StaffView, responses=problem_responses(409, 428))
async def post_member(body: StaffRecord, call: Annotated[Call, creating("staff:write")], office: Desk) -> Response:
    """Somebody joins."""
    async with call.work() as work:
        view = StaffView.of(await add_member(work, form=body.to_form(), office=office))
        return await call.commit(work, view, status=201, version=view.version, location=f"/v1/staff/{view.id}")


@router.post("/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_staff(
    request: Request, call: Annotated[Call, acting("staff:write")], office: Desk, mode: Mode = ImportMode.DRY_RUN
) -> Response:
    """The staff from a CSV file, by staff id: all of them or none."""
    sheet = read_sheet(sheet_body(request), row=StaffRecord, key=lambda row: row.staff_id)
    async with call.work() as work:
        report = await import_sheet(
            sheet, mode=mode, put=lambda row: put_member(work, form=row.to_form(), office=office)
        )
        return await call.commit_import(work, report)


@router.get("")
async def get_staff(
    *,
    asked: Asked,
    call: Annotated[Call, reading("staff:read")],
    search: Annotated[str | None, Query(min_length=1, max_length=100, description="in staff id and name")] = None,
    role: Annotated[str | None, Query(max_length=40)] = None,
    active: bool | None = None,
) -> Page[StaffView]:
    """Newest first."""
    async with call.work() as work:
        rows = await list_staff(work.session, search=search, role=role, active=active, asked=asked)
        return page_of(rows, asked=asked, view=StaffView.of, place=lambda row: Place(at=row.created_at, id=row.id))


@router.get("/{member_id}", response_model=StaffView, responses=problem_responses(404))
async def get_member(member_id: UUID, call: Annotated[Call, reading("staff:read")]) -> Response:
    """One member of the staff."""
    async with call.work() as work:
        view = StaffView.of(await staff.load(work.session, member_id=member_id))
        return shown(view, version=view.version)


@router.put("/{member_id}", response_model=StaffView, responses=problem_responses(404, 412, 428))
async def put_member_record(
    member_id: UUID, body: StaffRecord, call: Annotated[Call, changing("staff:write")], office: Desk
) -> Response:
    """Replace what is known; the staff id stays. `active: false` where the person left."""
    async with call.work() as work:
        member = await change_member(
            work, member_id=member_id, version=call.expected_version, form=body.to_form(), office=office
        )
        return await call.commit(work, StaffView.of(member), version=member.version)
