"""The rota of a department: whose turn it was, and every technician as the rota sees him at one instant."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    Executable,
    Integer,
    RowMapping,
    Uuid,
    bindparam,
    func,
    select,
    tuple_,
)
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

STRETCH = 100
"""Technicians who are looked at together. Companies that have no more get a reason for every one of them each time."""


async def lock(session: AsyncSession, *, department: str) -> RotaRow:
    """The turn of a department, locked until the transaction ends: nobody else gives a turn meanwhile."""
    statement = select(RotaRow).where(col(RotaRow.department) == department).with_for_update()
    fresh = statement.execution_options(populate_existing=True)
    known = (await session.scalars(fresh)).one_or_none()
    if known is not None:
        return known
    await session.execute(insert(RotaRow).values(department=department).on_conflict_do_nothing())
    return (await session.scalars(fresh)).one()


async def find(session: AsyncSession, *, department: str) -> RotaRow | None:
    """The turn of a department, to look at; None before anybody had one."""
    return await session.get(RotaRow, department)


def place_of(rota: RotaRow) -> Place | None:
    """The place that had the last turn."""
    if rota.position is None or rota.technician_id is None:
        return None
    return Place(position=rota.position, technician_id=rota.technician_id)


async def in_turn(
    session: AsyncSession, *, order: WorkOrderRow, after: Place | None, now: datetime, today: date
) -> AsyncIterator[list[Candidate]]:
    """Technicians in the order of their turns, beginning behind `after` and round to that place itself.

    They come in stretches of a hundred, then four times as many each: whoever finds the next among the first of them
    does not wait for the others, however many there are.
    """
    size, stretch = STRETCH, list[Candidate]()
    for begin, end in [(None, None)] if after is None else [(after, None), (None, after)]:
        last, there_may_be_more = begin, True
        while there_may_be_more:
            wanted = size - len(stretch)
            found = await _candidates(session, order=order, after=last, until=end, limit=wanted, now=now, today=today)
            stretch += found
            there_may_be_more = len(found) == wanted
            if there_may_be_more:
                yield stretch
                last, size, stretch = found[-1].place, size * 4, []
    if stretch:
        yield stretch


def is_away(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Whether a technician has an absence at the instant."""
    away = select(col(AbsenceRow.technician_id)).where(col(AbsenceRow.away_from) <= now, col(AbsenceRow.until) > now)
    return col(TechnicianRow.id).in_(away)


def is_out(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
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


async def _candidates(
    session: AsyncSession,
    *,
    order: WorkOrderRow,
    after: Place | None,
    until: Place | None,
    limit: int,
    now: datetime,
    today: date,
) -> list[Candidate]:
    """So many technicians of a part of the rota as they stand at `now`, in one statement; `today` is for papers."""
    asked: dict[str, object] = {"order": order.id, "failures": order.failures, "now": now, "today": today}
    asked["limit"] = limit
    if after is not None:
        asked |= {"after_position": after.position, "after_id": after.technician_id}
    if until is not None:
        asked |= {"until_position": until.position, "until_id": until.technician_id}
    statement = _CANDIDATES[after is not None, until is not None]
    return [_candidate(row) for row in (await session.execute(statement, asked)).mappings()]


def _looking(*where: ColumnElement[bool]) -> Executable:
    """Technicians with what makes somebody's turn, asked with `order`, its `failures`, `now`, `today` and `limit`."""
    technician = col(TechnicianRow.id)
    now, today = bindparam("now", type_=DateTime(timezone=True)), bindparam("today", type_=Date)
    certified = select(func.array_agg(col(CertificateRow.code))).where(
        col(CertificateRow.technician_id) == technician,
        col(CertificateRow.valid_from) <= today,
        col(CertificateRow.valid_until) >= today,
    )
    ahead = select(func.count()).where(
        col(WorkOrderRow.technician_id) == technician, col(WorkOrderRow.state).in_(AHEAD)
    )
    own = col(OfferRow.work_order_id) == bindparam("order")
    this_round = col(OfferRow.round) == bindparam("failures")
    return (
        select(
            *(col(column) for column in (TechnicianRow.id, TechnicianRow.rota_position, TechnicianRow.department)),
            *(col(column) for column in (TechnicianRow.active, TechnicianRow.skills, TechnicianRow.zones)),
            certified.scalar_subquery().label("certificates"),
            ahead.scalar_subquery().label("open_orders"),
            is_away(now).label("away"),
            is_out(now).label("out_on_visit"),
            has_offer(col(OfferRow.state) == OfferState.PENDING).label("offer_pending"),
            has_offer(own, col(OfferRow.state) == OfferState.REFUSED).label("refused"),
            has_offer(own, col(OfferRow.state) == OfferState.EXPIRED, this_round).label("did_not_answer"),
        )
        .where(*where)
        .order_by(col(TechnicianRow.rota_position), technician)
        .limit(bindparam("limit", type_=Integer))
    )


_PLACE = tuple_(col(TechnicianRow.rota_position), col(TechnicianRow.id))
_BEHIND = tuple_(bindparam("after_position", type_=Integer), bindparam("after_id", type_=Uuid)) < _PLACE
_UP_TO = tuple_(bindparam("until_position", type_=Integer), bindparam("until_id", type_=Uuid)) >= _PLACE
_CANDIDATES = {
    (False, False): _looking(),
    (True, False): _looking(_BEHIND),
    (False, True): _looking(_UP_TO),
    (True, True): _looking(_BEHIND, _UP_TO),
}
"""By whether it is asked behind a place, and up to one. Built once: that takes longer than to carry it out."""


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
