"""What is only looked at: clocks and their explanations, codes of forms, the audit log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import Row
from starlette.responses import Response

from intake.queries.lists import clock_conditions, list_audit, list_clocks
from intake.routes.desk import Desk
from intake.schemas.clocks import ClockLine
from intake.schemas.story import AuditEntryView, Codes
from shared.clocks.explanation import ClockExplanation
from shared.http.calls import Call, answer_of, reading, response_of
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import NotFound, problem_responses

router = APIRouter(prefix="/v1", tags=["looking"])


@router.get("/clocks")
async def get_clocks(
    asked: Asked,
    call: Annotated[Call, reading("clocks:read")],
    case_id: UUID | None = None,
    running: Annotated[bool | None, Query(description="not stopped yet")] = None,
    overdue: Annotated[bool | None, Query(description="past its due time")] = None,
) -> Page[ClockLine]:
    """The latest start first."""
    async with call.work() as work:
        conditions = clock_conditions(now=work.now, subject_id=case_id, running=running, overdue=overdue)
        rows = await list_clocks(work.session, conditions=conditions, asked=asked)
        return page_of(rows, asked=asked, view=ClockLine.of, place=lambda row: Place(at=row.started_at, id=row.id))


@router.get("/clocks/{clock_id}", response_model=ClockExplanation, responses=problem_responses(404))
async def get_clock(clock_id: UUID, call: Annotated[Call, reading("clocks:read")], office: Desk) -> Response:
    """Where the clock stands, and of every interval whether it counted and why."""
    async with call.work() as work:
        explained = await office.clocks.explain(work.session, clock_id=clock_id, at=work.now)
        if explained is None:
            raise NotFound(f"there is no clock {clock_id}", expected="an id of GET /v1/clocks")
        return response_of(answer_of(explained, status=200))


@router.get("/codes", response_model=Codes)
async def get_codes(call: Annotated[Call, reading("cases:read")], office: Desk) -> Response:
    """What forms may say: problems, reasons to wait and to cancel, with their texts in both languages."""
    del call
    return response_of(answer_of(Codes.of(office.policy), status=200))


@router.get("/audit")
async def get_audit(
    asked: Asked,
    call: Annotated[Call, reading("audit:read")],
    action: Annotated[str | None, Query(max_length=60)] = None,
    subject: Annotated[str | None, Query(max_length=200, description="`customer/<id>`, `push_source/<id>` …")] = None,
    actor: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[AuditEntryView]:
    """Newest first: who did what to whom and what for."""
    async with call.work() as work:
        rows = await list_audit(work.session, action=action, subject=subject, actor_id=actor, asked=asked)
        return page_of(rows, asked=asked, view=_entry, place=lambda row: Place(at=row.at, id=row.id))


def _entry(row: Row[tuple[object, ...]]) -> AuditEntryView:
    return AuditEntryView.model_validate(dict(row._mapping))  # noqa: SLF001  # SQLAlchemy's name for a row's columns
