"""What people of the parts store are told, over HTTP."""

from typing import Self

from pydantic import BaseModel, Field

from parts.domain.guidance import GuidancePlace
from parts.policy.guidance import GuidancePolicy
from shared.policy.labels import Label


class GuidanceView(BaseModel):
    """A text to keep in mind, in both languages."""

    rule: str = Field(description="the rule of the book that it comes from")
    places: list[GuidancePlace]
    text: Label

    @classmethod
    def of(cls, policy: GuidancePolicy) -> Self:
        """As the policy has it."""
        return cls(rule=policy.rule, places=list(policy.places), text=policy.text)
