"""An item in the workshop: registered with its repair card, repaired, inspected by somebody else (R304 to R306)."""

from typing import Literal
from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.items import ItemState, ItemStep, advance, check_inspector
from dispatch.domain.offers import check_for_himself
from dispatch.domain.parts_requests import together
from dispatch.domain.reports import Taken
from dispatch.queries import items, technicians, work_orders
from dispatch.queries.parts_requests import needs, stored
from dispatch.tables import ItemRow, WorkOrderRow
from dispatch.use_cases.end_visit import require_issued
from dispatch.use_cases.item_clocks import stop_workshop_clock
from dispatch.use_cases.keep_words import keep_words
from dispatch.use_cases.post_hours import post_hours
from shared.contracts.facts import PartNeed
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def register_item(work: UnitOfWork, *, item_id: UUID, version: int | None, desk: Desk) -> ItemRow:
    """R304: it stands in the in/out register and bears its repair card, the authority to work on it."""
    _, item = await lock_item(work, item_id=item_id)
    require_version(item.version, expected=version)
    _advance(item, step=ItemStep.REGISTER)
    _register(work, item=item)
    await desk.audit.record(work, action="item_registered", subject=f"item/{item.id}")
    return item


async def repair_item(
    work: UnitOfWork,
    *,
    item_id: UUID,
    version: int | None,
    work_minutes: int,
    fitted: tuple[PartNeed, ...],
    findings: str,
    desk: Desk,
) -> ItemRow:
    """R305, R337: the actual repair time and every replaced part go onto the card; what was not registered is.

    Raises IllegalTransition where more was fitted than issued.
    """
    order, item = await lock_item(work, item_id=item_id)
    require_version(item.version, expected=version)
    _advance(item, step=ItemStep.REPAIR)
    if item.registered_at is None:
        _register(work, item=item)
    item.repaired_at, item.repaired_by = work.now, work.cause.actor.id
    item.work_minutes += work_minutes
    lines = (*needs(item.fitted), *fitted)
    await require_issued(work, order=order, fitted=lines)
    item.fitted = stored(together(lines))
    await post_hours(
        work,
        order=order,
        visit_id=item.visit_id,
        technician_id=item.technician_id,
        taken=Taken(work_minutes=work_minutes),
        desk=desk,
        item_id=item.id,
    )
    await keep_words(work, order=order, about=f"item/{item.id}", said={"findings": findings}, desk=desk)
    await desk.audit.record(work, action="item_repaired", subject=f"item/{item.id}")
    return item


async def inspect_item(
    work: UnitOfWork, *, item_id: UUID, version: int | None, result: Literal["passed", "failed"], desk: Desk
) -> ItemRow:
    """R306: by one of the policy's roles and not by whoever repaired it; what fails is repaired again."""
    _, item = await lock_item(work, item_id=item_id)
    require_version(item.version, expected=version)
    inspectors = desk.policy.take_in.inspectors
    check_inspector(work.cause.actor, repaired_by=item.repaired_by, inspectors=inspectors)
    _advance(item, step=ItemStep.PASS if result == "passed" else ItemStep.FAIL)
    if result == "passed":
        item.inspected_at, item.inspected_by = work.now, work.cause.actor.id
        await stop_workshop_clock(work, item=item, reason="inspected", desk=desk)
    await desk.audit.record(work, action="item_inspected", subject=f"item/{item.id}", details={"result": result})
    return item


async def lock_item(work: UnitOfWork, *, item_id: UUID) -> tuple[WorkOrderRow, ItemRow]:
    """An item to change, by locking its order. Raises NotAllowed for a technician who did not take it in."""
    seen = await items.find(work.session, item_id=item_id)
    order = await work_orders.lock(work.session, order_id=seen.work_order_id)
    item = await items.find(work.session, item_id=item_id)
    technician = await technicians.find(work.session, technician_id=item.technician_id)
    check_for_himself(work.cause.actor, technician=technician.staff_number)
    return order, item


def _advance(item: ItemRow, *, step: ItemStep) -> None:
    item.state = advance(ItemState(item.state), step=step)
    item.version += 1


def _register(work: UnitOfWork, *, item: ItemRow) -> None:
    item.registered_at, item.registered_by = work.now, work.cause.actor.id
