"""An attempt at sending is over: the message is delivered, put off, or given up; a level without hope is passed."""

from uuid import UUID

from notifier.desk import Desk
from notifier.domain.ladder import UNANSWERED, Delivered, Unreachable
from notifier.domain.sending import MessageState, Never, NotNow, Outcome, Taken, after_attempt
from notifier.queries import escalations, messages
from notifier.tables import EscalationRow, MessageRow
from notifier.use_cases.climb_ladder import climb
from notifier.use_cases.write_message import RETRY_DEADLINE, end_message
from shared.messaging.unit_of_work import UnitOfWork


async def record_attempt(work: UnitOfWork, *, message_id: UUID, number: int, outcome: Outcome, desk: Desk) -> None:
    """Write down how attempt `number` ended.

    An attempt that came to its end after another one was begun changes nothing, unless the server took the message.
    """
    seen = await messages.find(work.session, message_id=message_id)
    escalation = None
    if seen.escalation_id is not None:
        escalation = await escalations.lock(work.session, escalation_id=seen.escalation_id)
    message = await messages.lock(work.session, message_id=message_id)
    await _note(work, message=message, number=number, outcome=outcome)
    is_late = number != message.attempts and not isinstance(outcome, Taken)
    if message.state != MessageState.DUE or is_late:
        return
    await _settle(work, message=message, escalation=escalation, outcome=outcome, desk=desk)


async def make_due_again(work: UnitOfWork, *, message_id: UUID) -> None:
    """The pause after an attempt is over. Nothing where the message has ended meanwhile."""
    message = await messages.lock(work.session, message_id=message_id)
    if message.state == MessageState.POSTPONED:
        message.state, message.due_at = MessageState.DUE, work.now


async def _settle(
    work: UnitOfWork, *, message: MessageRow, escalation: EscalationRow | None, outcome: Outcome, desk: Desk
) -> None:
    after = after_attempt(
        outcome,
        attempts=message.attempts,
        made_at=message.made_at,
        now=work.now,
        patience=desk.policy.sending.patience,
    )
    is_over = escalation is not None and escalation.state not in UNANSWERED
    if after.state is MessageState.POSTPONED and is_over:
        end_message(work, message=message, state=MessageState.WITHDRAWN)
    elif after.retry_at is not None:
        message.state, message.due_at, message.leased_until = after.state, after.retry_at, None
        key, data = f"{RETRY_DEADLINE}/{message.id}", {"message_id": str(message.id)}
        work.set_deadline(key, kind=RETRY_DEADLINE, due=after.retry_at, data=data)
    else:
        end_message(work, message=message, state=after.state, reason=after.reason)
    if after.state is MessageState.DELIVERED and escalation is not None:
        await climb(work, escalation=escalation, happening=Delivered(message.level or 0), desk=desk)
    if after.state is MessageState.FAILED and escalation is not None:
        await _pass_on(work, message=message, escalation=escalation, desk=desk)


async def _pass_on(work: UnitOfWork, *, message: MessageRow, escalation: EscalationRow, desk: Desk) -> None:
    """A level of whom nobody can be reached is not waited for."""
    await work.session.flush()
    level = message.level or 0
    if not await messages.has_hope(work.session, escalation_id=escalation.id, level=level):
        await climb(work, escalation=escalation, happening=Unreachable(level), desk=desk)


async def _note(work: UnitOfWork, *, message: MessageRow, number: int, outcome: Outcome) -> None:
    attempt = await messages.attempt(work.session, message_id=message.id, number=number)
    if attempt is None or attempt.ended_at is not None:
        return
    attempt.ended_at, attempt.detail = work.now, outcome.detail
    match outcome:
        case Taken():
            attempt.outcome = "taken"
        case NotNow():
            attempt.outcome = "not_now"
        case Never():
            attempt.outcome = "never"
