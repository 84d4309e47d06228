"""Revisits over HTTP."""

from collections.abc import Sequence
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from feedback.domain.revisits import Outcome, RevisitState, possible_steps
from feedback.queries.revisits import Call
from feedback.tables import AttemptRow
from shared.contracts.facts import Degree
from shared.http.bodies import Body


class Attempt(Body):
    """A call that nobody answered."""

    outcome: Literal["not_reached"]


class Completion(Body):
    """A call that was answered (R358)."""

    outcome: Literal["satisfied", "dissatisfied"]
    notes: str = Field(default="", max_length=20_000, description="what the customer said; sealed")


class RevisitView(BaseModel):
    """A call after the repair (回访). The number is read at intake, by those who may, at the moment of use."""

    id: UUID
    work_order_id: UUID
    work_order_number: str
    case_id: UUID
    case_closed_at: AwareDatetime | None = Field(description="when the case was closed last, if it was")
    customer_id: UUID
    customer_label: str | None = Field(description="masked phone number; null once the customer was erased")
    unit_id: UUID | None
    technician_id: UUID | None
    opinion: Degree | None = Field(description="what the customer ticked when he signed (R260)")
    signed_off_at: AwareDatetime | None
    item_returned_at: AwareDatetime | None
    state: RevisitState
    possible_steps: list[str]
    attempt: int = Field(description="the call that is to be made, or was the last one")
    due_at: AwareDatetime
    overdue_at: AwareDatetime
    outcome: Outcome | None
    has_notes: bool
    completed_at: AwareDatetime | None
    completed_by: str | None
    version: int

    @classmethod
    def of(cls, call: Call) -> Self:
        """As it is stored, with the steps that lead on."""
        revisit, order, case = call
        own = revisit.model_dump(exclude={"notes"})
        about = order.model_dump(exclude={"id", "number"})
        return cls.model_validate(
            {
                **about,
                **own,
                "work_order_id": order.id,
                "work_order_number": order.number,
                "case_closed_at": None if case is None else case.closed_at,
                "possible_steps": [str(step) for step in possible_steps(RevisitState(revisit.state))],
                "has_notes": revisit.notes is not None,
            }
        )


class AttemptView(BaseModel):
    """A call that nobody answered."""

    number: int
    called_at: AwareDatetime
    called_by: str


class RevisitWithAttempts(RevisitView):
    """A revisit with every call that nobody answered."""

    attempts: list[AttemptView] = []

    @classmethod
    def whole(cls, call: Call, *, attempts: Sequence[AttemptRow]) -> Self:
        """As it is stored."""
        missed = [AttemptView.model_validate(row.model_dump()) for row in attempts]
        return cls.of(call).model_copy(update={"attempts": missed})


class WordsView(BaseModel):
    """What a customer said, in plain text."""

    text: str | None = Field(description="null where nothing was said, or nothing is kept any more")
