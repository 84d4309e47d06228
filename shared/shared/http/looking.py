"""What every service shows of itself: the clocks that it runs, explained, and its audit log."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import ColumnElement, Row, Table, select
from starlette.responses import Response

from shared.audit import AuditTables
from shared.clocks.explanation import ClockExplanation
from shared.clocks.keeping import Clocks
from shared.clocks.tables import ClockTables
from shared.http.calls import Call, answer_of, reading, response_of
from shared.http.paging import Asked, Page, Place, newest_first, page_of
from shared.http.problems import NotFound, problem_responses
from shared.http.routing import router_under


class ClockLine(BaseModel):
    """A clock in a list; `GET /v1/clocks/{id}` explains it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str = Field(serialization_alias="clock", description="name of the promise")
    subject_id: UUID = Field(description="the case that was promised something")
    started_at: AwareDatetime
    stopped_at: AwareDatetime | None
    due_at: AwareDatetime | None = Field(description="null while a pause goes on")
    breached_at: AwareDatetime | None = Field(description="when the promise was broken, once that was announced")


class AuditEntryView(BaseModel):
    """Who did what to whom and what for (R048)."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: AwareDatetime
    actor_kind: str
    actor_id: str
    actor_role: str
    action: str
    subject: str
    purpose: str | None
    details: dict[str, JsonValue]
    correlation_id: UUID | None


def clocks_router(clocks: Clocks, *, tables: ClockTables) -> APIRouter:
    """`GET /v1/clocks` and `GET /v1/clocks/{id}`."""
    router = router_under("/v1/clocks", tag="clocks")

    @router.get("")
    async def get_clocks(
        *,
        asked: Asked,
        call: Annotated[Call, reading("clocks:read")],
        subject_id: Annotated[UUID | None, Query(description="a case")] = None,
        running: Annotated[bool | None, Query(description="not stopped yet")] = None,
        overdue: Annotated[bool | None, Query(description="running, and past its due time")] = None,
    ) -> Page[ClockLine]:
        """The latest start first."""
        async with call.work() as work:
            wanted = _clock_conditions(
                tables.clock, now=work.now, subject_id=subject_id, running=running, overdue=overdue
            )
            found = select(tables.clock).where(*wanted)
            statement = newest_first(found, asked=asked, at=tables.clock.c.started_at, id_=tables.clock.c.id)
            rows = (await work.session.execute(statement)).all()
            return page_of(rows, asked=asked, view=ClockLine.model_validate, place=_start_of)

    @router.get("/{clock_id}", response_model=ClockExplanation, responses=problem_responses(404))
    async def get_clock(clock_id: UUID, call: Annotated[Call, reading("clocks:read")]) -> Response:
        """Where the clock stands, and of every interval whether it counted and why."""
        async with call.work() as work:
            explained = await clocks.explain(work.session, clock_id=clock_id, at=work.now)
            if explained is None:
                raise NotFound(f"there is no clock {clock_id}", expected="an id of GET /v1/clocks")
            return response_of(answer_of(explained, status=200, version=None, location=None))

    return router


def audit_router(tables: AuditTables) -> APIRouter:
    """`GET /v1/audit`."""
    router = router_under("/v1/audit", tag="audit")
    entry = tables.entry

    @router.get("")
    async def get_audit(
        *,
        asked: Asked,
        call: Annotated[Call, reading("audit:read")],
        action: Annotated[str | None, Query(max_length=60)] = None,
        subject: Annotated[str | None, Query(max_length=200, description="`<kind>/<id>`")] = None,
        actor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Page[AuditEntryView]:
        """The newest first."""
        given = ((entry.c.action, action), (entry.c.subject, subject), (entry.c.actor_id, actor))
        async with call.work() as work:
            found = select(entry).where(*(column == value for column, value in given if value is not None))
            statement = newest_first(found, asked=asked, at=entry.c.at, id_=entry.c.id)
            rows = (await work.session.execute(statement)).all()
            return page_of(rows, asked=asked, view=AuditEntryView.model_validate, place=_entry_of)

    return router


def _clock_conditions(
    clock: Table, *, now: datetime, subject_id: UUID | None, running: bool | None, overdue: bool | None
) -> Iterator[ColumnElement[bool]]:
    yield clock.c.started_at.is_not(None)
    if subject_id is not None:
        yield clock.c.subject_id == subject_id
    if running is not None:
        yield clock.c.stopped_at.is_(None) if running else clock.c.stopped_at.is_not(None)
    if overdue is not None:
        late = clock.c.stopped_at.is_(None) & clock.c.due_at.is_not(None) & (clock.c.due_at <= now)
        yield late if overdue else ~late


def _start_of(row: Row[tuple[object, ...]]) -> Place:
    return Place(at=row.started_at, id=row.id)


def _entry_of(row: Row[tuple[object, ...]]) -> Place:
    return Place(at=row.at, id=row.id)
