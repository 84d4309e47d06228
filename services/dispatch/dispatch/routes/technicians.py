"""Technicians, one by one or from a spreadsheet, and the rota that they stand in."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from dispatch.policy import require_known
from dispatch.queries import rotas, technicians
from dispatch.queries.technicians import TechniciansAsked
from dispatch.routes.given import DeskGiven
from dispatch.schemas.technicians import RotaView, TechnicianFile, TechnicianLine, TechnicianRecord, TechnicianView
from dispatch.use_cases.enter_technician import add_technician, change_technician, put_technician
from shared.csv_import import ImportMode, ImportReport, import_sheet, read_sheet
from shared.http.bodies import sheet_body
from shared.http.calls import Call, acting, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.http.sheets import SHEET, Mode

router = router_under("/v1", tag="technicians")

type Text = Annotated[str | None, Query(min_length=1, max_length=100)]


@router.post("/technicians", status_code=201, response_model=TechnicianView, responses=problem_responses(409, 428))
async def post_technician(
    body: TechnicianRecord, call: Annotated[Call, creating("technicians:write")], desk: DeskGiven
) -> Response:
    """A technician joins the rota of his department."""
    async with call.work() as work:
        view = TechnicianView.of(await add_technician(work, form=body.to_form(), desk=desk))
        return await call.commit(work, view, status=201, version=view.version, location=f"/v1/technicians/{view.id}")


@router.post("/technicians/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_technicians(
    request: Request,
    call: Annotated[Call, acting("technicians:write")],
    desk: DeskGiven,
    mode: Mode = ImportMode.DRY_RUN,
) -> Response:
    """Technicians from a CSV file, by staff number: all of them or none."""
    sheet = read_sheet(sheet_body(request), row=TechnicianLine, key=lambda row: row.staff_number)
    async with call.work() as work:
        report = await import_sheet(
            sheet, mode=mode, put=lambda row: put_technician(work, form=row.to_form(), desk=desk)
        )
        return await call.commit_import(work, report)


@router.get("/technicians")
async def get_technicians(
    *,
    asked: Asked,
    call: Annotated[Call, reading("technicians:read")],
    search: Annotated[str | None, Query(min_length=1, max_length=100, description="in number and name")] = None,
    department: Text = None,
    skill: Text = None,
    zone: Text = None,
    active: bool | None = None,
    free: Annotated[bool | None, Query(description="true: neither away, nor out, nor asked, now")] = None,
) -> Page[TechnicianView]:
    """The newest first."""
    async with call.work() as work:
        wanted = TechniciansAsked(
            search=search,
            department=department,
            skill=skill,
            zone=zone,
            active=active,
            free_at=work.now if free else None,
        )
        rows = await technicians.listed(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=TechnicianView.of, place=lambda row: Place(at=row.created_at, id=row.id))


@router.get("/technicians/{technician_id}", response_model=TechnicianFile, responses=problem_responses(404))
async def get_technician(technician_id: UUID, call: Annotated[Call, reading("technicians:read")]) -> Response:
    """One technician with his certificates."""
    async with call.work() as work:
        row = await technicians.find(work.session, technician_id=technician_id)
        certificates = await technicians.certificates_of(work.session, technician_id=row.id)
        return shown(TechnicianFile.whole(row, certificates=certificates), version=row.version)


@router.put(
    "/technicians/{technician_id}",
    response_model=TechnicianView,
    responses=problem_responses(404, 409, 412, 428),
)
async def put_technician_record(
    technician_id: UUID, body: TechnicianRecord, call: Annotated[Call, changing("technicians:write")], desk: DeskGiven
) -> Response:
    """Replace what is known of him; the staff number stays. `active: false` takes him out of the rota."""
    async with call.work() as work:
        row = await change_technician(
            work, technician_id=technician_id, version=call.expected_version, form=body.to_form(), desk=desk
        )
        return await call.commit(work, TechnicianView.of(row), version=row.version)


@router.get("/rotas/{department}")
async def get_rota(department: str, call: Annotated[Call, reading("technicians:read")], desk: DeskGiven) -> RotaView:
    """Who stands in the rota, in order, and who had the last turn (R234)."""
    require_known([department], known=desk.policy.departments, field="department")
    async with call.work() as work:
        rota = await rotas.find(work.session, department=department)
        in_order = await rotas.in_order(work.session, department=department)
        return RotaView.of(rota, department=department, technicians=in_order)
