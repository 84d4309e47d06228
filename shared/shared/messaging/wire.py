"""Events on the wire: CloudEvents in binary mode, attributes as headers `cloudEvents_<name>`, the event as body."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import ValidationError

from shared.contracts.envelope import Envelope
from shared.messaging.broker import WireMessage

PREFIX = "cloudEvents_"


class Unreadable(Exception):
    """A message that is no event of ours, or not one this build understands. It never will be: no retry helps."""


class Incoming(Protocol):
    """What is read of a message that was delivered."""

    @property
    def body(self) -> bytes: ...

    @property
    def headers(self) -> Mapping[str, object]: ...


def to_wire(envelope: Envelope, *, body: bytes) -> WireMessage:
    """The message that carries the encoded event `body`."""
    attributes = envelope.model_dump(mode="json", exclude_none=True)
    content_type = attributes.pop("datacontenttype")
    return WireMessage(
        message_id=str(envelope.id),
        type=envelope.type,
        body=body,
        content_type=content_type,
        headers={f"{PREFIX}{name}": value for name, value in attributes.items()},
    )


def read_envelope(message: Incoming) -> Envelope:
    """What is known about the event before its body is read. Raises `Unreadable`."""
    attributes = {
        name.removeprefix(PREFIX): value for name, value in message.headers.items() if name.startswith(PREFIX)
    }
    try:
        return Envelope.model_validate(attributes)
    except ValidationError as error:
        raise Unreadable(f"envelope: {complaints(error)}") from error


def traceparent_of(message: Incoming) -> str | None:
    """The trace that the event belongs to, before anything else of the message is read."""
    given = message.headers.get(f"{PREFIX}traceparent")
    return given if isinstance(given, str) else None


def complaints(error: ValidationError) -> str:
    """Where the input was wrong and why, without the input itself, which may not be for everybody's eyes."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(str(part) for part in item['loc']) or 'message'}: {item['msg']}" for item in found)[
        :500
    ]
