"""Whose accounts the stock stands in, what it is worth, who supplies prices, and what the house draws for itself."""

from typing import Self

from pydantic import Field, model_validator

from parts.domain.valuation import Method
from shared.contracts.facts import WarrantyStatus
from shared.policy import Duration, Policy
from shared.policy.labels import Label, Labels


class StoreroomPolicy(Policy):
    """The storeroom (库房) where pieces lie unless somebody names another place."""

    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    name: Label
    department: str = Field(description="whose account it stands in: one of `departments`")


class ValuationPolicy(Policy):
    """What leaves first, and so what a piece costs (存货计价, R037)."""

    method: Method = Field(description="`moving_average` or `fifo`")


class PricePolicy(Policy):
    """Who supplies prices (R037, R333)."""

    sources: Labels = Field(min_length=1, description="departments whose price list counts")
    usual_source: str = Field(description="whose price it is where a form does not say")

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if self.usual_source not in self.sources:
            raise ValueError(f"a usual_source of: {', '.join(self.sources)}")
        return self


class InternalPolicy(Policy):
    """Consumables that other departments draw (内部领用单, R323)."""

    departments: Labels = Field(default_factory=dict, description="who may draw; none: nobody")
    charged_to: str = Field(description="the department of `departments` at the top whose cost it is")
    monthly_limit: int = Field(ge=0, description="pieces of one part for one department in a calendar month")


class ChargePolicy(Policy):
    """What a customer pays for parts (R168)."""

    free_for: tuple[WarrantyStatus, ...] = Field(description="warranty statuses for which parts are free of charge")


class ReportPolicy(Policy):
    """What is reported, and by when."""

    cost_table_within: Duration = Field(description="after the end of the month, the cost table is at finance (R325)")
    idle_after: Duration = Field(description="stock of which nothing left for so long lies idle")
