"""A push tells of a call (来电登记, R051)."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter

from intake.domain.calls import OUTCOMES, CallEvent, CallEventKind, CallState, Outcome, call_of
from intake.domain.numbers import read_number
from intake.office import Office
from intake.push.reading import Reading
from intake.queries import calls
from intake.tables import CallEventRow, CallRow, PushSourceRow
from shared.contracts.intake import CallEnded, CallReceived, Direction
from shared.messaging.unit_of_work import UnitOfWork

CALL_SILENT = "call_silent"
"""The deadline after which a call of which nothing more is heard counts as over."""

_TOLD = TypeAdapter(CallEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """An event with what it was read from."""

    event: CallEvent
    raw: str


async def receive_call(work: UnitOfWork, *, reading: Reading, raw: str, source: PushSourceRow, office: Office) -> UUID:
    """Store the push and bring its call up to date; the call's id. A repetition changes nothing.

    Nothing is kept of a call whose customer was erased.

    One call per (source, call id), the same whatever the order. The first push of a call publishes `CallReceived`, the
    one that ends it `CallEnded`.
    """
    stub = CallRow(
        id=work.new_id(),
        source_id=source.id,
        provider=source.adapter,
        provider_call_id=reading.call_id,
        started_at=work.now,
        first_heard_at=work.now,
        last_heard_at=work.now,
        traceparent=work.traceparent,
    )
    is_new = await calls.add_unless_known(work.session, call=stub)
    row = await calls.lock_told(work.session, source_id=source.id, provider_call_id=reading.call_id)
    work.continue_trace(row.traceparent)
    if row.erased_at is None and await _remember(
        work, row=row, heard=_Heard(event=reading.event, raw=raw), office=office
    ):
        before = row.state
        await _tell_again(work, row=row, country=source.country, office=office)
        if is_new:
            work.publish(_received(row))
        _follow(work, row=row, before=before, office=office)
    return row.id


async def end_silent_call(work: UnitOfWork, *, call_id: UUID, source: PushSourceRow, office: Office) -> None:
    """The call fell silent for as long as any call may last: it is over, its outcome unknown. Harmless if obsolete."""
    row = await calls.lock(work.session, call_id=call_id)
    if row.state == CallState.ENDED.label or row.erased_at is not None:
        return
    end = CallEvent(
        key="swept",
        kind=CallEventKind.ENDED,
        direction=_direction(row),
        occurred_at=work.now,
        cause="silent",
        swept=True,
    )
    await _remember(work, row=row, heard=_Heard(event=end, raw=""), office=office)
    before = row.state
    await _tell_again(work, row=row, country=source.country, office=office)
    _follow(work, row=row, before=before, office=office)


async def _remember(work: UnitOfWork, *, row: CallRow, heard: _Heard, office: Office) -> bool:
    """Whether this push is new; its repetitions are told apart by a keyed digest, for it may hold a number."""
    event_id = work.new_id()
    told = _TOLD.dump_json(heard.event).decode()
    stored = CallEventRow(
        id=event_id,
        source_id=row.source_id,
        call_id=row.id,
        dedup_key=office.index.digest(f"{row.provider_call_id}\n{heard.event.key}".encode(), field="push"),
        kind=heard.event.kind,
        received_at=work.now,
        told=office.seal(told, place="call_event.told", row=event_id),
        raw=office.seal(heard.raw, place="call_event.raw", row=event_id),
    )
    return await calls.add_event_unless_known(work.session, event=stored)


async def _tell_again(work: UnitOfWork, *, row: CallRow, country: str, office: Office) -> None:
    """Write into the row what all that was heard of its call tells."""
    stored = await calls.events_of(work.session, call_id=row.id)
    call = call_of(
        _TOLD.validate_json(office.open(event.told, place="call_event.told", row=event.id)) for event in stored
    )
    customer = read_number(call.customer, country=country)
    row.state = call.state.label
    row.direction = call.direction
    row.caller = office.seal(call.caller, place="call.caller", row=row.id)
    row.called = office.seal(call.called, place="call.called", row=row.id)
    row.customer_index = office.number_index(customer)
    row.customer_label = customer.label
    row.queue = call.queue
    row.agents = list(call.agents)
    row.cause = call.cause
    row.outcome = call.outcome
    row.started_at = call.started_at
    row.answered_at = call.answered_at
    row.ended_at = call.ended_at
    row.last_heard_at = work.now


def _follow(work: UnitOfWork, *, row: CallRow, before: str, office: Office) -> None:
    """Say once that the call ended, or watch for its silence while it goes on."""
    if row.ended_at is None:
        silent_at = work.now + office.policy.calls.max_call
        work.set_deadline(f"call/{row.id}", kind=CALL_SILENT, due=silent_at, data={"call_id": str(row.id)})
    elif before != CallState.ENDED.label:
        work.cancel_deadline(f"call/{row.id}")
        work.publish(CallEnded(call_id=row.id, outcome=_outcome(row), ended_at=row.ended_at))


def _received(row: CallRow) -> CallReceived:
    return CallReceived(
        call_id=row.id,
        source_id=row.source_id,
        provider=row.provider,
        direction=_direction(row),
        caller_label=row.customer_label,
        first_heard_at=row.first_heard_at,
    )


def _direction(row: CallRow) -> Direction:
    return "out" if row.direction == "out" else "in"


def _outcome(row: CallRow) -> Outcome:
    return next((known for known in OUTCOMES if known == row.outcome), "unknown")
