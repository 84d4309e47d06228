"""What notifier says."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import Event


class MessageEvent(Event):
    """An event about one message to one person. Whom it reached is told by role, staff number or customer id only."""

    SUBJECT: ClassVar[tuple[str, str]] = ("message", "message_id")

    message_id: UUID
    case_id: UUID | None = Field(description="none where the message is about no case")
    about: str = Field(description="type of the event that led to the message")
    channel: Literal["email"]
    staff_number: str | None = Field(description="of whom it was for, where it was for staff")
    customer_id: UUID | None = Field(description="of whom it was for, where it was for a customer")


class MessageDelivered(MessageEvent):
    """The mail server took it."""

    TYPE: ClassVar[str] = "notifier.message_delivered.v1"

    attempts: int = Field(ge=1)
    delivered_at: AwareDatetime


class MessageFailed(MessageEvent):
    """It could not be delivered and is not tried any more."""

    TYPE: ClassVar[str] = "notifier.message_failed.v1"

    reason: str = Field(description="a code: `refused`, `no_address`, `unknown_customer`, `too_late` …")
    attempts: int = Field(ge=0)
    failed_at: AwareDatetime


class EscalationEvent(Event):
    """An event about one climb of a ladder (逐级上报, R430)."""

    SUBJECT: ClassVar[tuple[str, str]] = ("escalation", "escalation_id")

    escalation_id: UUID
    case_id: UUID | None
    about: str = Field(description="type of the event that led to it")
    ladder: str = Field(description="name of the ladder in the policy")


class EscalationRaised(EscalationEvent):
    """A level of the ladder is told: the first one, or the next because nobody answered."""

    TYPE: ClassVar[str] = "notifier.escalation_raised.v1"

    level: int = Field(ge=1)
    role: str
    raised_at: AwareDatetime


class EscalationAcknowledged(EscalationEvent):
    """Somebody answered; nothing more is sent (R429)."""

    TYPE: ClassVar[str] = "notifier.escalation_acknowledged.v1"

    level: int = Field(ge=1)
    staff_number: str
    via: Literal["link", "api"]
    acknowledged_at: AwareDatetime


class EscalationExhausted(EscalationEvent):
    """The last level did not answer either."""

    TYPE: ClassVar[str] = "notifier.escalation_exhausted.v1"

    level: int = Field(ge=1)
    exhausted_at: AwareDatetime


class EscalationWithdrawn(EscalationEvent):
    """What it was about is over; nothing more is sent."""

    TYPE: ClassVar[str] = "notifier.escalation_withdrawn.v1"

    reason: str = Field(description="type of the event that ended it")
    withdrawn_at: AwareDatetime


class StaffChanged(Event):
    """A member of the staff directory was entered or changed; the newest `revision` counts."""

    TYPE: ClassVar[str] = "notifier.staff_changed.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("staff", "staff_id")

    staff_id: UUID
    staff_number: str = Field(description="the subject of his tokens")
    role: str
    status: Literal["active", "left"]
    revision: int = Field(ge=1)
