"""What differs between companies and parts obeys: the typed form of `deploy/policies/<profile>/parts.toml`."""

from collections.abc import Collection
from typing import Self

from pydantic import Field, model_validator

from parts.policy.guidance import GuidancePolicy
from parts.policy.purchasing import PurchasingPolicy
from parts.policy.suppliers import CONTACT_CLOCK, SupplierPolicy
from parts.policy.supplying import ClaimPolicy, DepositPolicy, ReservationPolicy
from parts.policy.tools import ToolPolicy
from shared.clocks.terms import TimedPolicy
from shared.policy import Policy
from shared.policy.labels import Labels
from shared.refusals import Refusal
from shared.working_time.calendar import Zone as TimeZone


class CompanyPolicy(Policy):
    """Where the company is at home."""

    time_zone: TimeZone = Field(description="IANA name; decides what is expected today")


class PartsPolicy(TimedPolicy):
    """The whole file."""

    company: CompanyPolicy
    reservations: ReservationPolicy
    deposits: DepositPolicy
    claims: ClaimPolicy
    purchasing: PurchasingPolicy
    suppliers: SupplierPolicy
    tools: ToolPolicy
    payment_methods: Labels = Field(min_length=1)
    adjustment_reasons: Labels = Field(min_length=1)
    discrepancy_reasons: Labels = Field(min_length=1, description="why more was fitted than was issued")
    guidance: tuple[GuidancePolicy, ...] = Field(default=(), description="what people are told where they meet it")

    @model_validator(mode="after")
    def _has_the_contact_clock(self) -> Self:
        if set(self.clocks) != {CONTACT_CLOCK}:
            raise ValueError(f"exactly one section [clocks.{CONTACT_CLOCK}]: parts times nothing else")
        return self


def require_known(given: str, *, known: Collection[str], field: str) -> None:
    """Raises Refusal, which names the codes that the policy knows, when `given` is another one."""
    if given not in known:
        raise Refusal(
            "unknown_code",
            detail=f"{field}: {given} is not in the policy",
            expected=f"{field} of: {', '.join(sorted(known))}",
        )
