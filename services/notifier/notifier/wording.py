"""The words round the texts of routes, as the policy file has them."""

from typing import Self

from pydantic import Field, model_validator

from notifier.domain.texts import fields_of
from shared.policy import Policy
from shared.policy.labels import Label


class WordingPolicy(Policy):
    """What stands round the texts of routes, in messages and on the page behind their link."""

    greeting: Label = Field(description="with {name}")
    acknowledge: Label = Field(description="the button")
    asked_to_acknowledge: Label = Field(description="what the button does; {answer_by} is when the next level is told")
    signature: Label
    page_title: Label
    page_open: Label = Field(description="above the button")
    page_done: Label = Field(description="{name} and {at}: who acknowledged, and when")
    page_exhausted: Label = Field(description="above the button, where nobody is left to be told")
    page_over: Label = Field(description="withdrawn")
    page_expired: Label
    page_unknown: Label
    page_unavailable: Label

    @model_validator(mode="after")
    def _only_known_fields(self) -> Self:
        allowed = {"greeting": {"name"}, "asked_to_acknowledge": {"answer_by"}, "page_done": {"name", "at"}}
        for name in type(self).model_fields:
            label: Label = getattr(self, name)
            if unknown := (fields_of(label.zh_cn) | fields_of(label.en)) - allowed.get(name, set()):
                raise ValueError(f"{name}: fields of {sorted(allowed.get(name, set()))}; not {sorted(unknown)}")
        return self
