"""Timelines and codes over HTTP."""

import re
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from intake.policy import IntakePolicy
from intake.tables import StoryRow
from shared.contracts.facts import Urgency
from shared.policy.labels import Label

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")


class TextView(BaseModel):
    """What happened, in both languages."""

    zh_cn: str = Field(serialization_alias="zh-CN")
    en: str


def told(row: StoryRow, *, policy: IntakePolicy) -> TextView:
    """The happening in the words of the policy: codes become words, instants the company's local time."""
    text, facts = policy.story[row.type], row.facts.items()
    words = {name: policy.word(str(value)) for name, value in facts}
    plain = {name: _local(value, policy=policy) for name, value in facts}
    chinese = plain | {name: word.zh_cn for name, word in words.items() if word is not None}
    english = plain | {name: word.en for name, word in words.items() if word is not None}
    return TextView(zh_cn=text.zh_cn.format_map(chinese), en=text.en.format_map(english))


class HappeningView(BaseModel):
    """One thing that happened to a case."""

    event_id: UUID
    happened_at: AwareDatetime
    service: str
    actor_id: str | None = Field(description="who did it, where intake knows")
    type: str
    what: TextView
    facts: dict[str, JsonValue]

    @classmethod
    def of(cls, row: StoryRow, *, policy: IntakePolicy) -> Self:
        """The happening in the words of the policy."""
        return cls(
            event_id=row.event_id,
            happened_at=row.happened_at,
            service=row.service,
            actor_id=row.actor_id,
            type=row.type,
            what=told(row, policy=policy),
            facts={name: _json(value) for name, value in row.facts.items()},
        )


class Timeline(BaseModel):
    """The whole story of a case across services, in the order in which it happened."""

    case_id: UUID
    number: str
    state: str
    happenings: list[HappeningView]


class Codes(BaseModel):
    """What forms may say, in both languages."""

    problems: dict[str, Label]
    hold_reasons: dict[str, Label]
    cancel_reasons: dict[str, Label]
    purposes: dict[str, Label]
    resolutions: dict[str, Label]
    reopen_reasons: dict[str, Label]
    erasure_reasons: dict[str, Label]
    urgencies: list[str]

    @classmethod
    def of(cls, policy: IntakePolicy) -> Self:
        """The codes of the policy in force."""
        return cls(
            problems=policy.problems,
            hold_reasons=policy.hold_reasons,
            cancel_reasons=policy.cancel_reasons,
            purposes=policy.purposes,
            resolutions=policy.resolutions,
            reopen_reasons=policy.reopen_reasons,
            erasure_reasons=policy.erasure_reasons,
            urgencies=list(Urgency),
        )


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


def _local(value: object, *, policy: IntakePolicy) -> str:
    """An instant as the company's clocks show it; anything else as it is."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and INSTANT.match(value) else None
    except ValueError:
        moment = None
    return str(value) if moment is None else f"{moment.astimezone(policy.company.time_zone):%Y-%m-%d %H:%M}"
