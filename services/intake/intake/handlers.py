"""Events in, and deadlines that fall due: each is handed to its use case."""

from dataclasses import dataclass
from uuid import UUID

from intake.office import Office
from intake.queries import calls, sources
from intake.use_cases.note_deposit import note_deposit
from intake.use_cases.note_dissatisfaction import note_dissatisfaction
from intake.use_cases.note_order import note_completion, note_sign_off
from intake.use_cases.note_staff import note_staff
from intake.use_cases.offer_quote import expire_quote
from intake.use_cases.receive_call import end_silent_call
from intake.use_cases.tell_story import hear
from shared.contracts.dispatch import WorkOrderCompleted, WorkOrderSignedOff
from shared.contracts.envelope import Event
from shared.contracts.feedback import DissatisfactionRaised
from shared.contracts.notifier import StaffChanged
from shared.contracts.parts import DepositEvent
from shared.messaging.consumer import Delivery
from shared.messaging.deadlines import FiredDeadline
from shared.messaging.unit_of_work import UnitOfWork


async def on_news(event: Event, delivery: Delivery, work: UnitOfWork) -> None:
    """Whatever the others say about a case belongs to its story; what is about no case belongs to none."""
    await hear(work, event=event, envelope=delivery.envelope)


async def on_staff_changed(event: StaffChanged, _delivery: Delivery, work: UnitOfWork) -> None:
    """Somebody joined, changed or left."""
    await note_staff(work, event=event)


async def on_deposit(event: DepositEvent, delivery: Delivery, work: UnitOfWork) -> None:
    """A deposit was asked for, paid or settled."""
    await note_deposit(work, event=event)
    await hear(work, event=event, envelope=delivery.envelope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """What happens when intake hears that a case may have come to its end."""

    office: Office

    async def on_work_order_completed(self, event: WorkOrderCompleted, delivery: Delivery, work: UnitOfWork) -> None:
        """The repair is done."""
        await note_completion(work, event=event, office=self.office)
        await hear(work, event=event, envelope=delivery.envelope)

    async def on_work_order_signed_off(self, event: WorkOrderSignedOff, delivery: Delivery, work: UnitOfWork) -> None:
        """The customer signed."""
        await hear(work, event=event, envelope=delivery.envelope)
        await note_sign_off(work, event=event, office=self.office)

    async def on_dissatisfaction_raised(
        self, event: DissatisfactionRaised, delivery: Delivery, work: UnitOfWork
    ) -> None:
        """The customer is not satisfied."""
        await note_dissatisfaction(work, event=event, office=self.office)
        await hear(work, event=event, envelope=delivery.envelope)


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
