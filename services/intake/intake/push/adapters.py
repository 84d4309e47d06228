"""The vendors whose pushes are understood, by the name that stands in the push route."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from intake.push import twilio, zammad
from intake.push.reading import Push, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """One vendor: how his push is proved, what it tells, and what he wants to hear back."""

    authentic: Callable[[Push, Sequence[str]], bool]
    read: Callable[[Push], Reading]
    answer: str
    answer_type: str


ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {
        "zammad": Adapter(authentic=zammad.authentic, read=zammad.read, answer="{}", answer_type="application/json"),
        "twilio": Adapter(
            # an incoming-call webhook wants instructions; an empty list of them is valid for callbacks as well
            authentic=twilio.authentic,
            read=twilio.read,
            answer='<?xml version="1.0" encoding="UTF-8"?><Response/>',
            answer_type="text/xml",
        ),
    }
)
