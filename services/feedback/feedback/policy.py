"""What differs between companies and feedback obeys: the typed form of `deploy/policies/<profile>/feedback.toml`."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from feedback.domain.answers import COMMENT, SWITCH
from feedback.domain.revisits import Times, earliest, opening_of_working_day
from feedback.domain.scoring import Threshold
from shared.clocks.terms import Allowed, WorkingDays
from shared.contracts.facts import Degree
from shared.policy import Duration, Policy, PolicyFile
from shared.policy.labels import Label, Labels
from shared.refusals import Refusal
from shared.working_time import Calendar, Calendars
from shared.working_time.calendar import Zone as TimeZone

type Language = Literal["zh-CN", "en"]
"""A language of the page, as HTML and HTTP name it."""


class Occasion(StrEnum):
    """What a customer is called after."""

    SIGNED_OFF = "signed_off"
    ITEM_RETURNED = "item_returned"


class CompanyPolicy(Policy):
    """Whom the customer had in his house."""

    name: Label = Field(description="as customers know it; stands on the survey page")
    hotline: str = Field(min_length=3, max_length=40, description="the number that customers call")
    time_zone: TimeZone = Field(description="IANA name; decides in which month an answer counts")


class RevisitAfterPolicy(Policy):
    """When a customer is called after one occasion."""

    due_after_days: int = Field(ge=1, le=30, description="working days; on the last of them, when work begins")
    within: Allowed = Field(description='"1 working day" (to the end of its work), or a duration by the clock: "3d"')


class RetryPolicy(Policy):
    """A customer who does not answer is called again."""

    attempts: int = Field(ge=1, le=20, description="calls in all; then he is given up as not reached")
    after: Duration = Field(description="until the next call, in working time")
    within: Duration = Field(description="from then until nobody called in time, in working time")

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if not self.after or not self.within:
            raise ValueError("after and within of more than nothing")
        return self


class RevisitPolicy(Policy):
    """Calls after the repair (回访, R358)."""

    calendar: str = Field(description="when customers are called")
    after: dict[Occasion, RevisitAfterPolicy] = Field(min_length=1, description="a section for each occasion")
    retry: RetryPolicy
    longest_notes: int = Field(ge=1, le=20_000, description="characters")


class SurveyPolicy(Policy):
    """Opinion cards (客户意见调查卡, R364): every repair has one, none is left out."""

    calendar: str = Field(description="when they are sent")
    delay: Duration = Field(description="from the signature until it is sent, in working time")
    valid_for: Duration = Field(description="how long the link can be used, by the clock")
    questions: Labels = Field(min_length=1, description="what is asked, by code (R366)")
    degrees: dict[Degree, Label] = Field(description="what the four degrees are called")
    longest_comment: int = Field(ge=1, le=10_000, description="characters")

    @model_validator(mode="after")
    def _can_be_filled_in(self) -> Self:
        if missing := set(Degree) - set(self.degrees):
            raise ValueError(f"a text for every degree; missing: {', '.join(sorted(missing))}")
        if reserved := {COMMENT, SWITCH} & set(self.questions):
            raise ValueError(f"another code for a question than {', '.join(sorted(reserved))}")
        if not self.valid_for:
            raise ValueError("valid_for of more than nothing")
        return self


class DissatisfactionPolicy(Policy):
    """From when on a card is a bad one (R158)."""

    degree: Degree = Field(description="this degree or a worse one is a bad answer")
    answers: int = Field(ge=1, description="so many bad answers make a bad card")

    @property
    def threshold(self) -> Threshold:
        return Threshold(degree=self.degree, answers=self.answers)


class SatisfactionPolicy(Policy):
    """What the answers are measured by."""

    target: Decimal = Field(ge=0, le=100, description="percent of the answers that have to be satisfied ones (R367)")
    longest_report: int = Field(ge=1, le=120, description="months at most in one report")


class PagePolicy(Policy):
    """What stands on the survey page, in both languages.

    `{name}` and `{hotline}` are the company's, `{longest}` is how many characters a comment may have, `{number}` the
    number of the work order, where there is one.
    """

    default_language: Language = Field(description="for a browser that asks for neither")
    title: Label
    reference: Label = Field(description="which repair it is about; `{number}` is the work order's")
    greeting: Label
    comment: Label
    comment_hint: Label
    privacy: Label
    send: Label
    switch: Label = Field(description="what the button to this language says")
    help: Label = Field(description="below the card")
    faults: Label = Field(description="above the list of what is wrong")
    unanswered: Label
    too_long: Label
    thanks: Label
    thanks_text: Label
    counted: Label
    counted_text: Label
    expired: Label
    expired_text: Label
    forged: Label
    forged_text: Label
    unavailable: Label
    unavailable_text: Label

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        for field in type(self).model_fields:
            label = getattr(self, field)
            if isinstance(label, Label):
                for text in (label.zh_cn, label.en):
                    _require_fillable(text, field=field)
        return self


class FeedbackPolicy(PolicyFile):
    """The whole file."""

    company: CompanyPolicy
    calendars: Calendars = Field(description="at least one section [calendars.<name>]")
    revisits: RevisitPolicy
    surveys: SurveyPolicy
    dissatisfaction: DissatisfactionPolicy
    satisfaction: SatisfactionPolicy
    page: PagePolicy
    purposes: Labels = Field(min_length=1, description="what customers' words may be read for; written down each time")

    def call_times(self, occasions: Iterable[tuple[Occasion, datetime]]) -> Times | None:
        """When to call after what happened (R360, R361); None where the policy asks for no call after any of it."""
        after = self.revisits.after
        asked = [self._times(after[what], since=at) for what, at in occasions if what in after]
        return earliest(asked) if asked else None

    def retry_times(self, now: datetime) -> Times:
        """When to call again a customer who was not reached now."""
        due_at = self.calling_hours.add(now, duration=self.revisits.retry.after)
        return Times(due_at=due_at, overdue_at=self.calling_hours.add(due_at, duration=self.revisits.retry.within))

    def send_at(self, signed_off_at: datetime) -> datetime:
        """When the survey of a repair is sent."""
        return self.calendars[self.surveys.calendar].add(signed_off_at, duration=self.surveys.delay)

    def month(self, moment: datetime) -> date:
        """The first day of the month in which something counts, where the company is at home."""
        return moment.astimezone(self.company.time_zone).date().replace(day=1)

    @property
    def calling_hours(self) -> Calendar:
        return self.calendars[self.revisits.calendar]

    def _times(self, after: RevisitAfterPolicy, *, since: datetime) -> Times:
        """A limit that is over before anybody works moves to the end of the day on which somebody does (顺延)."""
        hours = self.calling_hours
        due_at = opening_of_working_day(since, days=after.due_after_days, calendar=hours)
        if isinstance(after.within, WorkingDays):
            return Times(due_at=due_at, overdue_at=hours.end_of_working_day(since, days=after.within.days))
        limit = since + after.within
        moved = hours.end_of_working_day(since, days=after.due_after_days)
        return Times(due_at=due_at, overdue_at=limit if limit > due_at else moved)

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Self:
        for what, name in (("revisits", self.revisits.calendar), ("surveys", self.surveys.calendar)):
            if name not in self.calendars:
                raise ValueError(f"{what}.calendar of: {', '.join(sorted(self.calendars))}; not {name}")
        if self.dissatisfaction.answers > len(self.surveys.questions):
            raise ValueError("dissatisfaction.answers not more than there are questions")
        for occasion, after in self.revisits.after.items():
            if isinstance(after.within, WorkingDays) and after.within.days < after.due_after_days:
                raise ValueError(f"revisits.after.{occasion}.within not before it is due")
        return self


def require_purpose(purpose: str, *, policy: FeedbackPolicy) -> str:
    """The purpose itself. Raises Refusal, which names the ones that the policy knows."""
    if purpose not in policy.purposes:
        known = ", ".join(sorted(policy.purposes))
        raise Refusal("unknown_purpose", detail=f"there is no purpose {purpose}", expected=f"one of {known}")
    return purpose


def _require_fillable(text: str, *, field: str) -> None:
    try:
        text.format(name="", hotline="", longest=0, number="")
    except (KeyError, IndexError, ValueError, AttributeError):
        raise ValueError(f"no other names in {field} than {{name}}, {{hotline}}, {{longest}} and {{number}}") from None
