"""The supplier's service quality (R330), as a report and as a spreadsheet."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from parts.routes.given import DeskGiven
from parts.schemas.instants import When
from parts.schemas.supplier_service import SupplierServiceReport, SupplierServiceView, sheet_of
from parts.use_cases.report_suppliers import report_suppliers
from shared.http.bodies import SHEET_TYPE
from shared.http.calls import Call, reading
from shared.http.routing import router_under

router = router_under("/v1", tag="reports")
SHEET: dict[int | str, dict[str, object]] = {200: {"content": {SHEET_TYPE: {"schema": {"type": "string"}}}}}

type Reading = Annotated[Call, reading("parts:read")]
type Since = Annotated[When, Query(description="problems raised from then on")]
type Until = Annotated[When, Query(description="and before then")]


@router.get("/supplier-service")
async def get_supplier_service(since: Since, until: Until, call: Reading) -> SupplierServiceReport:
    """How well each supplier served whose parts had problems in the period."""
    async with call.work() as work:
        services = await report_suppliers(work, since=since, until=until)
        return SupplierServiceReport(suppliers=[SupplierServiceView.of(one) for one in services])


@router.get("/supplier-service.csv", response_class=Response, responses=SHEET)
async def get_supplier_service_sheet(since: Since, until: Until, call: Reading, desk: DeskGiven) -> Response:
    """The same as CSV, with a column for each grade of the policy."""
    async with call.work() as work:
        services = await report_suppliers(work, since=since, until=until)
        lines = [SupplierServiceView.of(one) for one in services]
        return Response(sheet_of(lines, grades=list(desk.policy.suppliers.grades)), media_type=SHEET_TYPE)
