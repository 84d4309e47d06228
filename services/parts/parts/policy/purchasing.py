"""What purchasing obeys: how many prices are compared, why something is declined, whom it urges."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from shared.policy import Duration, Policy
from shared.policy.labels import Code, Label, Labels
from shared.security.roles import ROLES


class DepartmentPolicy(Policy):
    """A department that is urged (催促), and the role that hears of it."""

    name: Label
    role: str

    @field_validator("role")
    @classmethod
    def _is_known(cls, role: str) -> str:
        if role not in ROLES:
            raise ValueError(f"a role of: {', '.join(sorted(ROLES))}")
        return role


class CausePolicy(Policy):
    """Where the cause of a problem lies, and so who has to do what about it (R029)."""

    name: Label
    department: Code
    task: Code


class ChasingPolicy(Policy):
    """How departments are urged to finish what the site needs (R029)."""

    departments: dict[Code, DepartmentPolicy] = Field(min_length=1)
    tasks: Labels = Field(min_length=1, description="what a department can be urged to do")
    causes: dict[Code, CausePolicy] = Field(min_length=1, description="whose turn it is where the cause is known")
    remind_every: Duration = Field(description="how often it is urged again once the time is over")

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if not self.remind_every:
            raise ValueError("a remind_every of more than nothing")
        return self

    @model_validator(mode="after")
    def _causes_lead_somewhere(self) -> Self:
        for name, cause in self.causes.items():
            if cause.department not in self.departments:
                raise ValueError(f"causes.{name}.department of: {', '.join(self.departments)}")
            if cause.task not in self.tasks:
                raise ValueError(f"causes.{name}.task of: {', '.join(self.tasks)}")
        return self


class PurchasingPolicy(Policy):
    """Buying (采购)."""

    quotes_needed: int = Field(ge=1, le=20, description="suppliers whose prices are compared for 自采 (R201)")
    dearer_reasons: Labels = Field(min_length=1, description="why not the cheapest")
    decline_reasons: Labels = Field(min_length=1, description="why a purchase request is declined")
    chasing: ChasingPolicy
