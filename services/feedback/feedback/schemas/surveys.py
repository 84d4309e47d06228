"""Surveys and what became of bad ones, over HTTP. The link stands in no answer: whoever holds it may tick."""

from collections.abc import Sequence
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from feedback.domain.surveys import SurveyState
from feedback.policy import FeedbackPolicy
from feedback.queries.dissatisfactions import Matter
from feedback.queries.surveys import Asked
from feedback.tables import ScoreRow
from shared.contracts.facts import Degree, Score
from shared.policy.labels import Label


class SurveyView(BaseModel):
    """An opinion card (客户意见调查卡) with what was ticked."""

    id: UUID
    work_order_id: UUID
    work_order_number: str
    case_id: UUID
    customer_id: UUID
    customer_label: str | None = Field(description="masked phone number; null once the customer was erased")
    technician_id: UUID
    state: SurveyState
    send_at: AwareDatetime
    requested_at: AwareDatetime | None = Field(description="when it was sent")
    expires_at: AwareDatetime | None
    answered_at: AwareDatetime | None
    month: str | None = Field(description="in which it counts, such as `2040-03`")
    language: str | None = Field(description="of the page that was answered")
    scores: list[Score]
    has_comment: bool
    version: int

    @classmethod
    def of(cls, asked: Asked, *, scores: Sequence[ScoreRow]) -> Self:
        """As it is stored."""
        survey, order = asked
        return cls.model_validate(
            {
                **survey.model_dump(exclude={"comment", "month"}),
                "work_order_id": order.id,
                "work_order_number": order.number,
                "case_id": order.case_id,
                "customer_id": order.customer_id,
                "customer_label": order.customer_label,
                "month": None if survey.month is None else f"{survey.month:%Y-%m}",
                "scores": [Score(question=row.question, degree=Degree(row.degree)) for row in scores],
                "has_comment": survey.comment is not None,
            }
        )


class DissatisfactionView(BaseModel):
    """A customer who is not satisfied (R158)."""

    id: UUID
    work_order_id: UUID
    work_order_number: str
    case_id: UUID
    customer_id: UUID
    customer_label: str | None
    technician_id: UUID | None
    source: Literal["survey", "revisit"]
    source_id: UUID
    questions: list[str] = Field(description="the questions that were answered badly; none after a call")
    raised_at: AwareDatetime

    @classmethod
    def of(cls, matter: Matter) -> Self:
        """As it is stored."""
        dissatisfaction, order = matter
        return cls.model_validate(
            {
                **dissatisfaction.model_dump(),
                "work_order_id": order.id,
                "work_order_number": order.number,
                "case_id": order.case_id,
                "customer_id": order.customer_id,
                "customer_label": order.customer_label,
                "technician_id": order.technician_id,
            }
        )


class CodesView(BaseModel):
    """What surveys ask and what words may be read for, with texts in both languages."""

    questions: dict[str, Label]
    degrees: dict[Degree, Label]
    purposes: dict[str, Label]

    @classmethod
    def of(cls, policy: FeedbackPolicy) -> Self:
        """The codes of the policy in force."""
        return cls(questions=policy.surveys.questions, degrees=policy.surveys.degrees, purposes=policy.purposes)
