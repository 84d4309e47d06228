"""The timeline of a case, and what it says of who holds the case."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, or_, select

from intake.domain.case import CaseState
from intake.tables import METADATA, CaseRow, StoryRow
from shared.contracts.dispatch import (
    ItemReturned,
    ItemTakenIn,
    OfferDeclined,
    TechnicianAssigned,
    TechnicianOffered,
    WorkOrderCancelled,
    WorkOrderSignedOff,
)
from shared.contracts.envelope import Event
from shared.many_rows import inserting
from shared.messaging.closing import Piece
from shared.messaging.unit_of_work import UnitOfWork

_STORY = METADATA.tables["story"]
_COLUMNS = tuple(_STORY.c.keys())
_ADDING = Piece(
    name="story",
    table=_STORY,
    columns=_COLUMNS,
    sql=f"story_told AS ({inserting(_STORY, _COLUMNS, prefix='story_')} ON CONFLICT (event_id) DO NOTHING)",
)


def add_unless_known(work: UnitOfWork, *, row: StoryRow) -> None:
    """Have it written with the commit, unless the same event is there."""
    work.leave(row.model_dump(), by=_ADDING)


async def story_of(session: AsyncSession, *, case_id: UUID) -> Sequence[StoryRow]:
    """Everything that happened to a case, in the order in which it happened."""
    statement = (
        select(StoryRow).where(StoryRow.case_id == case_id).order_by(col(StoryRow.happened_at), col(StoryRow.event_id))
    )
    return (await session.scalars(statement)).all()


async def items_with_us(session: AsyncSession, *, of: UUID) -> Sequence[tuple[str, str]]:
    """Receipt and case number of each thing that was taken in from this customer and that he has not back (R307)."""
    statement = (
        select(_fact(StoryRow.facts, "receipt_number"), CaseRow.number)
        .join(CaseRow, col(CaseRow.id) == StoryRow.case_id)
        .where(CaseRow.customer_id == of, col(StoryRow.type) == ItemTakenIn.TYPE, _no_end(ItemReturned, same="item_id"))
    )
    found = await session.execute(statement.order_by(col(StoryRow.happened_at), col(StoryRow.event_id)))
    return [(receipt, number) for receipt, number in found]


async def holds_case_of(session: AsyncSession, *, staff_number: str, customer_id: UUID) -> bool:
    """Whether a technician is offered an order of this customer now, or accepted one, and neither ended since.

    Who accepted an order brings back what was taken in under it, also where the order or the case was called off.
    Read from the set of what was heard: an end counts whether it was heard before or after what it ends.
    """
    ends = (WorkOrderCancelled, WorkOrderSignedOff)
    goes_on = and_(CaseRow.state != CaseState.CANCELLED, _no_end(*ends, same="work_order_id"))
    brings_back = and_(col(StoryRow.type) == TechnicianAssigned.TYPE, _has_item())
    statement = (
        select(StoryRow.event_id)
        .join(CaseRow, col(CaseRow.id) == StoryRow.case_id)
        .where(
            CaseRow.customer_id == customer_id,
            col(StoryRow.type).in_((TechnicianOffered.TYPE, TechnicianAssigned.TYPE)),
            _fact(StoryRow.facts, "staff_number") == staff_number,
            _no_end(OfferDeclined, same="offer_id"),
            or_(goes_on, brings_back),
        )
    )
    return (await session.scalars(statement.limit(1))).first() is not None


def _no_end(*ends: type[Event], same: str) -> ColumnElement[bool]:
    """That none of `ends` was heard of the case with the `same` id as the line that is looked at."""
    ended = aliased(StoryRow)
    return ~(
        select(ended.event_id)
        .where(
            col(ended.case_id) == StoryRow.case_id,
            col(ended.type).in_([end.TYPE for end in ends]),
            _fact(ended.facts, same) == _fact(StoryRow.facts, same),
        )
        .correlate(StoryRow)
        .exists()
    )


def _has_item() -> ColumnElement[bool]:
    """That something was taken in under the order of the line that is looked at, and is not back with its owner."""
    taken, back = aliased(StoryRow), aliased(StoryRow)
    is_back = select(back.event_id).where(
        col(back.case_id) == taken.case_id,
        col(back.type) == ItemReturned.TYPE,
        _fact(back.facts, "item_id") == _fact(taken.facts, "item_id"),
    )
    return (
        select(taken.event_id)
        .where(
            col(taken.case_id) == StoryRow.case_id,
            col(taken.type) == ItemTakenIn.TYPE,
            _fact(taken.facts, "work_order_id") == _fact(StoryRow.facts, "work_order_id"),
            ~is_back.correlate(taken).exists(),
        )
        .correlate(StoryRow)
        .exists()
    )


def _fact(facts: Mapping[str, object], name: str) -> ColumnElement[str]:
    return func.jsonb_extract_path_text(facts, name)
