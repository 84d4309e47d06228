"""What must hold once a repair is done: the customer is asked once (I6), and everybody is told what he has to know."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from shared.contracts import dispatch, intake
from shared.contracts.dispatch import ItemReturned, TechnicianOffered, VisitScheduled, WorkOrderSignedOff
from shared.contracts.envelope import Event
from shared.contracts.feedback import DissatisfactionRaised, RevisitCompleted, SurveyRequested
from shared.contracts.intake import CaseOpened
from shared.contracts.notifier import EscalationRaised, MessageDelivered, MessageFailed
from shared.contracts.parts import DepositRequired
from testkit.checker.books import Climb, Message, Said, ids
from testkit.checker.violations import Violation, once, same, violation

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


def aftercare(said: Sequence[Said], *, revisits: Sequence[UUID], surveys: Sequence[UUID]) -> Iterator[Violation]:
    """One revisit and one survey for each order that was signed for, and a revisit where a machine was returned."""
    signed = ids(said, event=WorkOrderSignedOff, field="work_order_id")
    returned = ids(said, event=ItemReturned, field="work_order_id")
    yield from same("work order", wanted={*signed, *returned}, found=revisits, place="the revisits", invariant="I4")
    yield from same("work order", wanted=set(signed), found=surveys, place="the surveys", invariant="I4")
    for event, field in ((SurveyRequested, "survey_id"), (RevisitCompleted, "revisit_id")):
        yield from once(field, ids(said, event=event, field=field), place=f"the events {event.TYPE}", invariant="I6")


def post(said: Sequence[Said], *, messages: Sequence[Message], escalations: Sequence[Climb]) -> Iterator[Violation]:
    """I6: nobody is told the same twice; every end of a message and every level of a ladder is said once."""
    each = ((message.route, message.event_id, message.to, message.level) for message in messages)
    yield from once("message", each, place="notifier", invariant="I6")
    for event, state in ((MessageDelivered, DELIVERED), (MessageFailed, FAILED)):
        ended = [one.message_id for one in messages if one.state == state]
        found = ids(said, event=event, field="message_id")
        yield from same("message", wanted=ended, found=found, place=f"the events {event.TYPE}", invariant="I6")
    levels = [(one.escalation_id, level) for one in escalations for level in range(1, one.level + 1)]
    raised = [
        (event.id_in("escalation_id"), event.body["level"]) for event in said if event.type == EscalationRaised.TYPE
    ]
    yield from same("level", wanted=levels, found=raised, place=f"the events {EscalationRaised.TYPE}", invariant="I6")


def watched_post(
    said: Sequence[Said], *, messages: Sequence[Message], escalations: Sequence[Climb], mails: Iterable[UUID]
) -> Iterator[Violation]:
    """I6, I8: under the profile `standard`, everybody was told everything, and it was mailed under its own id."""
    wanted = [(route, event.event_id) for route, type_ in TOLD.items() for event in said if event.type == type_.TYPE]
    told = [(message.route, message.event_id) for message in messages if message.route in TOLD]
    yield from same("message", wanted=wanted, found=told, place="notifier", invariant="I6")
    causes = [event.event_id for event in said if event.type in {type_.TYPE for type_ in CLIMBED}]
    climbed = [one.event_id for one in escalations]
    yield from same("cause", wanted=causes, found=climbed, place="the escalations", invariant="I6")
    yield from _mailed(messages, mails=mails)


def _mailed(messages: Sequence[Message], *, mails: Iterable[UUID]) -> Iterator[Violation]:
    """What is on its way is not over; what was delivered came, perhaps more than once, and nothing else did."""
    came, known = Counter(mails), {one.message_id for one in messages}
    for one in messages:
        about = ("message", one.message_id)
        if one.state in ON_ITS_WAY:
            yield violation("I8", about, f"is not sent yet: {one}")
        elif one.state == FAILED:
            yield violation("I6", about, f"could not be delivered: {one}")
        elif one.state == DELIVERED and came[one.message_id] == 0:
            yield violation("I6", about, f"never came: {one}")
    for id_ in came.keys() - known:
        yield violation("I4", ("a mail of the message", id_), "came, which there is not")
