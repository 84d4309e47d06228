"""What dispatch hears and what becomes due, in five lines each: translate, and call the use case."""

from uuid import UUID

from dispatch.desk import Desk
from dispatch.domain.parts_requests import Answer
from dispatch.use_cases.answer_offer import expire_offer
from dispatch.use_cases.arrival_clock import pause_for_hold, resume_after_hold
from dispatch.use_cases.cancel_work_order import cancel_work_order
from dispatch.use_cases.hear_parts import hear_parts
from dispatch.use_cases.note_reopening import note_reopening
from dispatch.use_cases.note_store_work import note_store_work
from dispatch.use_cases.open_work_order import open_work_order
from dispatch.use_cases.retry_assignment import retry_when_due
from dispatch.use_cases.serve_waiting import serve_waiting
from shared.contracts.intake import CaseCancelled, CaseCleared, CaseHeld, CaseReopened, CaseResumed, CustomerErased
from shared.contracts.parts import StoreWorkRecorded
from shared.messaging.consumer import Delivery
from shared.messaging.deadlines import FiredDeadline
from shared.messaging.unit_of_work import UnitOfWork


class Handlers:
    """Every event and every deadline of dispatch."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_case_cleared(self, case: CaseCleared, _: Delivery, work: UnitOfWork) -> None:
        await open_work_order(work, case=case, desk=self._desk)

    async def on_case_cancelled(self, case: CaseCancelled, _: Delivery, work: UnitOfWork) -> None:
        await cancel_work_order(work, case=case, desk=self._desk)

    async def on_case_held(self, case: CaseHeld, _: Delivery, work: UnitOfWork) -> None:
        await pause_for_hold(
            work, case_id=case.case_id, hold_id=case.hold_id, at=case.held_at, reason=case.reason, desk=self._desk
        )

    async def on_case_resumed(self, case: CaseResumed, _: Delivery, work: UnitOfWork) -> None:
        await resume_after_hold(
            work, case_id=case.case_id, hold_id=case.hold_id, at=case.resumed_at, reason=case.reason, desk=self._desk
        )

    async def on_case_reopened(self, case: CaseReopened, _: Delivery, work: UnitOfWork) -> None:
        await note_reopening(work, case=case)

    async def on_customer_erased(self, erased: CustomerErased, _: Delivery, work: UnitOfWork) -> None:
        await self._desk.erasures.erase(work, customer_id=erased.customer_id, erased_at=erased.erased_at)

    async def on_parts_answer(self, answer: Answer, _: Delivery, work: UnitOfWork) -> None:
        await hear_parts(work, answer=answer, desk=self._desk)

    async def on_store_work_recorded(self, recorded: StoreWorkRecorded, _: Delivery, work: UnitOfWork) -> None:
        await note_store_work(work, recorded=recorded)

    async def on_offer_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await expire_offer(work, offer_id=UUID(deadline.data["offer_id"]), desk=self._desk)

    async def on_retry_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await retry_when_due(work, order_id=UUID(deadline.data["work_order_id"]), desk=self._desk)

    async def on_waiting_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await serve_waiting(work, department=deadline.data["department"], desk=self._desk)
