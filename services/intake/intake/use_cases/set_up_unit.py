"""Installed units with their warranty terms (保修卡) become known."""

from uuid import UUID

from intake.domain.forms import UnitForm
from intake.office import Office
from intake.queries import units
from intake.tables import UnitRow
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal, require_version


async def set_up_unit(work: UnitOfWork, *, form: UnitForm, office: Office) -> UnitRow:
    """A unit that is not known yet; serial numbers are unique in the company."""
    _require_sense(form)
    if form.serial_number in await units.by_serial_number(work.session, serial_numbers=[form.serial_number]):
        raise IllegalTransition(
            "unit_exists", detail="A unit has this serial number.", expected="another number, or a change of that unit"
        )
    unit = UnitRow(
        id=work.new_id(),
        serial_number=form.serial_number,
        product_family=form.product_family,
        product_model=form.product_model,
        sold_on=form.sold_on,
        warranty_months=form.warranty_months,
        warranty_ends_on=form.warranty_ends_on,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(unit)
    await work.session.flush()
    await _record(work, unit=unit, action="unit_set_up", office=office)
    return unit


async def change_unit(
    work: UnitOfWork, *, unit_id: UUID, version: int | None, form: UnitForm, office: Office
) -> UnitRow:
    """What a unit is and how long it is under warranty; cases that were registered before keep what they decided."""
    _require_sense(form)
    unit = await units.lock(work.session, unit_id=unit_id)
    require_version(unit.version, expected=version)
    if form.serial_number != unit.serial_number:
        raise Refusal(
            "serial_number_is_fixed",
            detail="A unit keeps its serial number.",
            expected=f"serial_number {unit.serial_number}",
        )
    describe(unit, form=form)
    await _record(work, unit=unit, action="unit_changed", office=office)
    return unit


def describe(unit: UnitRow, *, form: UnitForm) -> None:
    """Write the form into the row, as a new version."""
    unit.product_family = form.product_family
    unit.product_model = form.product_model
    unit.sold_on = form.sold_on
    unit.warranty_months = form.warranty_months
    unit.warranty_ends_on = form.warranty_ends_on
    unit.version += 1


def form_of(unit: UnitRow) -> UnitForm:
    """What a form would say of this unit."""
    return UnitForm(
        serial_number=unit.serial_number,
        product_family=unit.product_family,
        product_model=unit.product_model,
        sold_on=unit.sold_on,
        warranty_months=unit.warranty_months,
        warranty_ends_on=unit.warranty_ends_on,
    )


async def _record(work: UnitOfWork, *, unit: UnitRow, action: str, office: Office) -> None:
    terms: dict[str, str | int | None] = {
        "product_family": unit.product_family,
        "product_model": unit.product_model,
        "sold_on": unit.sold_on.isoformat(),
        "warranty_months": unit.warranty_months,
        "warranty_ends_on": None if unit.warranty_ends_on is None else unit.warranty_ends_on.isoformat(),
    }
    await office.audit.record(work, action=action, subject=f"unit/{unit.id}", details=terms)


def _require_sense(form: UnitForm) -> None:
    if form.warranty_ends_on is not None and form.warranty_ends_on < form.sold_on:
        raise Refusal(
            "warranty_before_sale",
            detail="The warranty would end before the unit was sold.",
            expected=f"warranty_ends_on of {form.sold_on.isoformat()} or later",
        )
