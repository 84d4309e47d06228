"""What notifier hears and what becomes due, in five lines each: translate, and call the use case."""

from uuid import UUID

from notifier.desk import Desk
from notifier.use_cases.forget_customer import give_up_waiting
from notifier.use_cases.hear_event import hear_event
from notifier.use_cases.pass_unanswered import pass_unanswered
from notifier.use_cases.record_attempt import make_due_again
from notifier.use_cases.write_message import Heard
from shared.contracts.envelope import Event
from shared.contracts.intake import CustomerErased
from shared.erasure import Erasures
from shared.messaging.consumer import Delivery
from shared.messaging.deadlines import FiredDeadline
from shared.messaging.unit_of_work import UnitOfWork


class Handlers:
    """Every event and every deadline of notifier."""

    def __init__(self, desk: Desk, *, erasures: Erasures) -> None:
        self._desk = desk
        self._erasures = erasures

    async def on_event(self, event: Event, delivery: Delivery, work: UnitOfWork) -> None:
        await hear_event(work, heard=Heard.of(event, envelope=delivery.envelope), desk=self._desk)

    async def on_customer_erased(self, customer: CustomerErased, _: Delivery, work: UnitOfWork) -> None:
        await self._erasures.erase(work, customer_id=customer.customer_id, erased_at=customer.erased_at)

    async def on_answer_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        escalation_id, level = UUID(deadline.data["escalation_id"]), int(deadline.data["level"])
        await pass_unanswered(work, escalation_id=escalation_id, level=level, desk=self._desk)

    async def on_retry_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await make_due_again(work, message_id=UUID(deadline.data["message_id"]))

    async def on_give_up_due(self, deadline: FiredDeadline, work: UnitOfWork) -> None:
        await give_up_waiting(work, message_id=UUID(deadline.data["message_id"]))
