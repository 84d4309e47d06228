"""Setting up from a spreadsheet: one row at a time, in the transaction of the whole file."""

from intake.domain.forms import SourceForm, UnitForm
from intake.office import Office
from intake.queries import sources, units
from intake.use_cases import set_up_unit
from intake.use_cases.set_up_source import change_source, rotate_secret, secrets_of, set_up_source
from shared.csv_import import RowOutcome
from shared.messaging.unit_of_work import UnitOfWork


async def put_unit(work: UnitOfWork, *, form: UnitForm, office: Office) -> RowOutcome:
    """Create the unit of this serial number, or change it to what the row says."""
    known = await units.by_serial_number(work.session, serial_numbers=[form.serial_number])
    unit = known.get(form.serial_number)
    if unit is None:
        await set_up_unit.set_up_unit(work, form=form, office=office)
        return RowOutcome.CREATED
    if set_up_unit.form_of(unit) == form:
        return RowOutcome.UNCHANGED
    await set_up_unit.change_unit(work, unit_id=unit.id, version=None, form=form, office=office)
    return RowOutcome.CHANGED


async def put_source(work: UnitOfWork, *, form: SourceForm, office: Office) -> RowOutcome:
    """Create the push source of this name, or change it to what the row says; another secret is a rotation."""
    source = await sources.by_name(work.session, name=form.name)
    if source is None or source.adapter != form.adapter:
        await set_up_source(work, form=form, office=office)
        return RowOutcome.CREATED
    before = source.version
    if form.secret not in secrets_of(source, office=office):
        await rotate_secret(work, source_id=source.id, version=None, secret=form.secret, office=office)
    if (source.public_base, source.country, tuple(source.networks)) != (form.public_base, form.country, form.networks):
        await change_source(
            work,
            source_id=source.id,
            version=None,
            public_base=form.public_base,
            country=form.country,
            networks=form.networks,
            office=office,
        )
    return RowOutcome.UNCHANGED if source.version == before else RowOutcome.CHANGED
