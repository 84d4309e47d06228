"""A department is urged (催促) to finish by then what the site needs, and urged again while it has not (R029)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from parts.desk import Desk
from parts.policy import require_known
from parts.queries import purchasing
from parts.tables import ActionItemRow
from shared.contracts.parts import ActionItemUrged
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal, require_version

ACTION_DEADLINE = "action_item"


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgingForm:
    """What is to be done by when, for a shipment or a case: by whoever the cause points to, or a named department.

    Exactly one of `cause`, and `department` with `task`, is there.
    """

    cause: str | None
    department: str | None
    task: str | None
    order_id: UUID | None
    case_id: UUID | None
    due_at: datetime


async def urge_department(work: UnitOfWork, *, form: UrgingForm, desk: Desk) -> ActionItemRow:
    """R029: an action item for a shipment or a case. The department hears of it now, and again once it is late.

    Quality control (质检) urges design, purchasing, production or transport, as the policy says of each cause.
    """
    department, task = _whose_turn(form, desk=desk)
    _check_due(form.due_at, now=work.now)
    if form.order_id is not None:
        await purchasing.find_order(work.session, order_id=form.order_id)
    item = ActionItemRow(
        id=work.new_id(),
        cause=form.cause,
        department=department,
        task=task,
        order_id=form.order_id,
        case_id=form.case_id,
        due_at=form.due_at,
        opened_at=work.now,
        opened_by=work.cause.actor.id,
    )
    work.session.add(item)
    await work.session.flush()
    _urge(work, item=item, following=form.due_at, desk=desk)
    await desk.audit.record(work, action="department_urged", subject=f"action_item/{item.id}")
    return item


async def urge_again(work: UnitOfWork, *, action_item_id: UUID, desk: Desk) -> None:
    """Its time is over: the department is urged again; nothing where it has done it."""
    item = await purchasing.lock_action_item(work.session, action_item_id=action_item_id)
    if item.done_at is None:
        item.reminders += 1
        item.version += 1
        _urge(work, item=item, following=work.now + desk.policy.purchasing.chasing.remind_every, desk=desk)


async def finish_action_item(
    work: UnitOfWork, *, action_item_id: UUID, version: int | None, desk: Desk
) -> ActionItemRow:
    """The department has done it, and is urged no more. Raises IllegalTransition where it had."""
    item = await purchasing.lock_action_item(work.session, action_item_id=action_item_id)
    require_version(item.version, expected=version)
    if item.done_at is not None:
        raise IllegalTransition(
            "action_item_done",
            detail=f"{item.done_by} said at {item.done_at.isoformat()} that it is done",
            expected="an action item of GET /v1/action-items?done=false",
        )
    item.done_at, item.done_by = work.now, work.cause.actor.id
    item.version += 1
    work.cancel_deadline(_key(item))
    await desk.audit.record(work, action="action_item_done", subject=f"action_item/{item.id}")
    return item


def _whose_turn(form: UrgingForm, *, desk: Desk) -> tuple[str, str]:
    """The department, and what it has to do."""
    terms = desk.policy.purchasing.chasing
    if form.cause is not None:
        require_known(form.cause, known=terms.causes, field="cause")
        cause = terms.causes[form.cause]
        return cause.department, cause.task
    department, task = form.department or "", form.task or ""
    require_known(department, known=terms.departments, field="department")
    require_known(task, known=terms.tasks, field="task")
    return department, task


def _urge(work: UnitOfWork, *, item: ActionItemRow, following: datetime, desk: Desk) -> None:
    work.publish(
        ActionItemUrged(
            action_item_id=item.id,
            cause=item.cause,
            department=item.department,
            role=desk.policy.purchasing.chasing.departments[item.department].role,
            task=item.task,
            order_id=item.order_id,
            about_case_id=item.case_id,
            due_at=item.due_at,
            urged_at=work.now,
            reminder=item.reminders,
        )
    )
    work.set_deadline(_key(item), kind=ACTION_DEADLINE, due=following, data={"action_item_id": str(item.id)})


def _key(item: ActionItemRow) -> str:
    return f"{ACTION_DEADLINE}/{item.id}"


def _check_due(due_at: datetime, *, now: datetime) -> None:
    if due_at <= now:
        raise Refusal(
            "due_in_the_past",
            detail=f"nothing can be done by {due_at.isoformat()}, which is over",
            expected=f"an instant after {now.isoformat()}",
        )
