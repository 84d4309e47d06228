"""What must hold once a repair is done: the customer is asked once (I6), and everybody is told what he has to know."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from shared.contracts import dispatch, intake
from shared.contracts.dispatch import ItemReturned, TechnicianOffered, VisitScheduled, WorkOrderSignedOff
from shared.contracts.envelope import Event
from shared.contracts.feedback import DissatisfactionRaised, RevisitCompleted, SurveyRequested
from shared.contracts.intake import CaseOpened
from shared.contracts.notifier import EscalationRaised, MessageDelivered, MessageFailed
from shared.contracts.parts import DepositRequired
from support.comparing import once, same
from support.said import Said, ids

DELIVERED, FAILED = "delivered", "failed"
ON_ITS_WAY = frozenset({"waiting", "due"})
"""Somebody is about to send it, or waits for another event: so not everything is over yet."""

TOLD: Mapping[str, type[Event]] = MappingProxyType(
    {
        "case_opened": CaseOpened,
        "technician_offered": TechnicianOffered,
        "visit_scheduled": VisitScheduled,
        "deposit_required": DepositRequired,
        "survey_requested": SurveyRequested,
    }
)
"""Routes of the profile `standard` by which one person is told each time, and of what."""

CLIMBED = (intake.ClockBreached, dispatch.ClockBreached, DissatisfactionRaised)
"""What has somebody climb a ladder under the profile `standard`."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of notifier: what it is about and whom it is for; `level` of a ladder, where it is of one."""

    message_id: UUID
    route: str
    event_id: UUID
    to: str
    level: int | None
    state: str


@dataclass(frozen=True, slots=True)
class Climb:
    """An escalation: what led to it, and how many levels were told."""

    escalation_id: UUID
    event_id: UUID
    level: int


def aftercare(said: Sequence[Said], *, revisits: Sequence[UUID], surveys: Sequence[UUID]) -> Iterator[str]:
    """One revisit and one survey for each order that was signed for, and a revisit where a machine was returned."""
    signed = ids(said, event=WorkOrderSignedOff, field="work_order_id")
    returned = ids(said, event=ItemReturned, field="work_order_id")
    yield from same("work order", wanted={*signed, *returned}, found=revisits, place="the revisits")
    yield from same("work order", wanted=set(signed), found=surveys, place="the surveys")
    for event, field in ((SurveyRequested, "survey_id"), (RevisitCompleted, "revisit_id")):
        yield from once(field, ids(said, event=event, field=field), place=f"the events {event.TYPE}")


def post(
    said: Sequence[Said], *, messages: Sequence[Message], escalations: Sequence[Climb], mails: Iterable[UUID]
) -> Iterator[str]:
    """Everybody was told everything, each thing once; what was told was mailed at least once under its own id."""
    yield from _told(said, messages=messages)
    yield from _escalated(said, escalations=escalations)
    yield from _mailed(said, messages=messages, mails=mails)


def _told(said: Sequence[Said], *, messages: Sequence[Message]) -> Iterator[str]:
    wanted = [(route, event.event_id) for route, type_ in TOLD.items() for event in said if event.type == type_.TYPE]
    found = [(message.route, message.event_id) for message in messages if message.route in TOLD]
    yield from same("message", wanted=wanted, found=found, place="notifier")
    each = ((message.route, message.event_id, message.to, message.level) for message in messages)
    yield from once("message", each, place="notifier")
    yield from _caused("message", said, caused=((one.message_id, one.event_id) for one in messages))


def _escalated(said: Sequence[Said], *, escalations: Sequence[Climb]) -> Iterator[str]:
    """One escalation for each cause; every level of it was told once."""
    wanted = [event.event_id for event in said if event.type in {type_.TYPE for type_ in CLIMBED}]
    yield from same("cause", wanted=wanted, found=(one.event_id for one in escalations), place="the escalations")
    levels = [(one.escalation_id, level) for one in escalations for level in range(1, one.level + 1)]
    raised = [
        (event.id_in("escalation_id"), event.body["level"]) for event in said if event.type == EscalationRaised.TYPE
    ]
    yield from same("level", wanted=levels, found=raised, place=f"the events {EscalationRaised.TYPE}")


def _mailed(said: Sequence[Said], *, messages: Sequence[Message], mails: Iterable[UUID]) -> Iterator[str]:
    """What is on its way is not over; what was delivered came, perhaps more than once, and nothing else did."""
    yield from (f"{one} is not sent yet" for one in messages if one.state in ON_ITS_WAY)
    yield from (f"{one} could not be delivered" for one in messages if one.state == FAILED)
    for event, state in ((MessageDelivered, DELIVERED), (MessageFailed, FAILED)):
        ended = [one.message_id for one in messages if one.state == state]
        found = ids(said, event=event, field="message_id")
        yield from same("message", wanted=ended, found=found, place=f"the events {event.TYPE}")
    came, known = Counter(mails), {one.message_id for one in messages}
    yield from (f"{one} never came" for one in messages if one.state == DELIVERED and came[one.message_id] == 0)
    yield from (f"a mail came of the message {id_}, which there is not" for id_ in came.keys() - known)


def _caused(what: str, said: Iterable[Said], *, caused: Iterable[tuple[UUID, UUID]]) -> Iterator[str]:
    """I4: no ghost."""
    known = {event.event_id for event in said}
    yield from (f"{what} {id_} is about {cause}, which nobody said" for id_, cause in caused if cause not in known)
