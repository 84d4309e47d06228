"""What parts hears and what becomes due, in five lines each: translate, and call the use case."""

from datetime import date
from uuid import UUID

from parts.desk import Desk
from parts.use_cases.expire_reservation import expire_reservation
from parts.use_cases.find_parts import serve_short
from parts.use_cases.follow_work_order import release_parts, settle_parts, start_issuing
from parts.use_cases.judge_payment import judge_payment
from parts.use_cases.keep_words import note_case
from parts.use_cases.lend_tool import say_overdue
from parts.use_cases.note_item import note_item
from parts.use_cases.promise_day import correct_promise
from parts.use_cases.publish_report import publish_cost_table
from parts.use_cases.request_parts import request_parts
from parts.use_cases.take_payment import let_deposit_lapse
from parts.use_cases.tell_customer import chase_customer
from parts.use_cases.urge_department import urge_again
from shared.contracts.dispatch import (
    ItemTakenIn,
    PartsRequested,
    WorkOrderCancelled,
    WorkOrderCompleted,
    WorkOrderStarted,
)
from shared.contracts.intake import CaseOpened, CustomerErased
from shared.erasure import Erasures
from shared.messaging.consumer import Delivery
from shared.messaging.deadlines import FiredDeadline
from shared.messaging.unit_of_work import UnitOfWork


class Handlers:
    """Every event and every deadline of parts."""

    def __init__(self, desk: Desk, *, erasures: Erasures) -> None:
        self._desk = desk
        self._erasures = erasures

    async def on_parts_requested(self, asked: PartsRequested, _: Delivery, work: UnitOfWork) -> None:
        await request_parts(work, asked=asked, desk=self._desk)

    async def on_work_order_started(self, started: WorkOrderStarted, _: Delivery, work: UnitOfWork) -> None:
        await start_issuing(work, started=started, desk=self._desk)

    async def on_work_order_completed(self, completed: WorkOrderCompleted, _: Delivery, work: UnitOfWork) -> None:
        await settle_parts(work, completed=completed, desk=self._desk)

    async def on_work_order_cancelled(self, cancelled: WorkOrderCancelled, _: Delivery, work: UnitOfWork) -> None:
        await release_parts(work, cancelled=cancelled, desk=self._desk)

    async def on_item_taken_in(self, taken_in: ItemTakenIn, _: Delivery, work: UnitOfWork) -> None:
        await note_item(work, taken_in=taken_in)

    async def on_case_opened(self, opened: CaseOpened, _: Delivery, work: UnitOfWork) -> None:
        await note_case(work, opened=opened)

    async def on_customer_erased(self, erased: CustomerErased, _: Delivery, work: UnitOfWork) -> None:
        await self._erasures.erase(work, customer_id=erased.customer_id, erased_at=erased.erased_at)

    async def on_deposit_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await let_deposit_lapse(work, deposit_id=UUID(deadline.data["deposit_id"]), desk=self._desk)

    async def on_payment_heard(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await judge_payment(work, payment_id=UUID(deadline.data["payment_id"]), desk=self._desk)

    async def on_reservation_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await expire_reservation(work, request_id=UUID(deadline.data["request_id"]), desk=self._desk)

    async def on_chase_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await chase_customer(work, request_id=UUID(deadline.data["request_id"]), desk=self._desk)

    async def on_month_over(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await publish_cost_table(work, month=date.fromisoformat(deadline.data["month"]), desk=self._desk)

    async def on_pieces_freed(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await serve_short(work, part_code=deadline.data["part_code"], desk=self._desk)

    async def on_promise_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await correct_promise(work, part_code=deadline.data["part_code"], desk=self._desk)

    async def on_tool_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await say_overdue(work, loan_id=UUID(deadline.data["loan_id"]), desk=self._desk)

    async def on_action_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await urge_again(work, action_item_id=UUID(deadline.data["action_item_id"]), desk=self._desk)
