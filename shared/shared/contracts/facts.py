"""The small facts that several events carry."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

type Amount = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2, description="yuan (CNY), two decimals")]


class Fact(BaseModel):
    """A frozen part of an event; unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Urgency(StrEnum):
    """How urgent the customer's problem is (紧急程度)."""

    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class WarrantyStatus(StrEnum):
    """Inside or outside the warranty period (保修期内 / 保修期外)."""

    IN_WARRANTY = "in_warranty"
    OUT_OF_WARRANTY = "out_of_warranty"


class PartNeed(Fact):
    """A spare part that is known to be needed before anyone was on site."""

    part_code: str = Field(description="code of the parts catalogue", min_length=1, max_length=64)
    quantity: int = Field(ge=1, le=10_000, description="pieces")


class Degree(StrEnum):
    """The four degrees of satisfaction on the opinion card (四个程度, R366)."""

    VERY_SATISFIED = "very_satisfied"
    SATISFIED = "satisfied"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very_dissatisfied"


class Score(Fact):
    """One question of the opinion card and the degree that the customer ticked."""

    question: str = Field(description="`attitude`, `technique`, `arrival_time`, `promises`: a question of the policy")
    degree: Degree


class Wait(Fact):
    """A stretch of time in which the case waited for somebody; a clock that pauses for the reason does not count it."""

    reason: str = Field(description="`consent`, `approval`, `customer` …: a pause reason of the policy")
    since: AwareDatetime
    until: AwareDatetime


class PassedOver(Fact):
    """Why a technician who was looked at was not taken (被隔过此轮派工)."""

    technician_id: UUID
    reason: str = Field(description="a code: `lacks_skill`, `no_certificate`, `other_zone`, `busy`, `not_his_turn` …")


class ClockMark(Fact):
    """One clock at one moment: which promise it measures and where it stands."""

    clock_id: UUID
    clock: str = Field(description="name of the clock in the policy, for instance `arrival`")
    started_at: AwareDatetime
    due_at: AwareDatetime = Field(description="when the promise is broken, as the ledger stands now")
    elapsed_seconds: int = Field(ge=0, description="counted working time so far")
    allowed_seconds: int = Field(ge=0, description="working time that the policy allows")
