"""How long tools are lent, and how often it is said that one is overdue."""

from typing import Self

from pydantic import Field, model_validator

from parts.domain.tools import LoanTerms, LostLate
from shared.policy import Duration, Policy


class ToolPolicy(Policy):
    """Special tools (专用工具)."""

    usual_use: Duration = Field(description="how long a tool is used where nobody says")
    return_within: Duration = Field(description="how soon after its use it has to be back (用完即还, R317)")
    remind_every: Duration = Field(description="how often it is said that a tool is overdue")
    lost_late: LostLate = Field(description="`borrower_pays` for a tool lost while overdue (R318); `written_off`")

    @property
    def terms(self) -> LoanTerms:
        return LoanTerms(usual_use=self.usual_use, return_within=self.return_within)

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if not self.remind_every:
            raise ValueError("a remind_every of more than nothing")
        return self
