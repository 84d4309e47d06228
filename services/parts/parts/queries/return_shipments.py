"""What is on its way to the factory, lies there, or is late coming back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.tables import ReturnShipmentRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentsAsked:
    """Which shipments a list shows; None means all. `late_at`: not there, or not back, when it was expected."""

    item_id: UUID | None = None
    work_order_id: UUID | None = None
    case_id: UUID | None = None
    back: bool | None = None
    late_at: datetime | None = None


async def out(session: AsyncSession, *, item_id: UUID) -> ReturnShipmentRow | None:
    """The shipment of an item that is not back."""
    statement = select(ReturnShipmentRow).where(
        col(ReturnShipmentRow.item_id) == item_id, col(ReturnShipmentRow.returned_at).is_(None)
    )
    return (await session.scalars(statement)).one_or_none()


async def lock(session: AsyncSession, *, shipment_id: UUID) -> ReturnShipmentRow:
    """A shipment to change, locked until the transaction ends. Raises Unknown."""
    statement = select(ReturnShipmentRow).where(col(ReturnShipmentRow.id) == shipment_id).with_for_update()
    row = (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise Unknown(
            "unknown_return_shipment",
            detail=f"there is no return shipment {shipment_id}",
            expected="an id of GET /v1/return-shipments",
        )
    return row


async def listed(session: AsyncSession, *, asked: ShipmentsAsked, page: PageAsked) -> Sequence[ReturnShipmentRow]:
    """Shipments, the newest first; one row more than the page where there is another page."""
    found = select(ReturnShipmentRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(ReturnShipmentRow.sent_at), id_=col(ReturnShipmentRow.id))
    return (await session.scalars(statement)).all()


def _conditions(asked: ShipmentsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.item_id is not None:
        yield col(ReturnShipmentRow.item_id) == asked.item_id
    if asked.work_order_id is not None:
        yield col(ReturnShipmentRow.work_order_id) == asked.work_order_id
    if asked.case_id is not None:
        yield col(ReturnShipmentRow.case_id) == asked.case_id
    is_out = col(ReturnShipmentRow.returned_at).is_(None)
    if asked.back is not None:
        yield ~is_out if asked.back else is_out
    if asked.late_at is not None:
        under_way = col(ReturnShipmentRow.arrived_at).is_(None)
        yield or_(
            and_(under_way, col(ReturnShipmentRow.arrival_expected_at) < asked.late_at),
            and_(is_out, col(ReturnShipmentRow.return_expected_at) < asked.late_at),
        )
