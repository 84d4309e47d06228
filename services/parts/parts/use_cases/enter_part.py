"""Parts enter the catalogue (备件目录), change and are imported."""

from parts.desk import Desk
from parts.domain.forms import PartForm
from parts.queries import stock
from parts.tables import PartRow, StockRow
from shared.csv_import import RowOutcome
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def add_part(work: UnitOfWork, *, form: PartForm, desk: Desk) -> PartRow:
    """With an empty shelf. Raises IllegalTransition where the code is taken."""
    if await stock.parts_by_code(work.session, codes={form.part_code}):
        raise IllegalTransition(
            "part_code_taken",
            detail=f"there is a part {form.part_code} already",
            expected="a part_code that the catalogue does not have, or a change of that part",
        )
    part = PartRow(
        id=work.new_id(),
        part_code=form.part_code,
        name_zh=form.name_zh,
        name_en=form.name_en,
        unit_price=form.unit_price,
        minimum=form.minimum,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(part)
    await work.session.flush()
    work.session.add(StockRow(part_code=part.part_code))
    await desk.audit.record(work, action="part_added", subject=f"part/{part.part_code}")
    return part


async def change_part(work: UnitOfWork, *, part_code: str, version: int | None, form: PartForm, desk: Desk) -> PartRow:
    """Replace everything but the code. What is ordered already keeps its price."""
    part = await stock.lock_part(work.session, part_code=part_code)
    require_version(part.version, expected=version)
    if form.part_code != part_code:
        raise IllegalTransition(
            "part_code_changed",
            detail=f"the part_code is {part_code}, not {form.part_code}",
            expected="the same part_code; another code is another part",
        )
    await _write(work, part=part, form=form, desk=desk)
    return part


async def put_part(work: UnitOfWork, *, form: PartForm, desk: Desk) -> RowOutcome:
    """One line of an import: a new part, or a known one as the line says."""
    if not await stock.parts_by_code(work.session, codes={form.part_code}):
        await add_part(work, form=form, desk=desk)
        return RowOutcome.CREATED
    part = await stock.lock_part(work.session, part_code=form.part_code)
    if form_of(part) == form:
        return RowOutcome.UNCHANGED
    await _write(work, part=part, form=form, desk=desk)
    return RowOutcome.CHANGED


def form_of(part: PartRow) -> PartForm:
    """The form as it would be filled in for what is stored."""
    return PartForm(
        part_code=part.part_code,
        name_zh=part.name_zh,
        name_en=part.name_en,
        unit_price=part.unit_price,
        minimum=part.minimum,
    )


async def _write(work: UnitOfWork, *, part: PartRow, form: PartForm, desk: Desk) -> None:
    part.name_zh, part.name_en = form.name_zh, form.name_en
    part.unit_price, part.minimum = form.unit_price, form.minimum
    part.version += 1
    await desk.audit.record(
        work, action="part_changed", subject=f"part/{part.part_code}", details={"unit_price": str(form.unit_price)}
    )
