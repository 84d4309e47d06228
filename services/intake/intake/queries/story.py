"""The timeline of a case, and what it says of who holds the case."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, or_, select

from intake.domain.case import CaseState
from intake.tables import CaseRow, StoryRow
from shared.contracts.dispatch import (
    OfferDeclined,
    TechnicianAssigned,
    TechnicianOffered,
    WorkOrderCancelled,
    WorkOrderSignedOff,
)


async def add_unless_known(session: AsyncSession, *, row: StoryRow) -> None:
    """Insert it, unless the same event is there."""
    await session.execute(insert(StoryRow).values(row.model_dump()).on_conflict_do_nothing(index_elements=["event_id"]))


async def story_of(session: AsyncSession, *, case_id: UUID) -> Sequence[StoryRow]:
    """Everything that happened to a case, in the order in which it happened."""
    statement = (
        select(StoryRow).where(StoryRow.case_id == case_id).order_by(col(StoryRow.happened_at), col(StoryRow.event_id))
    )
    return (await session.scalars(statement)).all()


async def holds_case_of(session: AsyncSession, *, staff_number: str, customer_id: UUID) -> bool:
    """Whether a technician is offered an order of this customer now, or accepted one, and neither ended since.

    Read from the set of what was heard: an end counts whether it was heard before or after what it ends.
    """
    ended = aliased(StoryRow)
    ends = or_(
        and_(
            col(ended.type) == OfferDeclined.TYPE,
            _fact(ended.facts, "offer_id") == _fact(StoryRow.facts, "offer_id"),
        ),
        and_(
            col(ended.type).in_((WorkOrderCancelled.TYPE, WorkOrderSignedOff.TYPE)),
            _fact(ended.facts, "work_order_id") == _fact(StoryRow.facts, "work_order_id"),
        ),
    )
    statement = (
        select(StoryRow.event_id)
        .join(CaseRow, col(CaseRow.id) == StoryRow.case_id)
        .where(
            CaseRow.customer_id == customer_id,
            CaseRow.state != CaseState.CANCELLED,
            col(StoryRow.type).in_((TechnicianOffered.TYPE, TechnicianAssigned.TYPE)),
            _fact(StoryRow.facts, "staff_number") == staff_number,
            ~select(ended.event_id).where(col(ended.case_id) == StoryRow.case_id, ends).exists(),
        )
    )
    return (await session.scalars(statement.limit(1))).first() is not None


def _fact(facts: Mapping[str, object], name: str) -> ColumnElement[str]:
    return func.jsonb_extract_path_text(facts, name)
