"""Places of stock (存放地点): set up, looked into, and what is brought from one to another."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from parts.domain.places import PlaceKind
from parts.queries import places
from parts.queries.places import LocationsAsked
from parts.routes.given import DeskGiven
from parts.schemas.places import LocationRecord, LocationView, LyingView
from parts.use_cases.set_up_location import add_location, change_location, put_location
from shared.csv_import import ImportMode, ImportReport, import_sheet, read_sheet
from shared.http.bodies import sheet_body
from shared.http.calls import Call, acting, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.http.sheets import SHEET, Mode

router = router_under("/v1/locations", tag="locations")

type Reading = Annotated[Call, reading("parts:read")]


@router.post("", status_code=201, response_model=LocationView, responses=problem_responses(409, 428))
async def post_location(
    body: LocationRecord, call: Annotated[Call, creating("stock:write")], desk: DeskGiven
) -> Response:
    """A storeroom, a van or a service point, in a department's account (R324)."""
    async with call.work() as work:
        view = LocationView.of(await add_location(work, form=body.to_form(), desk=desk))
        location = f"/v1/locations/{view.code}"
        return await call.commit(work, view, status=201, version=view.version, location=location)


@router.post("/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_locations(
    request: Request, call: Annotated[Call, acting("stock:write")], desk: DeskGiven, mode: Mode = ImportMode.DRY_RUN
) -> Response:
    """Places from a CSV file, by code: all of them or none."""
    sheet = read_sheet(sheet_body(request), row=LocationRecord, key=lambda row: row.code)
    async with call.work() as work:
        await places.lock_known(work.session, codes={line.row.code for line in sheet.lines})
        report = await import_sheet(sheet, mode=mode, put=lambda row: put_location(work, form=row.to_form(), desk=desk))
        return await call.commit_import(work, report)


@router.get("")
async def get_locations(
    *,
    asked: Asked,
    call: Reading,
    kind: Annotated[list[PlaceKind] | None, Query(max_length=10)] = None,
    department: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
    staff_number: Annotated[str | None, Query(min_length=1, max_length=40, description="whose van")] = None,
) -> Page[LocationView]:
    """The newest first; a technician finds his van by his staff number."""
    async with call.work() as work:
        wanted = LocationsAsked(kinds=frozenset(kind or ()), department=department, staff_number=staff_number)
        rows = await places.listed(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=LocationView.of, place=lambda row: Place(at=row.created_at, id=row.id))


@router.get("/{code}", response_model=LocationView, responses=problem_responses(404))
async def get_location(code: str, call: Reading) -> Response:
    """One place."""
    async with call.work() as work:
        row = await places.find(work.session, code=code)
        return shown(LocationView.of(row), version=row.version)


@router.put("/{code}", response_model=LocationView, responses=problem_responses(404, 409, 412, 428))
async def put_location_record(
    code: str, body: LocationRecord, call: Annotated[Call, changing("stock:write")], desk: DeskGiven
) -> Response:
    """Replace what is known of it; the code stays, and whose account it is once anything lay there."""
    async with call.work() as work:
        row = await change_location(work, code=code, version=call.expected_version, form=body.to_form(), desk=desk)
        return await call.commit(work, LocationView.of(row), version=row.version)


@router.get("/{code}/stock", responses=problem_responses(404))
async def get_stock_there(*, code: str, asked: Asked, call: Reading) -> Page[LyingView]:
    """What lies there now, the newest part first."""
    async with call.work() as work:
        await places.find(work.session, code=code)
        rows = await places.lying_at(work.session, code=code, page=asked)
        return page_of(
            rows,
            asked=asked,
            view=lambda row: LyingView.of(*row),
            place=lambda row: Place(at=row[0].created_at, id=row[0].id),
        )
