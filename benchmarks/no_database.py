"""Intake's two hottest endpoints without a database: the reference for what durability costs.

`python -m benchmarks.no_database api` is intake as `python -m intake api` would run it: the same server, middlewares,
tokens, validation, signatures and reading of the body, and an answer of the same size. Only nothing is stored.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from intake.app import build
from intake.office import Office
from intake.push.adapters import ADAPTERS
from intake.push.reading import Push
from intake.queries.cases import CaseRows
from intake.routes.desk import Desk
from intake.schemas.cases import CaseView, NewCase
from intake.settings import IntakeSettings
from intake.tables import CaseRow
from shared.http.api import create_api
from shared.http.bodies import raw_body
from shared.http.calls import Call, answer_of, creating, response_of
from shared.http.problems import NotAuthenticated
from shared.http.routing import router_under
from shared.observability.metrics import ClientMetrics, process_registry
from shared.observability.tracing import tracing_to
from shared.process import Service, main
from shared.settings import settings_or_exit

SECRET = "secret-of-the-benchmark"  # noqa: S105 - it opens nothing

router = router_under("/v1", tag="reference")


@router.post("/push/{adapter}/{source_id}", response_class=Response)
async def post_push(adapter: str, source_id: UUID, request: Request) -> Response:
    """Prove, read, answer."""
    vendor = ADAPTERS[adapter]
    push = Push(
        method=request.method,
        url=str(request.url),
        query=request.url.query,
        headers=dict(request.headers),
        body=raw_body(request),
        token="",
        received_at=datetime.now(UTC),
    )
    if not vendor.authentic(push, (SECRET,)):
        raise NotAuthenticated(f"the push does not prove that it comes from {source_id}", expected="its signature")
    vendor.read(push)
    return Response(vendor.answer, media_type=vendor.answer_type)


@router.post("/cases", status_code=201, response_model=CaseView)
async def post_case(body: NewCase, call: Annotated[Call, creating("cases:write")], office: Desk) -> Response:
    """Validate, answer with a case as it would look."""
    form = body.to_form()
    row = _row(form.serial_number, description=form.description, by=call.principal.actor.id, office=office)
    view = CaseView.whole(CaseRows(case=row, quotes=(), approvals=(), holds=()), office=office)
    return response_of(answer_of(view, status=201, version=1, location=f"/v1/cases/{view.id}"))


def build_without_database() -> Service:
    """Intake with these routes in the place of its own."""
    service = build(settings_or_exit(IntakeSettings))
    registry = process_registry()
    api = create_api(
        "intake",
        summary="The reference",
        edge=service.api.state.edge,
        routers=(router,),
        checks={},
        tracing=tracing_to(None, service="intake"),
        registry=registry,
        clients=ClientMetrics(registry, service="intake"),
    )
    api.state.office = service.api.state.office
    return replace(service, api=api)


def _row(serial_number: str, *, description: str, by: str, office: Office) -> CaseRow:
    case_id, now = uuid7(), datetime.now(UTC)
    return CaseRow(
        id=case_id,
        number="R1000017",
        state="cleared",
        customer_id=uuid7(),
        customer_label="136****0001",
        site_id=uuid7(),
        district="xuhui",
        unit_id=uuid7(),
        product_family="water_heater",
        product_model=serial_number,
        problem_code="no_function",
        description=office.seal(description, place="repair_case.description", row=case_id),
        urgency="normal",
        warranty="in_warranty",
        parts=[],
        owner_id=by,
        registered_by=by,
        policy_version=office.policy_version,
        opened_at=now,
        cleared_at=now,
        basis="warranty",
    )


if __name__ == "__main__":
    sys.exit(main("intake", build=build_without_database, commands={}))
