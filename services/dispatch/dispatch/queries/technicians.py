"""Technicians with their certificates and absences."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispatch.domain.offers import OfferState
from dispatch.queries.rotas import has_offer, is_away, is_out
from dispatch.tables import AbsenceRow, CertificateRow, OfferRow, TechnicianRow
from shared.http.paging import PageAsked, Place, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class TechniciansAsked:
    """Which technicians a list shows; None means all. `free_at`: neither away nor out nor asked at that instant."""

    search: str | None = None
    department: str | None = None
    skill: str | None = None
    zone: str | None = None
    active: bool | None = None
    free_at: datetime | None = None


async def find(session: AsyncSession, *, technician_id: UUID) -> TechnicianRow:
    """A technician to look at. Raises Unknown."""
    return _known(await session.get(TechnicianRow, technician_id), name=str(technician_id))


async def lock(session: AsyncSession, *, technician_id: UUID) -> TechnicianRow:
    """A technician to change, locked until the transaction ends. Raises Unknown."""
    statement = select(TechnicianRow).where(col(TechnicianRow.id) == technician_id).with_for_update(key_share=True)
    fresh = statement.execution_options(populate_existing=True)
    return _known((await session.scalars(fresh)).one_or_none(), name=str(technician_id))


async def by_staff_number(session: AsyncSession, *, staff_number: str) -> TechnicianRow | None:
    """The technician with a staff number."""
    statement = select(TechnicianRow).where(col(TechnicianRow.staff_number) == staff_number)
    return (await session.scalars(statement)).one_or_none()


async def by_staff_numbers(session: AsyncSession, *, staff_numbers: Collection[str]) -> dict[str, TechnicianRow]:
    """Technicians by staff number, locked in one order until the transaction ends."""
    statement = (
        select(TechnicianRow)
        .where(col(TechnicianRow.staff_number).in_(staff_numbers))
        .order_by(col(TechnicianRow.id))
        .with_for_update()
    )
    return {row.staff_number: row for row in (await session.scalars(statement)).all()}


async def listed(session: AsyncSession, *, asked: TechniciansAsked, page: PageAsked) -> Sequence[TechnicianRow]:
    """Technicians, the newest first; one row more than the page where there is another page."""
    found = select(TechnicianRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(TechnicianRow.created_at), id_=col(TechnicianRow.id))
    return (await session.scalars(statement)).all()


async def certificates_of(session: AsyncSession, *, technician_id: UUID) -> Sequence[CertificateRow]:
    """All certificates of a technician, the one that ends first in front."""
    statement = (
        select(CertificateRow)
        .where(col(CertificateRow.technician_id) == technician_id)
        .order_by(col(CertificateRow.valid_until), col(CertificateRow.id))
    )
    return (await session.scalars(statement)).all()


async def find_certificate(session: AsyncSession, *, certificate_id: UUID) -> CertificateRow:
    """A certificate. Raises Unknown."""
    row = await session.get(CertificateRow, certificate_id)
    if row is None:
        raise Unknown(
            "unknown_certificate",
            detail=f"there is no certificate {certificate_id}",
            expected="an id of GET /v1/certificates",
        )
    return row


async def find_absence(session: AsyncSession, *, absence_id: UUID) -> AbsenceRow:
    """An absence. Raises Unknown."""
    row = await session.get(AbsenceRow, absence_id)
    if row is None:
        raise Unknown(
            "unknown_absence", detail=f"there is no absence {absence_id}", expected="an id of GET /v1/absences"
        )
    return row


async def certificates(
    session: AsyncSession, *, code: str | None, since: date | None, before: date | None, page: PageAsked
) -> Sequence[CertificateRow]:
    """Certificates that end from `since` until before `before`, those that end first in front."""
    conditions = [*_from(page.after)]
    if code is not None:
        conditions.append(col(CertificateRow.code) == code)
    if since is not None:
        conditions.append(col(CertificateRow.valid_until) >= since)
    if before is not None:
        conditions.append(col(CertificateRow.valid_until) < before)
    statement = (
        select(CertificateRow)
        .where(*conditions)
        .order_by(col(CertificateRow.valid_until), col(CertificateRow.id))
        .limit(page.limit + 1)
    )
    return (await session.scalars(statement)).all()


def end_of(certificate: CertificateRow) -> Place:
    """Where a certificate stands in the list of those that end."""
    return Place(at=datetime.combine(certificate.valid_until, time(), UTC), id=certificate.id)


async def absences(
    session: AsyncSession, *, technician_id: UUID | None, at: datetime | None, page: PageAsked
) -> Sequence[AbsenceRow]:
    """Absences, those that last longest first; `at` shows those that are away at that instant."""
    conditions: list[ColumnElement[bool]] = []
    if technician_id is not None:
        conditions.append(col(AbsenceRow.technician_id) == technician_id)
    if at is not None:
        conditions += [col(AbsenceRow.away_from) <= at, col(AbsenceRow.until) > at]
    found = select(AbsenceRow).where(*conditions)
    statement = newest_first(found, asked=page, at=col(AbsenceRow.until), id_=col(AbsenceRow.id))
    return (await session.scalars(statement)).all()


def _from(place: Place | None) -> Iterator[ColumnElement[bool]]:
    if place is not None:
        yield tuple_(col(CertificateRow.valid_until), col(CertificateRow.id)) > (place.at.date(), place.id)


def _conditions(asked: TechniciansAsked) -> Iterator[ColumnElement[bool]]:
    if asked.search is not None:
        searched = (col(TechnicianRow.staff_number), col(TechnicianRow.name))
        yield or_(*(column.icontains(asked.search, autoescape=True) for column in searched))
    if asked.department is not None:
        yield col(TechnicianRow.department) == asked.department
    if asked.skill is not None:
        yield col(TechnicianRow.skills).contains([asked.skill])
    if asked.zone is not None:
        yield col(TechnicianRow.zones).contains([asked.zone])
    if asked.active is not None:
        yield col(TechnicianRow.active).is_(asked.active)
    if asked.free_at is not None:
        yield col(TechnicianRow.active).is_(True)
        yield ~is_away(asked.free_at)
        yield ~is_out(asked.free_at)
        yield ~has_offer(col(OfferRow.state) == OfferState.PENDING)


def _known(technician: TechnicianRow | None, *, name: str) -> TechnicianRow:
    if technician is None:
        raise Unknown(
            "unknown_technician", detail=f"there is no technician {name}", expected="an id of GET /v1/technicians"
        )
    return technician
