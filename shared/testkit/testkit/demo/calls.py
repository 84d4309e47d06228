"""Chapter one: calls are pushed, in any order and some twice, and a forged one is not believed."""

from collections.abc import Callable
from uuid import UUID

import httpx

from shared.contracts import intake
from testkit.clients import Document, Person, Refused, items, text
from testkit.contact_centre import Push, TwilioCentre, ZammadCentre
from testkit.demo.cast import Cast
from testkit.demo.set_up import TWILIO_SECRET, ZAMMAD_SECRET


def zammad_call(cast: Cast) -> Document:
    """Out of order and some twice: one call, complete."""
    source = text(cast.sources["switchboard"], "id")
    centre = ZammadCentre(cast.suite.push_client(), f"/v1/push/zammad/{source}/{ZAMMAD_SECRET}")
    ringing, answered, ended = centre.call("demo-call-1", caller="13800138000")
    _push(centre.push, [answered, ended, ringing, ended, answered])
    return _complete_call(cast, "13800138000", key="zammad_call", sent="answer, hangup, newCall, hangup, answer")


def twilio_call(cast: Cast) -> Document:
    """Out of order and some twice: one call, complete."""
    source = text(cast.sources["cloud"], "push_url")
    centre = TwilioCentre(cast.suite.push_client(), url=source, auth_token=TWILIO_SECRET)
    ringing, answered, completed = centre.call("CA00000000000000000000000000000001", caller="+8613900139000")
    _push(centre.push, [completed, ringing, answered, ringing])
    return _complete_call(cast, "+86 139 0013 9000", key="twilio_call", sent="completed, ringing, in-progress, ringing")


def forgery(cast: Cast) -> None:
    """Whoever does not know the secret is not believed."""
    centre = TwilioCentre(
        cast.suite.push_client(), url=text(cast.sources["cloud"], "push_url"), auth_token=TWILIO_SECRET
    )
    answer = centre.forge(centre.call("CA0000000000000000000000000000dead", caller="+8613700137000")[0])
    auditor = Person(cast.suite.client("intake", role="auditor"))
    traces = [entry for entry in items(auditor.read("/v1/audit")) if entry["action"] == "push_forged"]
    unknown = not items(cast.agent.read("/v1/calls", number="+8613700137000"))
    if answer.status_code == httpx.codes.UNAUTHORIZED and len(traces) == 1 and unknown:
        cast.step("forgery", "401, one entry in the audit log, no call", service="intake")


def _push(push: Callable[[Push], httpx.Response], events: list[Push]) -> None:
    for event in events:
        answer = push(event)
        if not answer.is_success:
            raise Refused(answer)


def _complete_call(cast: Cast, number: str, *, key: str, sent: str) -> Document:
    (call,) = items(cast.agent.read("/v1/calls", number=number))
    call_id = UUID(text(call, "id"))
    cast.watcher.wait_for(intake.CallEnded, where=lambda event: event.call_id == call_id)
    if call["state"] != "ended" or call["outcome"] != "answered":
        raise RuntimeError(f"the call is not complete: {call}")
    what = f"{call['customer_label']} was heard as {sent}: one call, {call['state']}, {call['outcome']}"
    cast.step(key, what, service="intake")
    return call
