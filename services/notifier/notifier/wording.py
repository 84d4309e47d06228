"""The words round the texts of routes, as the policy file has them."""

import re
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from notifier.domain.forms import Language
from notifier.domain.texts import fields_of, fill
from shared.policy import Policy
from shared.policy.labels import Label

MARK_BEFORE = re.compile(r"((?:\d+[wdhms])+) before")
"""How clocks name a mark: `2h before`."""

UNITS = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
}


class WordingPolicy(Policy):
    """What stands round the texts of routes, in messages and on the page behind their link."""

    greeting: Label = Field(description="with {name}")
    acknowledge: Label = Field(description="the button")
    asked_to_acknowledge: Label = Field(description="what the button does; {answer_by} is when the next level is told")
    signature: Label
    mark_before: Label = Field(description="a mark of a clock; {time} is how long before the promise ends")
    days: Label = Field(description="with {n}")
    hours: Label = Field(description="with {n}")
    minutes: Label = Field(description="with {n}")
    seconds: Label = Field(description="with {n}")
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
        allowed = {
            "greeting": {"name"},
            "asked_to_acknowledge": {"answer_by"},
            "page_done": {"name", "at"},
            "mark_before": {"time"},
            **{unit: {"n"} for unit in UNITS},
        }
        for name in type(self).model_fields:
            label: Label = getattr(self, name)
            if unknown := (fields_of(label.zh_cn) | fields_of(label.en)) - allowed.get(name, set()):
                raise ValueError(f"{name}: fields of {sorted(allowed.get(name, set()))}; not {sorted(unknown)}")
        return self

    def before(self, time: timedelta, *, language: Language) -> str:
        """A mark that lies `time` before the end of a promise."""
        written = []
        for name, unit in UNITS.items():
            number, time = divmod(time, unit)
            if number:
                written.append(fill(said(getattr(self, name), language=language), facts={"n": number}, word=str))
        return fill(said(self.mark_before, language=language), facts={"time": " ".join(written)}, word=str)


def said(label: Label, *, language: Language) -> str:
    """A text in one of its two languages."""
    return label.zh_cn if language is Language.CHINESE else label.en
