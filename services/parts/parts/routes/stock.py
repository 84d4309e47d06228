"""The stock and its ledger (台帐): what there is, what came in, what was counted."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from parts.domain.ledger import Kind
from parts.queries import places, stock
from parts.queries.stock import MovementsAsked, PartsAsked
from parts.routes.given import DeskGiven
from parts.schemas.instants import When
from parts.schemas.places import BalancesView, Transfer, TransferView
from parts.schemas.stock import Adjustment, MovementView, Receipt, StockView
from parts.use_cases.keep_books import lock_sheet
from parts.use_cases.receive_stock import adjust_stock, put_receipt, receive_stock
from parts.use_cases.transfer_stock import transfer_stock
from shared.csv_import import ImportMode, ImportReport, import_sheet, read_sheet
from shared.http.bodies import sheet_body
from shared.http.calls import Call, acting, creating, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.http.sheets import SHEET, Mode

router = router_under("/v1/stock", tag="stock")
CREATE = problem_responses(404, 409, 428)

type Reading = Annotated[Call, reading("parts:read")]
type Creating = Annotated[Call, creating("stock:write")]


@router.get("")
async def get_stock(
    *,
    asked: Asked,
    call: Reading,
    search: Annotated[str | None, Query(min_length=1, max_length=100, description="in code and names")] = None,
    low: Annotated[bool | None, Query(description="true: fewer are free than the catalogue wants")] = None,
) -> Page[StockView]:
    """The newest part first."""
    async with call.work() as work:
        rows = await stock.listed(work.session, asked=PartsAsked(search=search, low=low), page=asked)
        return page_of(
            rows,
            asked=asked,
            view=lambda row: StockView.of(*row),
            place=lambda row: Place(at=row[0].created_at, id=row[0].id),
        )


@router.post("/receipts", status_code=201, response_model=MovementView, responses=CREATE)
async def post_receipt(body: Receipt, call: Creating, desk: DeskGiven) -> Response:
    """Pieces came in (入库), once for each part and reference."""
    async with call.work() as work:
        line = await receive_stock(work, form=body.to_form(), desk=desk)
        return await call.commit(work, MovementView.of(line), status=201)


@router.post("/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_receipts(
    request: Request, call: Annotated[Call, acting("stock:write")], desk: DeskGiven, mode: Mode = ImportMode.DRY_RUN
) -> Response:
    """Receipts from a CSV file, by part code and reference: all of them or none; those of before change nothing."""
    sheet = read_sheet(sheet_body(request), row=Receipt, key=lambda row: f"{row.part_code}/{row.reference}")
    async with call.work() as work:
        rows = [line.row for line in sheet.lines]
        named = {row.location for row in rows if row.location is not None}
        await lock_sheet(work, codes={row.part_code for row in rows}, locations=named, desk=desk)
        report = await import_sheet(sheet, mode=mode, put=lambda row: put_receipt(work, form=row.to_form(), desk=desk))
        return await call.commit_import(work, report)


@router.post("/adjustments", status_code=201, response_model=MovementView, responses=CREATE)
async def post_adjustment(body: Adjustment, call: Creating, desk: DeskGiven) -> Response:
    """What was counted differs from what was booked (盘点); never below what is reserved."""
    async with call.work() as work:
        line = await adjust_stock(
            work,
            part_code=body.part_code,
            difference=body.difference,
            reason=body.reason,
            location=body.location,
            serials=body.serials,
            desk=desk,
        )
        return await call.commit(work, MovementView.of(line), status=201)


@router.post("/transfers", status_code=201, response_model=TransferView, responses=CREATE)
async def post_transfer(body: Transfer, call: Creating, desk: DeskGiven) -> Response:
    """Pieces are brought from one place to another (调拨): both lines of the ledger, or neither."""
    async with call.work() as work:
        lines = await transfer_stock(
            work,
            part_code=body.part_code,
            pieces=body.quantity,
            source=body.source,
            destination=body.destination,
            serials=body.serials,
            desk=desk,
        )
        return await call.commit(work, TransferView.of(lines), status=201)


@router.get("/accounts")
async def get_accounts(
    call: Reading, at: Annotated[When | None, Query(description="as they stood then; now")] = None
) -> BalancesView:
    """What each department's account (独立核算, R324) is worth."""
    async with call.work() as work:
        moment = at or work.now
        return BalancesView.of(await places.balances(work.session, at=moment), at=moment)


@router.get("/movements")
async def get_movements(
    *,
    asked: Asked,
    call: Reading,
    part_code: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    kind: Annotated[list[Kind] | None, Query(max_length=10)] = None,
    location: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    department: Annotated[str | None, Query(min_length=1, max_length=40, description="whose account")] = None,
    request_id: UUID | None = None,
    since: When | None = None,
    until: Annotated[When | None, Query(description="before then")] = None,
) -> Page[MovementView]:
    """The ledger (R324), the newest line first."""
    async with call.work() as work:
        wanted = MovementsAsked(
            part_code=part_code,
            kinds=frozenset(kind or ()),
            location=location,
            department=department,
            request_id=request_id,
            since=since,
            until=until,
        )
        rows = await stock.movements(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=MovementView.of, place=lambda row: Place(at=row.at, id=row.id))
