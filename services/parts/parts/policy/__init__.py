"""What differs between companies and parts obeys: the typed form of `deploy/policies/<profile>/parts.toml`."""

from collections.abc import Collection

from pydantic import Field

from parts.policy.guidance import GuidancePolicy
from parts.policy.supplying import ClaimPolicy, DepositPolicy, ReservationPolicy
from shared.policy import Policy, PolicyFile
from shared.policy.labels import Labels
from shared.refusals import Refusal
from shared.working_time.calendar import Zone as TimeZone


class CompanyPolicy(Policy):
    """Where the company is at home."""

    time_zone: TimeZone = Field(description="IANA name; decides what is expected today")


class PartsPolicy(PolicyFile):
    """The whole file."""

    company: CompanyPolicy
    reservations: ReservationPolicy
    deposits: DepositPolicy
    claims: ClaimPolicy
    payment_methods: Labels = Field(min_length=1)
    adjustment_reasons: Labels = Field(min_length=1)
    discrepancy_reasons: Labels = Field(min_length=1, description="why more was fitted than was issued")
    guidance: tuple[GuidancePolicy, ...] = Field(default=(), description="what people are told where they meet it")


def require_known(given: str, *, known: Collection[str], field: str) -> None:
    """Raises Refusal, which names the codes that the policy knows, when `given` is another one."""
    if given not in known:
        raise Refusal(
            "unknown_code",
            detail=f"{field}: {given} is not in the policy",
            expected=f"{field} of: {', '.join(sorted(known))}",
        )
