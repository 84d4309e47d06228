"""What parts and visit of an order do to one another is decided by `domain.arrangement` and carried out here."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.arrangement import (
    Arrangement,
    AskForParts,
    Command,
    Happening,
    LetGo,
    NoteWaits,
    Withdraw,
    step,
)
from dispatch.domain.parts_requests import Request
from dispatch.domain.visits import AHEAD
from dispatch.domain.work_orders import ENDED, Step, WorkOrderState, advance
from dispatch.queries import items, parts_requests, visits
from dispatch.queries.parts_requests import request_of, stored
from dispatch.tables import PartsRequestRow, WorkOrderRow
from dispatch.use_cases.note_waits import ARRIVAL, WORKSHOP, Waiting, note_waits
from dispatch.use_cases.release_visit import release, tell_withdrawn
from dispatch.use_cases.serve_waiting import wake_waiting
from shared.contracts.dispatch import PartsRequested
from shared.contracts.facts import Urgency, WarrantyStatus
from shared.messaging.unit_of_work import UnitOfWork

PARTS = "parts"


async def arrange(work: UnitOfWork, *, order: WorkOrderRow, happening: Happening, desk: Desk) -> None:
    """Take the step and do what it asks for. The caller holds the order. Raises IllegalTransition."""
    await work.session.flush()
    rows = {row.id: row for row in await parts_requests.of_order(work.session, order_id=order.id)}
    state, commands = step(await _arrangement(work, order=order, rows=rows), happening)
    for request_id, request in state.requests.items():
        row = rows.get(request_id) or await parts_requests.lock(work.session, request_id=request_id)
        rows[request_id] = row
        write_request(row, request=request)
    for command in commands:
        await _carry_out(work, order=order, command=command, rows=rows, desk=desk)


async def _arrangement(work: UnitOfWork, *, order: WorkOrderRow, rows: dict[UUID, PartsRequestRow]) -> Arrangement:
    visit = await visits.open_of_order(work.session, order_id=order.id)
    return Arrangement(
        requests={row.id: request_of(row) for row in rows.values()},
        window_at=visit.starts_at if visit is not None and visit.state in AHEAD else None,
        is_over=order.state in ENDED,
    )


async def _carry_out(
    work: UnitOfWork, *, order: WorkOrderRow, command: Command, rows: dict[UUID, PartsRequestRow], desk: Desk
) -> None:
    match command:
        case AskForParts(request_id=request_id):
            _ask(work, order=order, row=rows[request_id])
        case Withdraw():
            await _withdraw(work, order=order)
        case NoteWaits(request_id=request_id, waits=waits):
            for clock in await _clocks_of(work, order=order):
                await note_waits(work, clock=clock, request_id=request_id, waits=waits, desk=desk)
        case LetGo():
            pass  # written down with the request; parts hears how the order ended


def _ask(work: UnitOfWork, *, order: WorkOrderRow, row: PartsRequestRow) -> None:
    row.work_order_id, row.requested_at, row.requested_by = order.id, work.now, work.cause.actor.id
    order.version += 1
    work.publish(
        PartsRequested(
            work_order_id=order.id,
            work_order_number=order.number,
            case_id=order.case_id,
            request_id=row.id,
            customer_id=order.customer_id,
            urgency=Urgency(order.urgency),
            warranty=WarrantyStatus(order.warranty),
            lines=request_of(row).lines,
            requested_at=work.now,
        )
    )


async def _withdraw(work: UnitOfWork, *, order: WorkOrderRow) -> None:
    """The visit that nobody has left for falls through: its technician keeps the order and agrees another one."""
    visit = await visits.open_of_order(work.session, order_id=order.id)
    if visit is None:
        return
    release(work, visit=visit, reason=PARTS)
    order.state = advance(WorkOrderState(order.state), step=Step.WITHDRAW)
    order.version += 1
    tell_withdrawn(work, order=order, visit=visit, reason=PARTS)
    wake_waiting(work, department=order.department)


async def _clocks_of(work: UnitOfWork, *, order: WorkOrderRow) -> list[Waiting]:
    """Every clock that may wait for parts of this order, or for their deposit."""
    found = await items.of_order(work.session, order_id=order.id)
    return [Waiting(ARRIVAL, order.promise_id), *(Waiting(WORKSHOP, item.id) for item in found)]


def write_request(row: PartsRequestRow, *, request: Request) -> None:
    """A request as it is stored."""
    facts = request.facts
    row.lines = stored(request.lines)
    row.short_at, row.reserved_at, row.reserved_until = facts.short_at, facts.reserved_at, facts.reserved_until
    row.unavailable_at, row.expired_at, row.over_at = facts.unavailable_at, facts.expired_at, facts.over_at
    if facts.ordered is not None:
        row.placed_at, row.expected_at = facts.ordered.placed_at, facts.ordered.expected_at
    row.issues = {issue_id: stored(lines) for issue_id, lines in facts.issues.items()}
    row.deposit_required_at, row.deposit_settled_at = facts.deposit_required_at, facts.deposit_settled_at
    row.returns = {return_id: stored(lines) for return_id, lines in facts.returns.items()}
    row.state = request.state
