"""The staff directory: who works here, in which role, where he is reached; one by one or from a spreadsheet."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from notifier.desk import Desk
from notifier.domain.forms import StaffStatus
from notifier.queries import staff
from notifier.queries.staff import StaffAsked
from notifier.routes.given import DeskGiven
from notifier.schemas.staff import StaffRecord, StaffView
from notifier.tables import StaffRow
from notifier.use_cases.enter_staff import add_member, change_member, form_of, put_member
from shared.csv_import import ImportMode, ImportReport, import_sheet, read_sheet
from shared.http.bodies import sheet_body
from shared.http.calls import Call, acting, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.http.sheets import SHEET, Mode

router = router_under("/v1/staff", tag="staff")


@router.post("", status_code=201, response_model=StaffView, responses=problem_responses(409, 428))
async def post_member(body: StaffRecord, call: Annotated[Call, creating("staff:write")], desk: DeskGiven) -> Response:
    """Somebody joins."""
    async with call.work() as work:
        view = _view(await add_member(work, form=body.to_form(), desk=desk), desk=desk)
        return await call.commit(work, view, status=201, version=view.version, location=f"/v1/staff/{view.id}")


@router.post("/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_staff(
    request: Request, call: Annotated[Call, acting("staff:write")], desk: DeskGiven, mode: Mode = ImportMode.DRY_RUN
) -> Response:
    """The staff from a CSV file, by staff number: all of them or none."""
    sheet = read_sheet(sheet_body(request), row=StaffRecord, key=lambda row: row.staff_number)
    async with call.work() as work:
        report = await import_sheet(sheet, mode=mode, put=lambda row: put_member(work, form=row.to_form(), desk=desk))
        return await call.commit_import(work, report)


@router.get("")
async def get_staff(
    *,
    asked: Asked,
    call: Annotated[Call, reading("staff:read")],
    desk: DeskGiven,
    search: Annotated[
        str | None, Query(min_length=1, max_length=100, description="part of the staff number, or the whole name")
    ] = None,
    role: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
    status: StaffStatus | None = None,
) -> Page[StaffView]:
    """The newest first."""
    name_index = None if search is None else desk.name_index(search)
    wanted = StaffAsked(search=search, name_index=name_index, role=role, status=status)
    async with call.work() as work:
        rows = await staff.listed(work.session, asked=wanted, page=asked)
        return page_of(
            rows,
            asked=asked,
            view=lambda row: _view(row, desk=desk),
            place=lambda row: Place(at=row.created_at, id=row.id),
        )


@router.get("/{staff_id}", response_model=StaffView, responses=problem_responses(404))
async def get_member(staff_id: UUID, call: Annotated[Call, reading("staff:read")], desk: DeskGiven) -> Response:
    """One member of the staff."""
    async with call.work() as work:
        view = _view(await staff.find(work.session, staff_id=staff_id), desk=desk)
        return shown(view, version=view.version)


@router.put("/{staff_id}", response_model=StaffView, responses=problem_responses(404, 409, 412, 428))
async def put_member_record(
    staff_id: UUID, body: StaffRecord, call: Annotated[Call, changing("staff:write")], desk: DeskGiven
) -> Response:
    """Replace what is known; the staff number stays. `status: left` where he does not work here any more."""
    async with call.work() as work:
        member = await change_member(
            work, staff_id=staff_id, version=call.expected_version, form=body.to_form(), desk=desk
        )
        return await call.commit(work, _view(member, desk=desk), version=member.version)


def _view(row: StaffRow, *, desk: Desk) -> StaffView:
    return StaffView.of(form_of(row, desk=desk), id_=row.id, created_at=row.created_at, version=row.version)
