"""What suppliers are told and judged by."""

from typing import Literal, Self

from pydantic import Field, model_validator

from parts.domain.supplier_notice import NoticeField
from shared.policy import Policy
from shared.policy.labels import Code, Label, Labels

CONTACT_CLOCK = "supplier_contact"
"""The promise of R328."""


type Language = Literal["zh-CN", "en"]


def in_language(label: Label, language: Language) -> str:
    """The text in that language."""
    return label.zh_cn if language == "zh-CN" else label.en


class NoticePolicy(Policy):
    """The texts of the written notice (书面告知, R329)."""

    purpose: Code = Field(description="what intake is told that contact data is read for")
    title: Label
    opening: Label
    closing: Label
    fields: dict[NoticeField, Label] = Field(description="what each of the eight fields is called")

    @model_validator(mode="after")
    def _all_eight(self) -> Self:
        if missing := [field for field in NoticeField if field not in self.fields]:
            raise ValueError(f"a text for each field; missing are {', '.join(missing)}")
        return self


class SupplierPolicy(Policy):
    """Problems that a supplier solves."""

    costs: Labels = Field(min_length=1, description="kinds of costs that somebody bears")
    grades: Labels = Field(min_length=2, description="how well a supplier served (R330), the best first")
    purposes: Labels = Field(min_length=1, description="what words about a supplier's problem are read for; audited")
    notice: NoticePolicy
