"""Places of stock (存放地点) are set up, one by one or from a spreadsheet."""

from parts.desk import Desk
from parts.domain.places import LocationForm, PlaceKind, check_owner
from parts.policy import require_known
from parts.queries import places
from parts.tables import LocationRow
from shared.csv_import import RowOutcome
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def usual_place(work: UnitOfWork, *, desk: Desk) -> LocationRow:
    """Where pieces lie unless somebody says otherwise: the policy's first storeroom, there from its first use on."""
    first = desk.policy.first_storeroom
    row = LocationRow(
        id=work.new_id(),
        code=first.code,
        kind=PlaceKind.WAREHOUSE,
        name_zh=first.name.zh_cn,
        name_en=first.name.en,
        department=first.department,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    return await places.put(work.session, row=row)


async def add_location(work: UnitOfWork, *, form: LocationForm, desk: Desk) -> LocationRow:
    """Raises IllegalTransition where the code is taken, Refusal for what the policy does not know."""
    if await places.by_code(work.session, codes={form.code}):
        raise IllegalTransition(
            "location_taken",
            detail=f"there is a place {form.code} already",
            expected="a code that no place has, or a change of that place",
        )
    _check(form, desk=desk)
    row = LocationRow(
        id=work.new_id(),
        code=form.code,
        kind=form.kind,
        name_zh=form.name_zh,
        name_en=form.name_en,
        department=form.department,
        staff_number=form.staff_number,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(row)
    await work.session.flush()
    await desk.audit.record(work, action="location_added", subject=f"location/{row.code}")
    return row


async def change_location(
    work: UnitOfWork, *, code: str, version: int | None, form: LocationForm, desk: Desk
) -> LocationRow:
    """Replace everything but the code. Whose account it is stays where anything ever lay there (R324)."""
    row = await places.lock(work.session, code=code)
    require_version(row.version, expected=version)
    if form.code != code:
        raise IllegalTransition(
            "location_code_changed",
            detail=f"the code is {code}, not {form.code}",
            expected="the same code; another code is another place",
        )
    await _write(work, row=row, form=form, desk=desk)
    return row


async def put_location(work: UnitOfWork, *, form: LocationForm, desk: Desk) -> RowOutcome:
    """One line of an import: a new place, or a known one as the line says."""
    if not await places.by_code(work.session, codes={form.code}):
        await add_location(work, form=form, desk=desk)
        return RowOutcome.CREATED
    row = await places.lock(work.session, code=form.code)
    if _form_of(row) == form:
        return RowOutcome.UNCHANGED
    await _write(work, row=row, form=form, desk=desk)
    return RowOutcome.CHANGED


def _form_of(row: LocationRow) -> LocationForm:
    return LocationForm(
        code=row.code,
        kind=PlaceKind(row.kind),
        name_zh=row.name_zh,
        name_en=row.name_en,
        department=row.department,
        staff_number=row.staff_number,
    )


def _check(form: LocationForm, *, desk: Desk) -> None:
    require_known(form.department, known=desk.policy.departments, field="department")
    check_owner(form.kind, staff_number=form.staff_number)


async def _write(work: UnitOfWork, *, row: LocationRow, form: LocationForm, desk: Desk) -> None:
    _check(form, desk=desk)
    fixed = (row.kind, row.department) != (form.kind, form.department)
    if fixed and await places.has_moved(work.session, code=row.code):
        raise IllegalTransition(
            "location_in_use",
            detail=f"{row.code} is a {row.kind} of {row.department}, and pieces have lain there",
            expected="another place, to which its pieces are transferred",
        )
    row.kind, row.department, row.staff_number = form.kind, form.department, form.staff_number
    row.name_zh, row.name_en = form.name_zh, form.name_en
    row.version += 1
    await desk.audit.record(work, action="location_changed", subject=f"location/{row.code}")
