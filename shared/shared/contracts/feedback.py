"""What feedback says."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import Event
from shared.contracts.facts import Score


class AftercareEvent(Event):
    """An event about what came after a repair."""

    case_id: UUID
    work_order_id: UUID


class RevisitEvent(AftercareEvent):
    """An event about one revisit (回访)."""

    SUBJECT: ClassVar[tuple[str, str]] = ("revisit", "revisit_id")

    revisit_id: UUID


class RevisitDue(RevisitEvent):
    """The customer is to be called now (R361)."""

    TYPE: ClassVar[str] = "feedback.revisit_due.v1"

    attempt: int = Field(ge=1, description="1, and one more after each call that nobody answered")
    due_at: AwareDatetime


class RevisitOverdue(RevisitEvent):
    """Nobody called in time."""

    TYPE: ClassVar[str] = "feedback.revisit_overdue.v1"

    due_at: AwareDatetime
    overdue_at: AwareDatetime


class RevisitCompleted(RevisitEvent):
    """The customer was called, or given up after the last attempt (R358)."""

    TYPE: ClassVar[str] = "feedback.revisit_completed.v1"

    outcome: Literal["satisfied", "dissatisfied", "not_reached"]
    completed_at: AwareDatetime


class SurveyEvent(AftercareEvent):
    """An event about one survey (客户意见调查卡)."""

    SUBJECT: ClassVar[tuple[str, str]] = ("survey", "survey_id")

    survey_id: UUID


class SurveyRequested(SurveyEvent):
    """The customer is asked how it was (R364); whoever holds `link` may answer, once, until `expires_at`."""

    TYPE: ClassVar[str] = "feedback.survey_requested.v1"

    customer_id: UUID
    customer_label: str = Field(description="masked phone number")
    link: str = Field(description="address of the page with the questions; it ends in a signed token")
    requested_at: AwareDatetime
    expires_at: AwareDatetime


class SurveyAnswered(SurveyEvent):
    """The customer ticked his card (R366); counted once."""

    TYPE: ClassVar[str] = "feedback.survey_answered.v1"

    technician_id: UUID
    scores: tuple[Score, ...]
    answered_at: AwareDatetime


class SurveyExpired(SurveyEvent):
    """The customer did not answer in time."""

    TYPE: ClassVar[str] = "feedback.survey_expired.v1"

    expired_at: AwareDatetime


class DissatisfactionRaised(AftercareEvent):
    """A customer is not satisfied: his case is opened again, and somebody has to call him (R158)."""

    TYPE: ClassVar[str] = "feedback.dissatisfaction_raised.v1"
    SUBJECT: ClassVar[tuple[str, str]] = ("dissatisfaction", "dissatisfaction_id")

    dissatisfaction_id: UUID
    customer_id: UUID
    source: Literal["survey", "revisit"]
    source_id: UUID = Field(description="the survey or the revisit")
    questions: tuple[str, ...] = Field(default=(), description="codes of the questions that were answered badly")
    raised_at: AwareDatetime
