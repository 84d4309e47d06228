"""The rota of a department: whose turn it was, and every technician as the rota sees him at one instant."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispatch.domain.offers import OfferState
from dispatch.domain.rotation import Candidate, Place
from dispatch.domain.visits import AHEAD as NOT_LEFT_YET
from dispatch.domain.visits import OUT
from dispatch.domain.work_orders import WorkOrderState
from dispatch.tables import (
    AbsenceRow,
    CertificateRow,
    OfferRow,
    RotaLogRow,
    RotaRow,
    TechnicianRow,
    VisitRow,
    WorkOrderRow,
)

AHEAD = (WorkOrderState.ASSIGNED, WorkOrderState.SCHEDULED)
"""States of orders that a technician accepted and has not arrived for yet."""


async def lock(session: AsyncSession, *, department: str) -> RotaRow:
    """The turn of a department, locked until the transaction ends: nobody else gives a turn meanwhile."""
    await session.execute(insert(RotaRow).values(department=department).on_conflict_do_nothing())
    statement = select(RotaRow).where(col(RotaRow.department) == department).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def find(session: AsyncSession, *, department: str) -> RotaRow | None:
    """The turn of a department, to look at; None before anybody had one."""
    return await session.get(RotaRow, department)


def place_of(rota: RotaRow) -> Place | None:
    """The place that had the last turn."""
    if rota.position is None or rota.technician_id is None:
        return None
    return Place(position=rota.position, technician_id=rota.technician_id)


async def candidates(session: AsyncSession, *, order: WorkOrderRow, now: datetime, today: date) -> list[Candidate]:
    """Every technician as he stands at `now` for this order, in one statement; `today` decides on certificates."""
    certified = (
        select(col(CertificateRow.technician_id), func.array_agg(col(CertificateRow.code)).label("codes"))
        .where(col(CertificateRow.valid_from) <= today, col(CertificateRow.valid_until) >= today)
        .group_by(col(CertificateRow.technician_id))
        .subquery()
    )
    ahead = (
        select(col(WorkOrderRow.technician_id), func.count().label("orders"))
        .where(col(WorkOrderRow.state).in_(AHEAD))
        .group_by(col(WorkOrderRow.technician_id))
        .subquery()
    )
    own = col(OfferRow.work_order_id) == order.id
    statement = (
        select(
            *(col(column) for column in (TechnicianRow.id, TechnicianRow.rota_position, TechnicianRow.department)),
            *(col(column) for column in (TechnicianRow.active, TechnicianRow.skills, TechnicianRow.zones)),
            certified.c.codes.label("certificates"),
            func.coalesce(ahead.c.orders, 0).label("open_orders"),
            is_away(now).label("away"),
            is_out(now).label("out_on_visit"),
            has_offer(col(OfferRow.state) == OfferState.PENDING).label("offer_pending"),
            has_offer(own, col(OfferRow.state) == OfferState.REFUSED).label("refused"),
            has_offer(own, col(OfferRow.state) == OfferState.EXPIRED, col(OfferRow.round) == order.failures).label(
                "did_not_answer"
            ),
        )
        .outerjoin(certified, certified.c.technician_id == col(TechnicianRow.id))
        .outerjoin(ahead, ahead.c.technician_id == col(TechnicianRow.id))
    )
    return [_candidate(row) for row in (await session.execute(statement)).mappings()]


def is_away(now: datetime) -> ColumnElement[bool]:
    """Whether a technician has an absence at the instant."""
    away = select(col(AbsenceRow.technician_id)).where(col(AbsenceRow.away_from) <= now, col(AbsenceRow.until) > now)
    return col(TechnicianRow.id).in_(away)


def is_out(now: datetime) -> ColumnElement[bool]:
    """Whether a technician is out on repair and not yet back (R235), or should be, by a window that he agreed."""
    out = col(VisitRow.state).in_(OUT)
    due = col(VisitRow.state).in_(NOT_LEFT_YET) & (col(VisitRow.starts_at) <= now) & (col(VisitRow.ends_at) > now)
    return col(TechnicianRow.id).in_(select(col(VisitRow.technician_id)).where(out | due))


def has_offer(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a technician has an offer of the kind."""
    return col(TechnicianRow.id).in_(select(col(OfferRow.technician_id)).where(*conditions))


async def log_of(session: AsyncSession, *, order_id: UUID) -> Sequence[RotaLogRow]:
    """Every look for a technician of an order, the first one first."""
    statement = (
        select(RotaLogRow)
        .where(col(RotaLogRow.work_order_id) == order_id)
        .order_by(col(RotaLogRow.decided_at), col(RotaLogRow.id))
    )
    return (await session.scalars(statement)).all()


async def in_order(session: AsyncSession, *, department: str) -> Sequence[TechnicianRow]:
    """The active technicians of a department as they stand in the rota."""
    statement = (
        select(TechnicianRow)
        .where(col(TechnicianRow.department) == department, col(TechnicianRow.active))
        .order_by(col(TechnicianRow.rota_position), col(TechnicianRow.id))
    )
    return (await session.scalars(statement)).all()


def _candidate(row: RowMapping) -> Candidate:
    return Candidate(
        place=Place(position=row["rota_position"], technician_id=row["id"]),
        department=row["department"],
        active=row["active"],
        skills=frozenset(row["skills"]),
        certificates=frozenset(row["certificates"] or ()),
        zones=frozenset(row["zones"]),
        refused=row["refused"],
        did_not_answer=row["did_not_answer"],
        away=row["away"],
        out_on_visit=row["out_on_visit"],
        offer_pending=row["offer_pending"],
        open_orders=row["open_orders"],
    )
