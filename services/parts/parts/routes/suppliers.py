"""Suppliers (供应商): one by one or from a spreadsheet, and what is bought from whom."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from parts.queries import suppliers
from parts.queries.suppliers import SuppliersAsked
from parts.routes.given import DeskGiven
from parts.schemas.suppliers import SupplierRecord, SupplierView
from parts.tables import SupplierRow
from parts.use_cases.enter_supplier import add_supplier, change_supplier, put_supplier
from shared.csv_import import ImportMode, ImportReport, import_sheet, read_sheet
from shared.http.bodies import sheet_body
from shared.http.calls import Call, acting, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.http.sheets import SHEET, Mode
from shared.messaging.unit_of_work import UnitOfWork

router = router_under("/v1/suppliers", tag="suppliers")

type Reading = Annotated[Call, reading("parts:read")]


@router.post("", status_code=201, response_model=SupplierView, responses=problem_responses(404, 409, 428))
async def post_supplier(
    body: SupplierRecord, call: Annotated[Call, creating("purchasing:write")], desk: DeskGiven
) -> Response:
    """A supplier becomes known."""
    async with call.work() as work:
        view = await _view(work, supplier=await add_supplier(work, form=body.to_form(), desk=desk))
        location = f"/v1/suppliers/{view.number}"
        return await call.commit(work, view, status=201, version=view.version, location=location)


@router.post("/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_suppliers(
    request: Request,
    call: Annotated[Call, acting("purchasing:write")],
    desk: DeskGiven,
    mode: Mode = ImportMode.DRY_RUN,
) -> Response:
    """Suppliers from a CSV file, by number: all of them or none."""
    sheet = read_sheet(sheet_body(request), row=SupplierRecord, key=lambda row: row.number)
    async with call.work() as work:
        report = await import_sheet(sheet, mode=mode, put=lambda row: put_supplier(work, form=row.to_form(), desk=desk))
        return await call.commit_import(work, report)


@router.get("")
async def get_suppliers(
    *,
    asked: Asked,
    call: Reading,
    search: Annotated[
        str | None, Query(min_length=1, max_length=100, description="in number, name and what he supplies")
    ] = None,
    part_code: Annotated[str | None, Query(min_length=1, max_length=64, description="who supplies it")] = None,
) -> Page[SupplierView]:
    """The newest first."""
    async with call.work() as work:
        wanted = SuppliersAsked(search=search, part_code=part_code)
        rows = await suppliers.listed(work.session, asked=wanted, page=asked)
        codes = await suppliers.parts_of(work.session, ids=[row.id for row in rows])
        return page_of(
            rows,
            asked=asked,
            view=lambda row: SupplierView.of(row, codes=codes.get(row.id, ())),
            place=lambda row: Place(at=row.created_at, id=row.id),
        )


@router.get("/{number}", response_model=SupplierView, responses=problem_responses(404))
async def get_supplier(number: str, call: Reading) -> Response:
    """One supplier, with whom to call there."""
    async with call.work() as work:
        supplier = await suppliers.find(work.session, number=number)
        return shown(await _view(work, supplier=supplier), version=supplier.version)


@router.put("/{number}", response_model=SupplierView, responses=problem_responses(404, 409, 412, 428))
async def put_supplier_record(
    number: str, body: SupplierRecord, call: Annotated[Call, changing("purchasing:write")], desk: DeskGiven
) -> Response:
    """Replace what is known of him, and which parts are bought from him; the number stays."""
    async with call.work() as work:
        supplier = await change_supplier(
            work, number=number, version=call.expected_version, form=body.to_form(), desk=desk
        )
        return await call.commit(work, await _view(work, supplier=supplier), version=supplier.version)


async def _view(work: UnitOfWork, *, supplier: SupplierRow) -> SupplierView:
    codes = await suppliers.parts_of(work.session, ids=[supplier.id])
    return SupplierView.of(supplier, codes=codes.get(supplier.id, ()))
