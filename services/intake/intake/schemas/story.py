"""Timelines, clocks, codes and the audit log over HTTP."""

from collections.abc import Mapping
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from intake.policy import IntakePolicy, Label
from intake.tables import StoryRow
from shared.contracts.facts import Urgency


class LabelView(BaseModel):
    """A text in both languages."""

    zh_cn: str = Field(serialization_alias="zh-CN")
    en: str

    @classmethod
    def of(cls, label: Label) -> Self:
        """The policy's text."""
        return cls(zh_cn=label.zh_cn, en=label.en)


class HappeningView(BaseModel):
    """One thing that happened to a case."""

    event_id: UUID
    happened_at: AwareDatetime
    service: str
    type: str
    what: LabelView
    facts: dict[str, JsonValue]

    @classmethod
    def of(cls, row: StoryRow, *, policy: IntakePolicy) -> Self:
        """The happening in the words of the policy."""
        label = policy.story[row.type]
        return cls(
            event_id=row.event_id,
            happened_at=row.happened_at,
            service=row.service,
            type=row.type,
            what=LabelView(zh_cn=label.zh_cn.format_map(row.facts), en=label.en.format_map(row.facts)),
            facts={name: _json(value) for name, value in row.facts.items()},
        )


class Timeline(BaseModel):
    """The whole story of a case across services, in the order in which it happened."""

    case_id: UUID
    number: str
    state: str
    happenings: list[HappeningView]


class ClockLine(BaseModel):
    """A clock in a list; `GET /v1/clocks/{id}` explains it."""

    id: UUID
    clock: str
    case_id: UUID
    started_at: AwareDatetime
    stopped_at: AwareDatetime | None
    due_at: AwareDatetime | None = Field(description="null while a pause goes on")
    breached_at: AwareDatetime | None


class Codes(BaseModel):
    """What forms may say, in both languages."""

    problems: dict[str, LabelView]
    hold_reasons: dict[str, LabelView]
    cancel_reasons: dict[str, LabelView]
    urgencies: list[str]

    @classmethod
    def of(cls, policy: IntakePolicy) -> Self:
        """The codes of the policy in force."""
        return cls(
            problems=_labels(policy.problems),
            hold_reasons=_labels(policy.hold_reasons),
            cancel_reasons=_labels(policy.cancel_reasons),
            urgencies=list(Urgency),
        )


class AuditEntryView(BaseModel):
    """Who did what to whom and what for."""

    id: UUID
    at: AwareDatetime
    actor_kind: str
    actor_id: str
    actor_role: str
    action: str
    subject: str
    purpose: str | None
    details: dict[str, JsonValue]
    correlation_id: UUID | None


def _labels(labels: Mapping[str, Label]) -> dict[str, LabelView]:
    return {code: LabelView.of(label) for code, label in labels.items()}


def _json(value: object) -> JsonValue:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list():
            return [_json(item) for item in value]
        case dict():
            return {str(name): _json(item) for name, item in value.items()}
        case _:
            return str(value)
