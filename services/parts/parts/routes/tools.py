"""Special tools (专用工具): registered one by one or from a spreadsheet."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from parts.queries import tools
from parts.queries.tools import ToolsAsked
from parts.routes.given import DeskGiven
from parts.schemas.tools import ToolRecord, ToolView
from parts.use_cases.enter_tool import add_tool, change_tool, put_tool
from shared.csv_import import ImportMode, ImportReport, import_sheet, read_sheet
from shared.http.bodies import sheet_body
from shared.http.calls import Call, acting, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.http.sheets import SHEET, Mode

router = router_under("/v1/tools", tag="tools")

type Reading = Annotated[Call, reading("parts:read")]


@router.post("", status_code=201, response_model=ToolView, responses=problem_responses(409, 428))
async def post_tool(body: ToolRecord, call: Annotated[Call, creating("stock:write")], desk: DeskGiven) -> Response:
    """A tool is registered."""
    async with call.work() as work:
        view = ToolView.of(await add_tool(work, form=body.to_form(), desk=desk))
        return await call.commit(work, view, status=201, version=view.version, location=f"/v1/tools/{view.code}")


@router.post("/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_tools(
    request: Request, call: Annotated[Call, acting("stock:write")], desk: DeskGiven, mode: Mode = ImportMode.DRY_RUN
) -> Response:
    """Tools from a CSV file, by code: all of them or none."""
    sheet = read_sheet(sheet_body(request), row=ToolRecord, key=lambda row: row.code)
    async with call.work() as work:
        report = await import_sheet(sheet, mode=mode, put=lambda row: put_tool(work, form=row.to_form(), desk=desk))
        return await call.commit_import(work, report)


@router.get("")
async def get_tools(
    *,
    asked: Asked,
    call: Reading,
    search: Annotated[str | None, Query(min_length=1, max_length=100, description="in code, names, model")] = None,
    lent: Annotated[bool | None, Query(description="whether somebody has it")] = None,
    retired: Annotated[bool | None, Query(description="whether it is gone")] = None,
) -> Page[ToolView]:
    """The newest first."""
    async with call.work() as work:
        wanted = ToolsAsked(search=search, lent=lent, retired=retired)
        rows = await tools.tools(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=ToolView.of, place=lambda row: Place(at=row.created_at, id=row.id))


@router.get("/{code}", response_model=ToolView, responses=problem_responses(404))
async def get_tool(code: str, call: Reading) -> Response:
    """One tool."""
    async with call.work() as work:
        row = await tools.find(work.session, code=code)
        return shown(ToolView.of(row), version=row.version)


@router.put("/{code}", response_model=ToolView, responses=problem_responses(404, 409, 412, 428))
async def put_tool_record(
    code: str, body: ToolRecord, call: Annotated[Call, changing("stock:write")], desk: DeskGiven
) -> Response:
    """Replace what is known of it; the code stays."""
    async with call.work() as work:
        row = await change_tool(work, code=code, version=call.expected_version, form=body.to_form(), desk=desk)
        return await call.commit(work, ToolView.of(row), version=row.version)
