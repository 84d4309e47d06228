"""Twilio's status callback: POST form, GET query or JSON, signed with the account's token."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import parse_qs

from intake.domain.calls import CallEvent, CallEventKind, Outcome
from intake.push.reading import Fields, Push, Reading, fields_of, first, require_call_id
from shared.security.signatures import url_fits

_SEQUENCE = re.compile(r"[0-9]{1,9}\Z")
_KINDS = {
    "queued": CallEventKind.RINGING,  # Twilio's own queue, before anything rings
    "initiated": CallEventKind.RINGING,
    "ringing": CallEventKind.RINGING,
    "in-progress": CallEventKind.ANSWERED,
    "completed": CallEventKind.ENDED,
    "busy": CallEventKind.ENDED,
    "failed": CallEventKind.ENDED,
    "no-answer": CallEventKind.ENDED,
    "canceled": CallEventKind.ENDED,
}
_OUTCOMES: dict[str, Outcome] = {
    "completed": "answered",
    "busy": "failed",
    "failed": "failed",
    "no-answer": "missed",
    "canceled": "missed",
}


def authentic(push: Push, secrets: Sequence[str]) -> bool:
    """Whether `X-Twilio-Signature` was made with one of `secrets`, over the URL that Twilio called and the body.

    A form is signed field by field, any other body by the `bodySHA256` of the URL, and otherwise not at all.
    """
    is_form = push.headers.get("content-type", "").strip().casefold().startswith("application/x-www-form-urlencoded")
    if push.body and not is_form and "bodySHA256" not in parse_qs(push.query):
        return False
    form = parse_qs(push.body.decode(errors="replace"), keep_blank_values=True) if is_form else {}
    signature = push.headers.get("x-twilio-signature")
    return url_fits(signature, url=push.url, parameters=form, body=push.body, auth_tokens=secrets)


def read(push: Push) -> Reading:
    """The event of one callback. A status that we do not know is kept as data."""
    fields = fields_of(push)
    call_id = require_call_id(fields, "CallSid")
    status = first(fields, "CallStatus").casefold()
    sequence = first(fields, "SequenceNumber")
    direction: Literal["in", "out"] = "out" if first(fields, "Direction").startswith("outbound") else "in"
    event = CallEvent(
        key=f"{call_id}|{sequence or status}",  # signed fields only; the idempotency header lies outside the signature
        kind=_KINDS.get(status, CallEventKind.DATA),
        direction=direction,
        occurred_at=_occurred_at(fields, push=push),
        caller=first(fields, "From", "Caller"),
        called=first(fields, "To", "Called"),
        cause=status if status in _OUTCOMES else "",
        outcome=_OUTCOMES.get(status, "unknown"),
        sequence=int(sequence) if _SEQUENCE.match(sequence) else None,
    )
    return Reading(call_id=call_id, event=event)


def _occurred_at(fields: Fields, *, push: Push) -> datetime:
    """Twilio's own time where it is readable, else the moment of arrival."""
    try:
        return parsedate_to_datetime(first(fields, "Timestamp")).astimezone(UTC)
    except (ValueError, OverflowError):
        return push.received_at
