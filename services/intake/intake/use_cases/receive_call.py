"""A push tells of a call (来电登记, R051)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from intake.domain.calls import OUTCOMES, CallEvent, CallEventKind, CallState, Outcome, call_of
from intake.domain.numbers import read_number
from intake.office import Office
from intake.push.reading import Reading
from intake.queries import calls
from intake.queries.calls import CallKey
from intake.tables import CallEventRow, CallRow, PushSourceRow
from shared.contracts.intake import CallEnded, CallReceived, Direction
from shared.messaging.unit_of_work import UnitOfWork

CALL_SILENT = "call_silent"
"""The deadline after which a call of which nothing more is heard counts as over."""

_TOLD = TypeAdapter(CallEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A push that its source proved, read; `traceparent` is the trace of the request that brought it."""

    source: PushSourceRow
    reading: Reading
    raw: str
    traceparent: str | None

    @property
    def call(self) -> CallKey:
        """The call that it is about."""
        return self.source.id, self.reading.call_id


async def receive_calls(work: UnitOfWork, *, heard: Sequence[Heard], office: Office) -> Mapping[CallKey, str | None]:
    """Store the pushes and bring their calls up to date; the trace that each call began. A repetition changes nothing.

    Nothing is kept of a call whose customer was erased.

    One call per (source, call id), the same whatever the order. The first push of a call publishes `CallReceived`, the
    one that ends it `CallEnded`. However many pushes there are, the number of statements is the same: two where all
    calls are new, at most five.
    """
    told: dict[CallKey, list[Heard]] = {}
    for one in sorted(heard, key=lambda one: one.call):
        told.setdefault(one.call, []).append(one)
    stubs = {key: _stub(work, first=pushes[0]) for key, pushes in told.items()}
    for key, stub in stubs.items():  # what is told of a new call is known before anything is asked
        events, country = [one.reading.event for one in told[key]], told[key][0].source.country
        _tell(stub, events, country=country, now=work.now, office=office)
    new = await calls.add_unless_known(work.session, calls=list(stubs.values())) if stubs else set()
    known = await _locked(work, keys=[key for key, stub in stubs.items() if stub.id not in new])
    rows = stubs | known
    kept = [one for one in heard if rows[one.call].erased_at is None]
    changed = await _remember(
        work,
        events=[_event(work, row=rows[one.call], event=one.reading.event, raw=one.raw, office=office) for one in kept],
    )
    for row in (stub for stub in stubs.values() if stub.id in new):
        _begin(work, row=row, office=office)
    sources = {rows[one.call].id: one.source for one in heard}
    again = [row for row in known.values() if row.id in changed]
    await _tell_again(work, rows=again, sources=sources, office=office)
    return {key: row.traceparent for key, row in rows.items()}


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
    await _remember(work, events=[_event(work, row=row, event=end, raw="", office=office)])
    await _tell_again(work, rows=[row], sources={row.id: source}, office=office)


async def _locked(work: UnitOfWork, *, keys: Collection[CallKey]) -> dict[CallKey, CallRow]:
    return await calls.lock_told(work.session, keys=keys) if keys else {}


async def _remember(work: UnitOfWork, *, events: Sequence[CallEventRow]) -> set[UUID]:
    """The calls of which any of these pushes tells something new."""
    added = await calls.add_events_unless_known(work.session, events=events) if events else set()
    return {event.call_id for event in events if event.id in added}


async def _tell_again(
    work: UnitOfWork, *, rows: Sequence[CallRow], sources: Mapping[UUID, PushSourceRow], office: Office
) -> None:
    """Write into calls that are locked what all that was heard of them tells, and say what follows from it."""
    if not rows:
        return
    stored = await calls.events_of(work.session, call_ids=[row.id for row in rows])
    for row in rows:
        told = [
            _TOLD.validate_json(office.open(sealed, place="call_event.told", row=event_id))
            for event_id, sealed in stored[row.id]
        ]
        before = row.state
        work.tell_of(row.traceparent)
        _tell(row, told, country=sources[row.id].country, now=work.now, office=office)
        _follow(work, row=row, before=before, office=office)
    await calls.write_told(work.session, calls=rows)


def _stub(work: UnitOfWork, *, first: Heard) -> CallRow:
    return CallRow(
        id=work.new_id(),
        source_id=first.source.id,
        provider=first.source.adapter,
        provider_call_id=first.reading.call_id,
        started_at=work.now,
        first_heard_at=work.now,
        last_heard_at=work.now,
        traceparent=first.traceparent,
    )


def _event(work: UnitOfWork, *, row: CallRow, event: CallEvent, raw: str, office: Office) -> CallEventRow:
    """The push as it is kept; its repetitions are told apart by a keyed digest, for it may hold a number."""
    event_id = work.new_id()
    told = _TOLD.dump_json(event).decode()
    return CallEventRow(
        id=event_id,
        source_id=row.source_id,
        call_id=row.id,
        dedup_key=office.index.digest(f"{row.provider_call_id}\n{event.key}".encode(), field="push"),
        kind=event.kind,
        received_at=work.now,
        told=office.seal(told, place="call_event.told", row=event_id),
        raw=office.seal(raw, place="call_event.raw", row=event_id),
    )


def _tell(row: CallRow, events: Iterable[CallEvent], *, country: str, now: datetime, office: Office) -> None:
    """Into the row what these events, all that was heard of its call, tell."""
    call = call_of(events)
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
    row.last_heard_at = now


def _begin(work: UnitOfWork, *, row: CallRow, office: Office) -> None:
    """Say that there is a new call, and what follows from what is known of it by now."""
    work.tell_of(row.traceparent)
    work.publish(_received(row))
    _follow(work, row=row, before=CallState.STUB.label, office=office)


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
