"""Setting up: installed units and push sources, one by one or from a spreadsheet."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from intake.queries import sources, units
from intake.queries.lists import list_sources, list_units
from intake.routes.desk import Desk
from intake.schemas.set_up import (
    NewSecret,
    NewSource,
    SourceChange,
    SourceLine,
    SourceView,
    UnitRecord,
    UnitView,
)
from intake.use_cases.import_rows import put_source, put_unit
from intake.use_cases.set_up_source import change_source, rotate_secret, set_up_source
from intake.use_cases.set_up_unit import change_unit, set_up_unit
from shared.csv_import import ImportMode, ImportReport, import_sheet, read_sheet
from shared.http.bodies import sheet_body
from shared.http.calls import Call, acting, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.http.sheets import SHEET, Mode

router = router_under("/v1", tag="set-up")
CREATE = problem_responses(409, 428)
CHANGE = problem_responses(404, 409, 412, 428)


@router.post("/units", status_code=201, response_model=UnitView, responses=CREATE)
async def post_unit(body: UnitRecord, call: Annotated[Call, creating("units:write")], office: Desk) -> Response:
    """An installed unit with its warranty becomes known."""
    async with call.work() as work:
        view = UnitView.of(await set_up_unit(work, form=body.to_form(), office=office))
        return await call.commit(work, view, status=201, version=view.version, location=f"/v1/units/{view.id}")


@router.post("/units/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_units(
    request: Request, call: Annotated[Call, acting("units:write")], office: Desk, mode: Mode = ImportMode.DRY_RUN
) -> Response:
    """Units from a CSV file, by serial number: all of them or none."""
    sheet = read_sheet(sheet_body(request), row=UnitRecord, key=lambda row: row.serial_number)
    async with call.work() as work:
        report = await import_sheet(sheet, mode=mode, put=lambda row: put_unit(work, form=row.to_form(), office=office))
        return await call.commit_import(work, report)


@router.get("/units")
async def get_units(
    *,
    asked: Asked,
    call: Annotated[Call, reading("units:read")],
    serial_number: Annotated[str | None, Query(max_length=100, description="or how it begins")] = None,
    product_family: Annotated[str | None, Query(max_length=100)] = None,
    product_model: Annotated[str | None, Query(max_length=100)] = None,
    customer_id: Annotated[UUID | None, Query(description="units at a site of this customer")] = None,
) -> Page[UnitView]:
    """Newest first."""
    async with call.work() as work:
        rows = await list_units(
            work.session,
            serial_number=serial_number,
            family=product_family,
            model=product_model,
            customer_id=customer_id,
            asked=asked,
        )
        return page_of(rows, asked=asked, view=UnitView.of, place=lambda row: Place(at=row.created_at, id=row.id))


@router.get("/units/{unit_id}", response_model=UnitView, responses=problem_responses(404))
async def get_unit(unit_id: UUID, call: Annotated[Call, reading("units:read")]) -> Response:
    """One unit."""
    async with call.work() as work:
        view = UnitView.of(await units.load(work.session, unit_id=unit_id))
        return shown(view, version=view.version)


@router.put("/units/{unit_id}", response_model=UnitView, responses=CHANGE)
async def put_unit_record(
    unit_id: UUID, body: UnitRecord, call: Annotated[Call, changing("units:write")], office: Desk
) -> Response:
    """Correct a unit; its serial number stays."""
    async with call.work() as work:
        unit = await change_unit(
            work, unit_id=unit_id, version=call.expected_version, form=body.to_form(), office=office
        )
        return await call.commit(work, UnitView.of(unit), version=unit.version)


@router.post("/push-sources", status_code=201, response_model=SourceView, responses=CREATE)
async def post_source(body: NewSource, call: Annotated[Call, creating("sources:write")], office: Desk) -> Response:
    """A contact centre is set up; the answer names the URL that it has to call."""
    async with call.work() as work:
        view = SourceView.of(await set_up_source(work, form=body.to_form(), office=office))
        return await call.commit(work, view, status=201, version=view.version, location=f"/v1/push-sources/{view.id}")


@router.post("/push-sources/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_sources(
    request: Request, call: Annotated[Call, acting("sources:write")], office: Desk, mode: Mode = ImportMode.DRY_RUN
) -> Response:
    """Push sources from a CSV file, by name: all of them or none."""
    sheet = read_sheet(sheet_body(request), row=SourceLine, key=lambda row: row.name)
    async with call.work() as work:
        report = await import_sheet(
            sheet, mode=mode, put=lambda row: put_source(work, form=row.to_form(), office=office)
        )
        return await call.commit_import(work, report)


@router.get("/push-sources")
async def get_sources(
    asked: Asked,
    call: Annotated[Call, reading("sources:read")],
    adapter: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[SourceView]:
    """Newest first, without secrets."""
    async with call.work() as work:
        rows = await list_sources(work.session, adapter=adapter, asked=asked)
        return page_of(rows, asked=asked, view=SourceView.of, place=lambda row: Place(at=row.created_at, id=row.id))


@router.get("/push-sources/{source_id}", response_model=SourceView, responses=problem_responses(404))
async def get_source(source_id: UUID, call: Annotated[Call, reading("sources:read")]) -> Response:
    """One push source."""
    async with call.work() as work:
        view = SourceView.of(await sources.load(work.session, source_id=source_id))
        return shown(view, version=view.version)


@router.put("/push-sources/{source_id}", response_model=SourceView, responses=CHANGE)
async def put_source_record(
    source_id: UUID, body: SourceChange, call: Annotated[Call, changing("sources:write")], office: Desk
) -> Response:
    """Where the vendor calls us and from which networks it may."""
    async with call.work() as work:
        source = await change_source(
            work,
            source_id=source_id,
            version=call.expected_version,
            public_base=body.public_base,
            country=body.country,
            networks=tuple(body.networks),
            office=office,
        )
        return await call.commit(work, SourceView.of(source), version=source.version)


@router.post("/push-sources/{source_id}/secret", response_model=SourceView, responses=CHANGE)
async def post_secret(
    source_id: UUID, body: NewSecret, call: Annotated[Call, changing("sources:write")], office: Desk
) -> Response:
    """Rotate the secret: the present one stays good until the next rotation."""
    async with call.work() as work:
        source = await rotate_secret(
            work, source_id=source_id, version=call.expected_version, secret=body.secret, office=office
        )
        return await call.commit(work, SourceView.of(source), version=source.version)
