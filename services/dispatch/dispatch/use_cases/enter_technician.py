"""Technicians come, change and are imported; whoever waits for one is served (R234)."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.forms import TechnicianForm
from dispatch.policy import DispatchPolicy, require_known
from dispatch.queries import technicians
from dispatch.tables import TechnicianRow
from dispatch.use_cases.serve_waiting import wake_waiting
from shared.csv_import import RowOutcome
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def add_technician(work: UnitOfWork, *, form: TechnicianForm, desk: Desk) -> TechnicianRow:
    """Raises IllegalTransition where the staff number is taken, Refusal for codes that the policy does not know."""
    _check(form, policy=desk.policy)
    if await technicians.by_staff_number(work.session, staff_number=form.staff_number) is not None:
        raise _taken(form.staff_number)
    technician = TechnicianRow(
        id=work.new_id(),
        staff_number=form.staff_number,
        name=form.name,
        department=form.department,
        rota_position=form.rota_position,
        zones=list(form.zones),
        skills=list(form.skills),
        active=form.active,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(technician)
    await work.session.flush()
    wake_waiting(work, department=technician.department)
    await desk.audit.record(work, action="technician_added", subject=f"technician/{technician.id}")
    return technician


async def change_technician(
    work: UnitOfWork, *, technician_id: UUID, version: int | None, form: TechnicianForm, desk: Desk
) -> TechnicianRow:
    """Replace everything but the staff number, which stays what it is."""
    technician = await technicians.lock(work.session, technician_id=technician_id)
    require_version(technician.version, expected=version)
    _check(form, policy=desk.policy)
    if form.staff_number != technician.staff_number:
        raise IllegalTransition(
            "staff_number_changed",
            detail=f"the staff number is {technician.staff_number}, not {form.staff_number}",
            expected="the same staff number; another person is another technician",
        )
    await _write(work, technician=technician, form=form, desk=desk)
    return technician


async def put_technician(work: UnitOfWork, *, form: TechnicianForm, desk: Desk) -> RowOutcome:
    """One line of an import: a new technician, or a known one as the line says."""
    known = await technicians.by_staff_number(work.session, staff_number=form.staff_number)
    if known is None:
        await add_technician(work, form=form, desk=desk)
        return RowOutcome.CREATED
    known = await technicians.lock(work.session, technician_id=known.id)
    _check(form, policy=desk.policy)
    if form_of(known) == form:
        return RowOutcome.UNCHANGED
    await _write(work, technician=known, form=form, desk=desk)
    return RowOutcome.CHANGED


def form_of(technician: TechnicianRow) -> TechnicianForm:
    """The form as it would be filled in for what is stored."""
    return TechnicianForm(
        staff_number=technician.staff_number,
        name=technician.name,
        department=technician.department,
        rota_position=technician.rota_position,
        zones=tuple(technician.zones),
        skills=tuple(technician.skills),
        active=technician.active,
    )


async def _write(work: UnitOfWork, *, technician: TechnicianRow, form: TechnicianForm, desk: Desk) -> None:
    technician.name, technician.active = form.name, form.active
    technician.department, technician.rota_position = form.department, form.rota_position
    technician.zones, technician.skills = list(form.zones), list(form.skills)
    technician.version += 1
    wake_waiting(work, department=technician.department)
    await desk.audit.record(work, action="technician_changed", subject=f"technician/{technician.id}")


def _check(form: TechnicianForm, *, policy: DispatchPolicy) -> None:
    require_known([form.department], known=policy.departments, field="department")
    require_known(form.zones, known=policy.zones, field="zones")
    require_known(form.skills, known=policy.skills, field="skills")


def _taken(staff_number: str) -> IllegalTransition:
    return IllegalTransition(
        "staff_number_taken",
        detail=f"there is a technician {staff_number} already",
        expected="a staff number that nobody has, or a change of that technician",
    )
