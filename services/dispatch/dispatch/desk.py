"""What every use case of dispatch needs besides its unit of work: the rules, the clocks and the audit log."""

from dataclasses import dataclass
from datetime import date, datetime

from dispatch.policy import DispatchPolicy
from shared.audit import AuditLog
from shared.clocks.keeping import Clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Built once in `app.py`."""

    policy: DispatchPolicy
    policy_version: str
    clocks: Clocks
    audit: AuditLog

    def today(self, now: datetime) -> date:
        """The day that it is where the company is at home: decides on certificates."""
        return now.astimezone(self.policy.company.time_zone).date()
