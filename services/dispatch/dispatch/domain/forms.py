"""What people fill in about technicians."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianForm:
    """A technician: `department`, `zones` and `skills` are codes of the policy."""

    staff_number: str
    name: str
    department: str
    rota_position: int
    zones: tuple[str, ...]
    skills: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateForm:
    """A certificate, valid from the first to the last day, both included."""

    code: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceForm:
    """Away from an instant until before another one; `reason` is a code of the policy."""

    away_from: datetime
    until: datetime
    reason: str


def check_period[Instant: (date, datetime)](first: Instant, *, last: Instant) -> None:
    """Raises Refusal where a period ends before it begins."""
    if last < first:
        raise Refusal(
            "period_upside_down",
            detail=f"the period ends at {last.isoformat()}, before it begins",
            expected=f"an end not before {first.isoformat()}",
        )
