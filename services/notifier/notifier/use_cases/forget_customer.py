"""A customer was erased: nothing more is written to him, and what events said for it is destroyed."""

from uuid import UUID

from notifier.domain.sending import FailureReason, MessageState
from notifier.queries import messages
from notifier.use_cases.write_message import end_message
from shared.messaging.unit_of_work import UnitOfWork


async def forget_customer(work: UnitOfWork, *, customer_id: UUID) -> None:
    """What is on its way to him ends; whatever is still to come for him ends as soon as it is written."""
    for message in await messages.unsent_of_customer(work.session, customer_id=customer_id):
        end_message(work, message=message, state=MessageState.FAILED, reason=FailureReason.UNKNOWN_CUSTOMER)


async def give_up_waiting(work: UnitOfWork, *, message_id: UUID) -> None:
    """Nobody said in all that time whose case it is. Nothing where somebody did."""
    message = await messages.lock(work.session, message_id=message_id)
    if message.state == MessageState.WAITING:
        end_message(work, message=message, state=MessageState.FAILED, reason=FailureReason.UNKNOWN_CUSTOMER)
