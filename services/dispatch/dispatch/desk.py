"""What every use case of dispatch needs besides its unit of work: the rules, the clocks, the keys, the audit log."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dispatch.policy import DispatchPolicy
from shared.audit import AuditLog
from shared.clocks.keeping import Clocks
from shared.erasure import Erasures
from shared.security.encryption import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Built once in `app.py`."""

    policy: DispatchPolicy
    policy_version: str
    clocks: Clocks
    audit: AuditLog
    keys: KeyRing
    erasures: Erasures

    def seal(self, text: str, *, row: UUID) -> str:
        """Encrypt what a customer said or signed for its row of `words`; it opens nowhere else."""
        return self.keys.seal(text, context=f"words.text/{row}")

    def open(self, sealed: str, *, row: UUID) -> str:
        """What `seal` made for the same row. Raises SealBroken."""
        return self.keys.open(sealed, context=f"words.text/{row}")

    def today(self, now: datetime) -> date:
        """The day that it is where the company is at home: decides on certificates."""
        return now.astimezone(self.policy.company.time_zone).date()
