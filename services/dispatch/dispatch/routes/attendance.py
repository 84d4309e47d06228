"""Who may be sent and who is there: certificates (R246) and absences."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from dispatch.queries import technicians
from dispatch.routes.given import DeskGiven
from dispatch.schemas.technicians import (
    AbsenceRecord,
    AbsenceTaken,
    AbsenceView,
    CertificateLine,
    CertificateRecord,
    CertificateView,
)
from dispatch.use_cases.certify_technician import certify_technician, put_certificate, withdraw_certificate
from dispatch.use_cases.record_absence import record_absence, remove_absence
from shared.csv_import import ImportMode, ImportReport, import_sheet, read_sheet
from shared.http.bodies import sheet_body
from shared.http.calls import Call, acting, creating, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.http.sheets import SHEET, Mode

router = router_under("/v1", tag="attendance")
CREATE = problem_responses(404, 409, 428)

type Creating = Annotated[Call, creating("technicians:write")]
type Acting = Annotated[Call, acting("technicians:write")]


@router.post(
    "/technicians/{technician_id}/certificates", status_code=201, response_model=CertificateView, responses=CREATE
)
async def post_certificate(technician_id: UUID, body: CertificateRecord, call: Creating, desk: DeskGiven) -> Response:
    """He was trained, examined and certified (持证上岗)."""
    async with call.work() as work:
        row = await certify_technician(work, technician_id=technician_id, form=body.to_form(), desk=desk)
        return await call.commit(work, CertificateView.of(row), status=201)


@router.post("/certificates/import", openapi_extra=SHEET, response_model=ImportReport)
async def post_certificates(
    request: Request, call: Acting, desk: DeskGiven, mode: Mode = ImportMode.DRY_RUN
) -> Response:
    """Certificates from a CSV file, by staff number, code and first day: all of them or none."""
    sheet = read_sheet(
        sheet_body(request), row=CertificateLine, key=lambda row: f"{row.staff_number}/{row.code}/{row.valid_from}"
    )
    async with call.work() as work:
        report = await import_sheet(
            sheet,
            mode=mode,
            put=lambda row: put_certificate(work, staff_number=row.staff_number, form=row.to_form(), desk=desk),
        )
        return await call.commit_import(work, report)


@router.get("/certificates")
async def get_certificates(
    *,
    asked: Asked,
    call: Annotated[Call, reading("technicians:read")],
    code: Annotated[str | None, Query(max_length=40)] = None,
    ends_from: Annotated[date | None, Query(description="last day then or later")] = None,
    ends_before: Annotated[date | None, Query(description="last day before: what has to be renewed")] = None,
) -> Page[CertificateView]:
    """Those that end first in front."""
    async with call.work() as work:
        rows = await technicians.certificates(work.session, code=code, since=ends_from, before=ends_before, page=asked)
        return page_of(rows, asked=asked, view=CertificateView.of, place=technicians.end_of)


@router.delete("/certificates/{certificate_id}", status_code=204, responses=problem_responses(404))
async def delete_certificate(certificate_id: UUID, call: Acting, desk: DeskGiven) -> Response:
    """It was entered wrongly or taken away."""
    async with call.work() as work:
        await withdraw_certificate(work, certificate_id=certificate_id, desk=desk)
        return await call.commit(work)


@router.post("/technicians/{technician_id}/absences", status_code=201, response_model=AbsenceTaken, responses=CREATE)
async def post_absence(technician_id: UUID, body: AbsenceRecord, call: Creating, desk: DeskGiven) -> Response:
    """He is away for a time and gets no turn. Visits that he agreed for that time stay, and are named to be moved."""
    async with call.work() as work:
        row, clashes = await record_absence(work, technician_id=technician_id, form=body.to_form(), desk=desk)
        return await call.commit(work, AbsenceTaken.whole(row, clashes=clashes), status=201)


@router.get("/absences")
async def get_absences(
    *,
    asked: Asked,
    call: Annotated[Call, reading("technicians:read")],
    technician_id: UUID | None = None,
    at: Annotated[AwareDatetime | None, Query(description="who is away at this instant")] = None,
) -> Page[AbsenceView]:
    """Those that last longest first."""
    async with call.work() as work:
        rows = await technicians.absences(work.session, technician_id=technician_id, at=at, page=asked)
        return page_of(rows, asked=asked, view=AbsenceView.of, place=lambda row: Place(at=row.until, id=row.id))


@router.delete("/absences/{absence_id}", status_code=204, responses=problem_responses(404))
async def delete_absence(absence_id: UUID, call: Acting, desk: DeskGiven) -> Response:
    """He is there after all."""
    async with call.work() as work:
        await remove_absence(work, absence_id=absence_id, desk=desk)
        return await call.commit(work)
