"""What people look for: lists in pages, newest first, with the filters that each role asks for in the morning."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists
from sqlalchemy import select as select_columns
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from intake.tables import (
    CLOCKS,
    METADATA,
    ApprovalRow,
    CallRow,
    CaseRow,
    CustomerRow,
    PushSourceRow,
    StaffRow,
    UnitRow,
)
from shared.http.paging import PageAsked, newest_first

CASE = METADATA.tables["repair_case"]
CALL = METADATA.tables["call"]
CUSTOMER = METADATA.tables["customer"]
PHONE = METADATA.tables["customer_phone"]
SITE = METADATA.tables["site"]
UNIT = METADATA.tables["unit"]
STAFF = METADATA.tables["staff_member"]
SOURCE = METADATA.tables["push_source"]
APPROVAL = METADATA.tables["approval"]

type Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Cases that an agent looks for. `overdue_at`: whose response is overdue at that instant."""

    states: Sequence[str] = ()
    districts: Sequence[str] = ()
    owner_id: str | None = None
    number: str | None = None
    call_id: UUID | None = None
    customer_id: UUID | None = None
    unit_id: UUID | None = None
    urgency: str | None = None
    warranty: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    overdue_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Calls that an agent looks for. `number_index` is the digest of the number of the party outside."""

    number_index: bytes | None = None
    states: Sequence[str] = ()
    direction: str | None = None
    outcome: str | None = None
    source_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    registered: bool | None = None


async def list_cases(session: AsyncSession, *, wanted: CaseFilter, asked: PageAsked) -> Sequence[CaseRow]:
    """Newest registration first; one more than asked for, where there are more."""
    statement = select(CaseRow).where(*_case_conditions(wanted))
    return await _page(session, statement, asked=asked, at=CASE.c.opened_at, id_=CASE.c.id)


async def list_calls(session: AsyncSession, *, wanted: CallFilter, asked: PageAsked) -> Sequence[CallRow]:
    """Newest call first."""
    has_case = exists().where(CASE.c.call_id == CALL.c.id)
    conditions = [
        *_given(CALL.c.customer_index, wanted.number_index),
        *_among(CALL.c.state, wanted.states),
        *_given(CALL.c.direction, wanted.direction),
        *_given(CALL.c.outcome, wanted.outcome),
        *_given(CALL.c.source_id, wanted.source_id),
        *_between(CALL.c.started_at, wanted.since, wanted.until),
    ]
    if wanted.registered is not None:
        conditions.append(has_case if wanted.registered else ~has_case)
    statement = select(CallRow).where(*conditions)
    return await _page(session, statement, asked=asked, at=CALL.c.started_at, id_=CALL.c.id)


async def list_customers(
    session: AsyncSession, *, number_index: bytes | None, name_index: bytes | None, asked: PageAsked
) -> Sequence[CustomerRow]:
    """Newest customer first; by number and by whole name."""
    conditions = _given(CUSTOMER.c.name_index, name_index)
    if number_index is not None:
        conditions.append(
            exists().where(
                PHONE.c.customer_id == CUSTOMER.c.id,
                PHONE.c.number_index == number_index,
            )
        )
    statement = select(CustomerRow).where(*conditions)
    return await _page(session, statement, asked=asked, at=CUSTOMER.c.created_at, id_=CUSTOMER.c.id)


async def list_units(
    session: AsyncSession,
    *,
    serial_number: str | None,
    family: str | None,
    model: str | None,
    customer_id: UUID | None,
    asked: PageAsked,
) -> Sequence[UnitRow]:
    """Newest unit first; `serial_number` also finds by how it begins."""
    conditions = [*_given(UNIT.c.product_family, family), *_given(UNIT.c.product_model, model)]
    if serial_number is not None:
        conditions.append(UNIT.c.serial_number.startswith(serial_number, autoescape=True))
    if customer_id is not None:
        conditions.append(exists().where(SITE.c.id == UNIT.c.site_id, SITE.c.customer_id == customer_id))
    statement = select(UnitRow).where(*conditions)
    return await _page(session, statement, asked=asked, at=UNIT.c.created_at, id_=UNIT.c.id)


async def list_sources(session: AsyncSession, *, adapter: str | None, asked: PageAsked) -> Sequence[PushSourceRow]:
    """Newest source first."""
    statement = select(PushSourceRow).where(*_given(SOURCE.c.adapter, adapter))
    return await _page(session, statement, asked=asked, at=SOURCE.c.created_at, id_=SOURCE.c.id)


async def list_staff(
    session: AsyncSession, *, search: str | None, role: str | None, status: str | None, asked: PageAsked
) -> Sequence[StaffRow]:
    """Who was heard of last comes first; `search` in the staff number."""
    conditions = [*_given(STAFF.c.role, role), *_given(STAFF.c.status, status)]
    if search is not None:
        conditions.append(STAFF.c.staff_number.icontains(search, autoescape=True))
    statement = select(StaffRow).where(*conditions)
    return await _page(session, statement, asked=asked, at=STAFF.c.heard_at, id_=STAFF.c.id)


async def list_approvals(
    session: AsyncSession, *, role: str | None, states: Sequence[str], asked: PageAsked
) -> Sequence[ApprovalRow]:
    """Newest request first; by the role that has to decide."""
    conditions = [*_given(APPROVAL.c.approver_role, role), *_among(APPROVAL.c.state, states)]
    statement = select(ApprovalRow).where(*conditions)
    return await _page(session, statement, asked=asked, at=APPROVAL.c.requested_at, id_=APPROVAL.c.id)


async def clocks_of(session: AsyncSession, *, case_id: UUID) -> Sequence[Row[tuple[object, ...]]]:
    """The clocks of one case, by name."""
    clock = CLOCKS.clock
    statement = select_columns(clock).where(clock.c.subject_id == case_id, clock.c.started_at.is_not(None))
    return (await session.execute(statement.order_by(clock.c.name))).all()


def _case_conditions(wanted: CaseFilter) -> Conditions:
    conditions = [
        *_among(CASE.c.state, wanted.states),
        *_among(CASE.c.district, wanted.districts),
        *_given(CASE.c.owner_id, wanted.owner_id),
        *_given(CASE.c.number, wanted.number),
        *_given(CASE.c.call_id, wanted.call_id),
        *_given(CASE.c.customer_id, wanted.customer_id),
        *_given(CASE.c.unit_id, wanted.unit_id),
        *_given(CASE.c.urgency, wanted.urgency),
        *_given(CASE.c.warranty, wanted.warranty),
        *_between(CASE.c.opened_at, wanted.since, wanted.until),
    ]
    if wanted.overdue_at is not None:
        clock = CLOCKS.clock
        is_overdue = (clock.c.due_at <= wanted.overdue_at) & clock.c.stopped_at.is_(None)
        conditions.append(exists().where(clock.c.subject_id == CASE.c.id, is_overdue))
    return conditions


async def _page[RowT](
    session: AsyncSession,
    statement: SelectOfScalar[RowT],
    *,
    asked: PageAsked,
    at: ColumnElement[datetime],
    id_: ColumnElement[UUID],
) -> Sequence[RowT]:
    return (await session.scalars(newest_first(statement, asked=asked, at=at, id_=id_))).all()


def _given[T](column: ColumnElement[T], value: object) -> Conditions:
    return [] if value is None else [column == value]


def _among(column: ColumnElement[str], values: Sequence[str]) -> Conditions:
    return [column.in_(values)] if values else []


def _between(column: ColumnElement[datetime], since: datetime | None, until: datetime | None) -> Conditions:
    return [*([] if since is None else [column >= since]), *([] if until is None else [column < until])]
