"""Who works here, in which role, and where he is reached (员工, R001): people join, change and leave."""

from uuid import UUID

from notifier.desk import Desk
from notifier.domain.forms import Language, StaffForm, StaffStatus
from notifier.queries import staff
from notifier.tables import StaffRow
from shared.contracts.notifier import StaffChanged
from shared.csv_import import RowOutcome
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal, require_version
from shared.security.roles import ROLES


async def add_member(work: UnitOfWork, *, form: StaffForm, desk: Desk) -> StaffRow:
    """Raises Refusal for a role that nobody knows, IllegalTransition where the staff number is taken."""
    _require_known_role(form.role)
    if await staff.by_staff_number(work.session, staff_number=form.staff_number) is not None:
        raise IllegalTransition(
            "staff_number_taken",
            detail=f"there is a member of the staff {form.staff_number} already",
            expected="a staff number that nobody has, or a change of that member",
        )
    id_ = work.new_id()
    member = StaffRow(
        id=id_,
        staff_number=form.staff_number,
        name=desk.seal(form.name, place="staff_member.name", row=id_),
        name_index=desk.name_index(form.name),
        email=desk.seal(form.email, place="staff_member.email", row=id_),
        role=form.role,
        language=form.language,
        status=form.status,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(member)
    await work.session.flush()
    await _tell(work, member=member, action="member_added", desk=desk)
    return member


async def change_member(
    work: UnitOfWork, *, staff_id: UUID, version: int | None, form: StaffForm, desk: Desk
) -> StaffRow:
    """Replace everything but the staff number, which stays what it is."""
    member = await staff.lock(work.session, staff_id=staff_id)
    require_version(member.version, expected=version)
    _require_known_role(form.role)
    if form.staff_number != member.staff_number:
        raise IllegalTransition(
            "staff_number_changed",
            detail=f"the staff number is {member.staff_number}, not {form.staff_number}",
            expected="the same staff number; another person is another member",
        )
    await _write(work, member=member, form=form, desk=desk)
    return member


async def put_member(work: UnitOfWork, *, form: StaffForm, desk: Desk) -> RowOutcome:
    """One line of an import: a new member, or a known one as the line says."""
    known = await staff.by_staff_number(work.session, staff_number=form.staff_number)
    if known is None:
        await add_member(work, form=form, desk=desk)
        return RowOutcome.CREATED
    known = await staff.lock(work.session, staff_id=known.id)
    _require_known_role(form.role)
    if form_of(known, desk=desk) == form:
        return RowOutcome.UNCHANGED
    await _write(work, member=known, form=form, desk=desk)
    return RowOutcome.CHANGED


def form_of(member: StaffRow, *, desk: Desk) -> StaffForm:
    """The form as it would be filled in for what is stored, in plain text."""
    return StaffForm(
        staff_number=member.staff_number,
        name=desk.open(member.name, place="staff_member.name", row=member.id),
        role=member.role,
        email=desk.open(member.email, place="staff_member.email", row=member.id),
        language=Language(member.language),
        status=StaffStatus(member.status),
    )


async def _write(work: UnitOfWork, *, member: StaffRow, form: StaffForm, desk: Desk) -> None:
    member.name = desk.seal(form.name, place="staff_member.name", row=member.id)
    member.name_index = desk.name_index(form.name)
    member.email = desk.seal(form.email, place="staff_member.email", row=member.id)
    member.role, member.language, member.status = form.role, form.language, form.status
    member.version += 1
    await _tell(work, member=member, action="member_changed", desk=desk)


async def _tell(work: UnitOfWork, *, member: StaffRow, action: str, desk: Desk) -> None:
    work.publish(
        StaffChanged(
            staff_id=member.id,
            staff_number=member.staff_number,
            role=member.role,
            status=StaffStatus(member.status).value,
            revision=member.version,
        )
    )
    details = {"role": member.role, "status": member.status}
    await desk.audit.record(work, action=action, subject=f"staff_member/{member.id}", details=details)


def _require_known_role(role: str) -> None:
    if role not in ROLES:
        raise Refusal("unknown_role", detail=f"there is no role {role}", expected=f"one of: {', '.join(sorted(ROLES))}")
