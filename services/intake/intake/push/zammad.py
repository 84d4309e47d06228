"""The Zammad CTI push, which sipgate and the Asterisk bridge speak as well: newCall, answer, hangup."""

import hashlib
from collections.abc import Sequence
from typing import Literal

from intake.domain.calls import CallEvent, CallEventKind, Outcome
from intake.push.reading import Fields, Push, Reading, fields_of, first, require_call_id
from shared.security.signatures import basic_fits, body_fits, token_fits

BASIC_USER = "push"

_OUTCOMES: dict[str, Outcome] = {
    "normalclearing": "answered",
    "cancel": "missed",
    "noanswer": "missed",
    "busy": "failed",
    "congestion": "failed",
    "notfound": "failed",
}


def authentic(push: Push, secrets: Sequence[str]) -> bool:
    """Whether one of `secrets` proves the push: in the drop-in path, as the password of Basic (user `push`), or as the
    key of `X-Hub-Signature-256: sha256=<hex HMAC-SHA256 of the raw body>`. Zammad itself knows the path alone.
    """
    if push.token:
        return token_fits(push.token, secrets=secrets)
    if "x-hub-signature-256" in push.headers:
        signature = push.headers["x-hub-signature-256"]
        return body_fits(signature, body=push.body, secrets=secrets, digest="sha256", encoding="hex", prefix="sha256=")
    credentials = [f"{BASIC_USER}:{secret}" for secret in secrets]
    return basic_fits(push.headers.get("authorization"), credentials=credentials)


def read(push: Push) -> Reading:
    """The event of one push. It has no time of its own, so it happened when it arrived.

    An event of a kind that we do not know is kept as data; a direction that we do not know is an incoming call.
    """
    fields = fields_of(push)
    call_id = require_call_id(fields, "callId")
    cause = first(fields, "cause")
    kind = _kind(fields, cause=cause)
    direction: Literal["in", "out"] = "out" if first(fields, "direction").casefold() == "out" else "in"
    event = CallEvent(
        key=_key(push, fields, call_id=call_id, kind=kind),
        kind=kind,
        direction=direction,
        occurred_at=push.received_at,
        caller=first(fields, "from"),
        called=first(fields, "to"),
        queue=first(fields, "queue"),
        agents=fields.get("user", ()) if kind is CallEventKind.ANSWERED else (),
        cause=cause,
        outcome=_OUTCOMES.get(cause.casefold(), "unknown"),
    )
    return Reading(call_id=call_id, event=event)


def _kind(fields: Fields, *, cause: str) -> CallEventKind:
    match first(fields, "event").casefold():
        case "newcall":
            return CallEventKind.QUEUED if first(fields, "queue") else CallEventKind.RINGING
        case "answer":
            return CallEventKind.ANSWERED
        case "hangup":
            # a transfer keeps the call id and goes on elsewhere
            return CallEventKind.TRANSFERRED if cause.casefold() == "forwarded" else CallEventKind.ENDED
        case _:
            return CallEventKind.DATA


def _key(push: Push, fields: Fields, *, call_id: str, kind: CallEventKind) -> str:
    """What repetitions of a push share. The cause is part of it: a forwarded call is hung up more than once."""
    parts = [call_id, first(fields, "event"), first(fields, "answeringNumber"), ",".join(fields.get("user", ()))]
    if kind is CallEventKind.DATA:
        parts.append(hashlib.sha256(push.body).hexdigest())
    return "|".join([*parts, first(fields, "cause")])
