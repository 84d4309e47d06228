"""The catalogue (备件目录): parts one by one or from a spreadsheet, and the codes that forms may use."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from parts.desk import Desk
from parts.domain.guidance import GuidancePlace
from parts.policy.guidance import told_at
from parts.queries import serials, stock
from parts.queries.stock import PartsAsked
from parts.routes.given import DeskGiven
from parts.schemas.places import PartStockView
from parts.schemas.stock import CodesView, PartFile, PartRecord, PartView, PriceView, SerialView
from parts.tables import PartRow
from parts.use_cases.enter_part import add_part, change_part, put_part
from shared.csv_import import ImportMode, ImportReport, import_sheet, read_sheet
from shared.http.bodies import sheet_body
from shared.http.calls import Call, acting, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.http.sheets import SHEET, Mode

router = router_under("/v1", tag="catalogue")

type Reading = Annotated[Call, reading("parts:read")]


@router.post("/parts", status_code=201, response_model=PartFile, responses=problem_responses(409, 428))
async def post_part(body: PartRecord, call: Annotated[Call, creating("stock:write")], desk: DeskGiven) -> Response:
    """A part enters the catalogue, with an empty shelf."""
    async with call.work() as work:
        view = _file(await add_part(work, form=body.to_form(), desk=desk), desk=desk)
        location = f"/v1/parts/{view.part_code}"
        return await call.commit(work, view, status=201, version=view.version, location=location)


@router.post("/parts/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_parts(
    request: Request, call: Annotated[Call, acting("stock:write")], desk: DeskGiven, mode: Mode = ImportMode.DRY_RUN
) -> Response:
    """Parts from a CSV file, by part code: all of them or none."""
    sheet = read_sheet(sheet_body(request), row=PartRecord, key=lambda row: row.part_code)
    async with call.work() as work:
        await stock.lock(work.session, codes={line.row.part_code for line in sheet.lines})
        report = await import_sheet(sheet, mode=mode, put=lambda row: put_part(work, form=row.to_form(), desk=desk))
        return await call.commit_import(work, report)


@router.get("/parts")
async def get_parts(
    *,
    asked: Asked,
    call: Reading,
    search: Annotated[str | None, Query(min_length=1, max_length=100, description="in code and names")] = None,
) -> Page[PartView]:
    """The newest first."""
    async with call.work() as work:
        rows = await stock.listed(work.session, asked=PartsAsked(search=search), page=asked)
        parts = [part for part, _ in rows]
        return page_of(parts, asked=asked, view=PartView.of, place=lambda row: Place(at=row.created_at, id=row.id))


@router.get("/parts/{part_code}", response_model=PartFile, responses=problem_responses(404))
async def get_part(part_code: str, call: Reading, desk: DeskGiven) -> Response:
    """One part, with what to keep in mind before it is changed (R336)."""
    async with call.work() as work:
        row = await stock.find_part(work.session, part_code=part_code)
        return shown(_file(row, desk=desk), version=row.version)


@router.get("/parts/{part_code}/stock", responses=problem_responses(404))
async def get_part_stock(part_code: str, call: Reading) -> PartStockView:
    """Balance and availability (R326): where it lies, what it is worth, and what there is of what replaces it."""
    async with call.work() as work:
        return PartStockView.whole(await stock.of_part(work.session, part_code=part_code))


@router.get("/parts/{part_code}/prices", responses=problem_responses(404))
async def get_prices(*, part_code: str, asked: Asked, call: Reading) -> Page[PriceView]:
    """The price list (R333): what it costs since when, and which department said so; the newest price first."""
    async with call.work() as work:
        await stock.find_part(work.session, part_code=part_code)
        rows = await stock.prices(work.session, part_code=part_code, page=asked)
        return page_of(rows, asked=asked, view=PriceView.of, place=lambda row: Place(at=row.since, id=row.id))


@router.get("/parts/{part_code}/serials", responses=problem_responses(404))
async def get_serials(
    *,
    part_code: str,
    asked: Asked,
    call: Reading,
    location: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    request_id: Annotated[UUID | None, Query(description="drawn for it")] = None,
) -> Page[SerialView]:
    """Pieces that are known by their serial number: where each lies, or for which request it was drawn."""
    async with call.work() as work:
        await stock.find_part(work.session, part_code=part_code)
        rows = await serials.listed(
            work.session, part_code=part_code, location=location, request_id=request_id, page=asked
        )
        return page_of(rows, asked=asked, view=SerialView.of, place=lambda row: Place(at=row.received_at, id=row.id))


@router.put("/parts/{part_code}", response_model=PartFile, responses=problem_responses(404, 409, 412, 428))
async def put_part_record(
    part_code: str, body: PartRecord, call: Annotated[Call, changing("stock:write")], desk: DeskGiven
) -> Response:
    """Replace what is known of it; the code stays. What is ordered already keeps its price."""
    async with call.work() as work:
        row = await change_part(
            work, part_code=part_code, version=call.expected_version, form=body.to_form(), desk=desk
        )
        return await call.commit(work, _file(row, desk=desk), version=row.version)


@router.get("/codes")
async def get_codes(call: Reading, desk: DeskGiven) -> CodesView:
    """What forms may say, in both languages."""
    del call
    return CodesView.of(desk.policy)


def _file(row: PartRow, *, desk: Desk) -> PartFile:
    return PartFile.whole(row, guidance=told_at(desk.policy.guidance, places={GuidancePlace.CATALOGUE}))
