"""What every use case of parts needs besides its unit of work: the rules, the clocks, the keys and the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from parts.policy import PartsPolicy
from shared.audit import AuditLog
from shared.clocks.keeping import Clocks
from shared.security.blind_index import BlindIndex
from shared.security.encryption import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Built once in `app.py`. `secrets`: by the name of a payment provider, those that prove his reports."""

    policy: PartsPolicy
    policy_version: str
    clocks: Clocks
    audit: AuditLog
    keys: KeyRing
    index: BlindIndex
    secrets: Mapping[str, tuple[str, ...]]

    def seal(self, text: str, *, place: str, row: UUID) -> str:
        """Encrypt a text for one column of one row; it opens nowhere else."""
        return self.keys.seal(text, context=f"{place}/{row}")

    def open(self, sealed: str, *, place: str, row: UUID) -> str:
        """What `seal` made for the same place and row. Raises SealBroken."""
        return self.keys.open(sealed, context=f"{place}/{row}")

    def end_of_day(self, now: datetime) -> datetime:
        """Midnight where the company is at home: what is expected before is expected today."""
        return self._midnight(self.today(now) + timedelta(days=1))

    def today(self, now: datetime) -> date:
        """The day where the company is at home."""
        return now.astimezone(self.policy.company.time_zone).date()

    def month_of(self, moment: datetime) -> tuple[datetime, datetime]:
        """Where the calendar month begins and ends in which it is where the company is at home."""
        return self.month_from(self.today(moment).replace(day=1))

    def month_from(self, first: date) -> tuple[datetime, datetime]:
        """Likewise for the month that begins on this day."""
        following = (first + timedelta(days=31)).replace(day=1)
        return self._midnight(first), self._midnight(following)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.policy.company.time_zone).astimezone(UTC)
