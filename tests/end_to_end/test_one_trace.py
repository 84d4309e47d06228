"""One story is one trace, also where it ends in a mail: an hour and two services after the call."""

from datetime import timedelta
from itertools import groupby

from shared.contracts import intake, notifier
from support.calls import answered_call
from support.collector import Collector, Seen
from support.company import Company
from support.waiting import patiently
from testkit.clients import items

THE_WAY = [
    "intake: POST /v1/push/zammad/{source_id}/{token}",
    "intake: deadline clock",
    "notifier: handle notifier.on_clock_breached",
    "notifier: send message",
]
"""What led to what; the relay carries on the context of what it publishes, and is no step of its own."""
PUBLISHED = "intake: publish intake.clock_breached.v1"


def test_from_the_push_to_the_mail_about_the_broken_promise_is_one_trace(
    company: Company, collector: Collector
) -> None:
    supervisor = company.member("cs_supervisor")
    company.technician()
    case = company.register(call_id=answered_call(company, number=company.number()))
    case.assigned()
    company.time.advance(timedelta(minutes=65))
    case.heard(intake.ClockBreached)
    escalated = case.heard(notifier.EscalationRaised)
    assert company.mails_to(supervisor)
    reader = company.person("notifier", role="cs_supervisor")
    told = items(reader.read("/v1/messages", escalation_id=str(escalated.escalation_id)))
    messages = {str(one["id"]) for one in told}

    (sent, *_) = patiently(lambda: sending(collector, messages=messages))
    way = patiently(lambda: way_to(sent, collector=collector))
    steps = [step for step, _ in groupby(f"{span.service}: {span.name}" for span in way)]  # a clock warns, and goes on
    assert steps == THE_WAY
    assert {span.trace for span in way} == {sent.trace}
    assert patiently(lambda: PUBLISHED in collector.trace(sent.trace))


def sending(collector: Collector, *, messages: set[str]) -> list[Seen]:
    """The attempts at sending one of the messages."""
    return [span for span in collector.named("send message") if span.attributes["aftersales.message_id"] in messages]


def way_to(last: Seen, *, collector: Collector) -> list[Seen]:
    """The spans that led to one, the first of all first; nothing as long as one of them is missing."""
    known = {span.id: span for span in collector.spans}
    way = [last]
    while way[0].parent:
        if way[0].parent not in known:
            return []
        way.insert(0, known[way[0].parent])
    return way
