"""Who works here and in which role (员工): people join, change and leave, and are named as responsible."""

from uuid import UUID

from intake.domain.forms import StaffForm
from intake.office import Office
from intake.queries import staff
from intake.tables import StaffRow
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal, require_version
from shared.security.roles import ROLES


async def add_member(work: UnitOfWork, *, form: StaffForm, office: Office) -> StaffRow:
    """R001: a person with a named role. Refuses a role that nobody knows, and a staff id that is taken."""
    _require_known_role(form.role)
    if await staff.by_staff_id(work.session, staff_id=form.staff_id) is not None:
        raise IllegalTransition(
            "member_exists",
            detail=f"There is a member of the staff {form.staff_id}.",
            expected="another staff_id, or a change of that member",
        )
    member = StaffRow(
        id=work.new_id(),
        staff_id=form.staff_id,
        name=form.name,
        role=form.role,
        active=form.active,
        created_at=work.now,
        created_by=work.cause.actor.id,
    )
    work.session.add(member)
    await work.session.flush()
    await _record(work, member=member, action="member_added", office=office)
    return member


async def change_member(
    work: UnitOfWork, *, member_id: UUID, version: int | None, form: StaffForm, office: Office
) -> StaffRow:
    """Name, role and whether the person still works here; what the person did keeps the role of then (R048)."""
    _require_known_role(form.role)
    member = await staff.lock(work.session, member_id=member_id)
    require_version(member.version, expected=version)
    if form.staff_id != member.staff_id:
        raise Refusal(
            "staff_id_is_fixed",
            detail="A member keeps the staff id: another person is another member.",
            expected=f"staff_id {member.staff_id}",
        )
    member.name = form.name
    member.role = form.role
    member.active = form.active
    member.version += 1
    await _record(work, member=member, action="member_changed", office=office)
    return member


async def require_active(work: UnitOfWork, *, staff_id: str) -> None:
    """R046: whoever is named responsible is somebody who works here. Raises Refusal."""
    member = await staff.by_staff_id(work.session, staff_id=staff_id)
    if member is None or not member.active:
        state = "is not in the staff register" if member is None else "does not work here any more"
        raise Refusal(
            "owner_not_active",
            detail=f"{staff_id} {state}.",
            expected="the staff_id of an active member, see GET /v1/staff?active=true",
        )


def form_of(member: StaffRow) -> StaffForm:
    """What a form would say of this member."""
    return StaffForm(staff_id=member.staff_id, name=member.name, role=member.role, active=member.active)


async def _record(work: UnitOfWork, *, member: StaffRow, action: str, office: Office) -> None:
    now = {"role": member.role, "active": str(member.active).lower()}
    await office.audit.record(work, action=action, subject=f"staff_member/{member.id}", details=now)


def _require_known_role(role: str) -> None:
    if role not in ROLES:
        known = ", ".join(sorted(ROLES))
        raise Refusal("unknown_role", detail=f"There is no role {role}.", expected=f"one of {known}")
