"""Customers who are not satisfied."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from feedback.tables import DissatisfactionRow, OrderRow
from shared.http.paging import PageAsked, newest_first


class Matter(NamedTuple):
    """A dissatisfaction with the order that it is about."""

    dissatisfaction: DissatisfactionRow
    order: OrderRow


async def listed(
    session: AsyncSession, *, case_id: UUID | None, technician_id: UUID | None, page: PageAsked
) -> Sequence[Matter]:
    """The newest first; one row more than the page where there is another page."""
    found = select(DissatisfactionRow, OrderRow).join(OrderRow, col(OrderRow.id) == col(DissatisfactionRow.order_id))
    equal = ((col(OrderRow.case_id), case_id), (col(OrderRow.technician_id), technician_id))
    statement = newest_first(
        found.where(*(column == value for column, value in equal if value is not None)),
        asked=page,
        at=col(DissatisfactionRow.raised_at),
        id_=col(DissatisfactionRow.id),
    )
    return [Matter(*row) for row in await session.execute(statement)]
