"""Messages, escalations and ladders over HTTP."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from notifier.domain.ladder import EscalationState
from notifier.domain.sending import MessageState
from notifier.policy import NotifierPolicy
from notifier.tables import AttemptRow, EscalationRow, MessageRow
from shared.policy import Duration
from shared.policy.labels import Label


class AttemptView(BaseModel):
    """One attempt at sending. Without an outcome it was cut off before anybody could write it down."""

    number: int
    begun_at: AwareDatetime
    ended_at: AwareDatetime | None
    outcome: str | None = Field(description="taken, not_now or never")
    detail: str | None = Field(description="a code such as 451 or timeout")

    @classmethod
    def of(cls, row: AttemptRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class MessageView(BaseModel):
    """A message to one person. What it said is kept nowhere."""

    id: UUID
    route: str = Field(description="name of the route in the policy")
    about: str = Field(description="type of the event that led to it")
    case_id: UUID | None
    role: str | None = Field(description="for which the receiver was taken")
    staff_number: str | None
    customer_id: UUID | None
    escalation_id: UUID | None
    level: int | None
    state: MessageState
    reason: str | None = Field(description="why it failed")
    attempts: int
    made_at: AwareDatetime
    due_at: AwareDatetime
    ended_at: AwareDatetime | None

    @classmethod
    def of(cls, row: MessageRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class MessageFile(MessageView):
    """A message with every attempt at sending it."""

    tried: list[AttemptView] = []

    @classmethod
    def whole(cls, row: MessageRow, *, attempts: Sequence[AttemptRow]) -> Self:
        """With its attempts, the first one first."""
        return cls.of(row).model_copy(update={"tried": [AttemptView.of(attempt) for attempt in attempts]})


class EscalationView(BaseModel):
    """One climb of a ladder (逐级上报, R430)."""

    id: UUID
    ladder: str
    route: str
    about: str = Field(description="type of the event that led to it")
    case_id: UUID | None
    state: EscalationState
    level: int = Field(description="the one that was told last; 1 is the first")
    levels: list[str] = Field(description="the roles on the ladder, in order")
    answer_by: AwareDatetime | None = Field(
        description="when the next level is told; null until somebody of this level has his message"
    )
    raised_at: AwareDatetime
    acknowledged_by: str | None = Field(description="staff number")
    acknowledged_via: str | None = Field(description="link or api")
    acknowledged_level: int | None
    end_reason: str | None = Field(description="type of the event that ended it")
    ended_at: AwareDatetime | None = Field(description="an exhausted one may still be acknowledged or withdrawn")
    version: int

    @classmethod
    def of(cls, row: EscalationRow) -> Self:
        """As it is stored."""
        return cls.model_validate({**row.model_dump(), "levels": [level["role"] for level in row.levels]})


class LevelView(BaseModel):
    """One level of a ladder."""

    role: str
    answer_within: Duration


class LadderView(BaseModel):
    """A ladder of the policy."""

    ladder: str
    name: Label
    calendar: str | None = Field(description="in whose time the levels answer; null: round the clock")
    levels: list[LevelView]


class LaddersView(BaseModel):
    """Every ladder of the policy in force."""

    ladders: list[LadderView]

    @classmethod
    def of(cls, policy: NotifierPolicy) -> Self:
        """As the policy has them."""
        return cls(
            ladders=[
                LadderView(
                    ladder=name,
                    name=ladder.name,
                    calendar=ladder.calendar,
                    levels=[LevelView(role=level.role, answer_within=level.answer_within) for level in ladder.levels],
                )
                for name, ladder in policy.ladders.items()
            ]
        )
