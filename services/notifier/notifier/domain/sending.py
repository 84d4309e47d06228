"""One message and the attempts at sending it: taken, put off with growing pauses, or given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class MessageState(StrEnum):
    """`waiting` for whose case it is, `due` to be sent, `postponed` after an attempt that failed for now."""

    WAITING = "waiting"
    DUE = "due"
    POSTPONED = "postponed"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


UNSENT = frozenset({MessageState.WAITING, MessageState.DUE, MessageState.POSTPONED})
"""It has not ended: something may still be sent."""

HOPEFUL = UNSENT | {MessageState.DELIVERED}
"""It has reached somebody, or still may."""


class FailureReason(StrEnum):
    """Why a message is not tried any more."""

    REFUSED = "refused"
    NO_ADDRESS = "no_address"
    UNKNOWN_CUSTOMER = "unknown_customer"
    UNKNOWN_STAFF = "unknown_staff"
    NOBODY_IN_ROLE = "nobody_in_role"
    NO_TEXT = "no_text"
    TOO_LATE = "too_late"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Taken:
    """The mail server has it."""

    detail: str = "250"


@dataclass(frozen=True, slots=True)
class NotNow:
    """It may go later; `detail` is a code such as `451`, `timeout` or `disconnected`."""

    detail: str


@dataclass(frozen=True, slots=True)
class Never:
    """It will never go; `detail` is a code such as `550`."""

    reason: FailureReason
    detail: str


type Outcome = Taken | NotNow | Never


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait after each attempt that failed for now, the last one again and again, and when to give up."""

    pauses: tuple[timedelta, ...]
    give_up_after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What becomes of the message: `retry_at` where it is tried again, `reason` where it failed for good."""

    state: MessageState
    retry_at: datetime | None = None
    reason: FailureReason | None = None


def after_attempt(outcome: Outcome, *, attempts: int, made_at: datetime, now: datetime, patience: Patience) -> After:
    """What becomes of a message made at `made_at` after its `attempts`-th attempt ended with `outcome`."""
    match outcome:
        case Taken():
            return After(state=MessageState.DELIVERED)
        case Never(reason=reason):
            return After(state=MessageState.FAILED, reason=reason)
        case NotNow():
            pause = patience.pauses[min(attempts, len(patience.pauses)) - 1]
            retry_at = now + pause
            if retry_at > made_at + patience.give_up_after:
                return After(state=MessageState.FAILED, reason=FailureReason.TOO_LATE)
            return After(state=MessageState.POSTPONED, retry_at=retry_at)
