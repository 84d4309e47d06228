"""Installed units."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from intake.tables import UnitRow
from shared.refusals import Unknown


async def load(session: AsyncSession, *, unit_id: UUID) -> UnitRow:
    """Raises Unknown."""
    unit = await session.get(UnitRow, unit_id)
    if unit is None:
        raise Unknown("unknown_unit", detail=f"There is no unit {unit_id}.", expected="an id of GET /v1/units")
    return unit


async def lock(session: AsyncSession, *, unit_id: UUID) -> UnitRow:
    """A unit to change, locked until the transaction ends. Raises Unknown."""
    await load(session, unit_id=unit_id)
    statement = select(UnitRow).where(UnitRow.id == unit_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def by_serial_number(session: AsyncSession, *, serial_numbers: Iterable[str]) -> Mapping[str, UnitRow]:
    """The units that exist, by serial number."""
    found = await session.scalars(select(UnitRow).where(col(UnitRow.serial_number).in_(set(serial_numbers))))
    return {unit.serial_number: unit for unit in found}
