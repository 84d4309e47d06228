"""What every use case of parts needs besides its unit of work: the rules, the clocks and the audit log."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from parts.policy import PartsPolicy
from shared.audit import AuditLog
from shared.clocks.keeping import Clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Built once in `app.py`."""

    policy: PartsPolicy
    policy_version: str
    audit: AuditLog
    clocks: Clocks

    def end_of_day(self, now: datetime) -> datetime:
        """Midnight where the company is at home: what is expected before is expected today."""
        zone = self.policy.company.time_zone
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), zone).astimezone(UTC)
