"""A message comes to be and to its end. What it says is written only when it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from notifier.desk import Desk
from notifier.domain.sending import FailureReason, MessageState
from notifier.queries import staff
from notifier.tables import ERASED, MessageRow
from shared.contracts.envelope import Envelope, Event
from shared.contracts.notifier import MessageDelivered, MessageFailed
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork

RETRY_DEADLINE = "message_retry"
"""A message that was put off is due again."""
GIVE_UP_DEADLINE = "message_give_up"
"""Nobody ever said whose case a message is about."""

FACTS = "message.facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An event as the routes of the policy see it; `facts` are its fields as JSON has them."""

    type: str
    event_id: UUID
    happened_at: datetime
    case_id: UUID | None
    facts: Mapping[str, object]

    @classmethod
    def of(cls, event: Event, *, envelope: Envelope) -> Self:
        """The event as it was delivered."""
        facts = event.model_dump(mode="json")
        case_id = getattr(event, "case_id", None)
        return cls(type=envelope.type, event_id=envelope.id, happened_at=envelope.time, case_id=case_id, facts=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Whom one message is for. A customer without an id is the one of the case, once that is known."""

    role: str | None = None
    staff_number: str | None = None
    customer_id: UUID | None = None
    escalation_id: UUID | None = None
    level: int | None = None


async def write_to_role(work: UnitOfWork, *, route: str, heard: Heard, receiver: Receiver, desk: Desk) -> bool:
    """A message to everybody who works here in the receiver's role; whether there is anybody."""
    members = await staff.active_in(work.session, role=receiver.role or "")
    for member in members:
        one = replace(receiver, staff_number=member.staff_number)
        await write_to_staff(work, route=route, heard=heard, receiver=one, desk=desk)
    if not members:
        await write_to_staff(work, route=route, heard=heard, receiver=receiver, desk=desk)
    return bool(members)


async def write_to_staff(work: UnitOfWork, *, route: str, heard: Heard, receiver: Receiver, desk: Desk) -> MessageRow:
    """A message to a member of the staff, due now. One without a number says that nobody has the role."""
    message = _message(work, route=route, heard=heard, receiver=receiver, desk=desk)
    if receiver.staff_number is None:
        end_message(work, message=message, state=MessageState.FAILED, reason=FailureReason.NOBODY_IN_ROLE)
    work.session.add(message)
    await work.session.flush()
    return message


async def write_to_customer(
    work: UnitOfWork, *, route: str, heard: Heard, customer_id: UUID | None, desk: Desk
) -> None:
    """A message to a customer, due now, or once it is known whose case it is."""
    message = _message(work, route=route, heard=heard, receiver=Receiver(customer_id=customer_id), desk=desk)
    if customer_id is None:
        message.state = MessageState.WAITING
        work.set_deadline(
            f"{GIVE_UP_DEADLINE}/{message.id}",
            kind=GIVE_UP_DEADLINE,
            due=work.now + desk.policy.sending.give_up_after,
            data={"message_id": str(message.id)},
        )
    work.session.add(message)
    await work.session.flush()
    await _spare_the_erased(work, message=message)


async def address(work: UnitOfWork, *, message: MessageRow, customer_id: UUID) -> None:
    """It is known now whose case the message is about. The caller holds the message."""
    message.customer_id = customer_id
    message.state, message.due_at = MessageState.DUE, work.now
    work.cancel_deadline(f"{GIVE_UP_DEADLINE}/{message.id}")
    await _spare_the_erased(work, message=message)


def end_message(
    work: UnitOfWork, *, message: MessageRow, state: MessageState, reason: FailureReason | None = None
) -> None:
    """Nothing more is tried; what the event said is forgotten. The caller holds the message."""
    message.state, message.reason = state, reason
    message.ended_at, message.leased_until, message.facts = work.now, None, None
    work.cancel_deadline(f"{RETRY_DEADLINE}/{message.id}")
    work.cancel_deadline(f"{GIVE_UP_DEADLINE}/{message.id}")
    if state is MessageState.DELIVERED:
        work.publish(
            MessageDelivered(
                message_id=message.id,
                case_id=message.case_id,
                about=message.about,
                channel="email",
                staff_number=message.staff_number,
                customer_id=message.customer_id,
                attempts=message.attempts,
                delivered_at=work.now,
            )
        )
    if state is MessageState.FAILED:
        work.publish(
            MessageFailed(
                message_id=message.id,
                case_id=message.case_id,
                about=message.about,
                channel="email",
                staff_number=message.staff_number,
                customer_id=message.customer_id,
                reason=str(reason),
                attempts=message.attempts,
                failed_at=work.now,
            )
        )


async def _spare_the_erased(work: UnitOfWork, *, message: MessageRow) -> None:
    if message.customer_id is not None and await is_erased(work, customer_id=message.customer_id, table=ERASED):
        end_message(work, message=message, state=MessageState.FAILED, reason=FailureReason.UNKNOWN_CUSTOMER)


def _message(work: UnitOfWork, *, route: str, heard: Heard, receiver: Receiver, desk: Desk) -> MessageRow:
    id_ = work.new_id()
    return MessageRow(
        id=id_,
        route=route,
        about=heard.type,
        event_id=heard.event_id,
        case_id=heard.case_id,
        role=receiver.role,
        staff_number=receiver.staff_number,
        customer_id=receiver.customer_id,
        escalation_id=receiver.escalation_id,
        level=receiver.level,
        facts=desk.seal_facts(heard.facts, place=FACTS, row=id_),
        state=MessageState.DUE,
        caused_at=heard.happened_at,
        made_at=work.now,
        due_at=work.now,
        traceparent=work.traceparent,
        policy_version=desk.policy_version,
    )
