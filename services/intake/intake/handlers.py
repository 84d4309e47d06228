"""Events in, and deadlines that fall due: each is handed to its use case."""

from dataclasses import dataclass
from uuid import UUID

from intake.office import Office
from intake.queries import calls, sources
from intake.use_cases.offer_quote import expire_quote
from intake.use_cases.receive_call import end_silent_call
from intake.use_cases.tell_story import hear
from shared.contracts.dispatch import WorkOrderEvent
from shared.messaging.consumer import Delivery
from shared.messaging.deadlines import FiredDeadline
from shared.messaging.unit_of_work import UnitOfWork


async def on_work_order_event(event: WorkOrderEvent, delivery: Delivery, work: UnitOfWork) -> None:
    """Whatever dispatch says of a work order belongs to the story of its case."""
    await hear(work, event=event, case_id=event.case_id, envelope=delivery.envelope)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueHandlers:
    """What happens when a deadline of intake's own falls due."""

    office: Office

    async def on_quote_expires(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        """Nobody answered the quote in time."""
        await expire_quote(work, case_id=UUID(deadline.data["case_id"]), quote_id=UUID(deadline.data["quote_id"]))

    async def on_call_silent(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        """Nothing was heard of the call for as long as any call may last."""
        call_id = UUID(deadline.data["call_id"])
        call = await calls.lock(work.session, call_id=call_id)
        source = await sources.load(work.session, source_id=call.source_id)
        await end_silent_call(work, call_id=call_id, source=source, office=self.office)
