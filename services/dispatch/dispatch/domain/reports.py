"""What a technician reports of a visit or of a repair in the workshop, and what the customer signs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.contracts.facts import Degree, PartNeed
from shared.refusals import Refusal


class TestRun(StrEnum):
    """How the trial run after the repair went (试机验证, R280)."""

    PASSED = "passed"
    FAILED = "failed"


class Caution(StrEnum):
    """How the customer was warned of what cannot be used yet (挂牌警示或予以口头说明, R259)."""

    TAG = "tag"
    ORAL = "oral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """Money that a visit cost, of a kind of the policy; `voucher` is the number of its slip (费用单据, R262)."""

    kind: str
    amount: Decimal
    voucher: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a visit took (工时和费用, R263), in minutes and yuan."""

    work_minutes: int
    travel_minutes: int = 0
    expenses: tuple[Expense, ...] = ()

    @property
    def cost(self) -> Decimal:
        """All expenses together."""
        return sum((expense.amount for expense in self.expenses), start=Decimal("0.00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """The repair is done. `checks` are the points of the policy's list that were kept (R258)."""

    findings: str
    resolution: str
    fitted: tuple[PartNeed, ...]
    taken: Taken
    test_run: TestRun
    checks: tuple[str, ...] = ()
    usable_from: datetime | None = None
    warning: Caution | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """Not done today: the reason for the order (R241), what the customer was told (R261), and parts that it needs."""

    reason: str
    explanation: str
    taken: Taken
    parts: tuple[PartNeed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who signed, and what: text or a picture in base64."""

    signer: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeIn:
    """What is taken to the workshop against a receipt (R303, R309); `promised_at` None: as the policy promises."""

    description: str
    units: int
    promised_at: datetime | None
    signed: Signed
    taken: Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """The customer's opinion of the work, signed (请用户签署意见, R260)."""

    signed: Signed
    opinion: Degree
    comment: str | None


def check_completion(report: Completion, *, now: datetime) -> None:
    """Raises Refusal where the trial run failed (R280) or nobody warned of what cannot be used yet (R259)."""
    if report.test_run is not TestRun.PASSED:
        raise Refusal(
            "test_run_failed",
            detail="the trial run failed: the function is not restored",
            expected="a repair whose trial run passed; else the visit ends unfinished, or the item is taken in",
        )
    if report.usable_from is not None and report.usable_from > now and report.warning is None:
        raise Refusal(
            "no_warning",
            detail="what was repaired cannot be used yet, and nobody warned of that",
            expected="warning: tag or oral",
        )


def check_promise(promised_at: datetime, *, now: datetime) -> None:
    """R309: raises Refusal for a promise that lies in the past."""
    if promised_at <= now:
        raise Refusal(
            "promise_passed",
            detail=f"promised_at {promised_at.isoformat()} has passed",
            expected=f"a time after {now.isoformat()}",
        )


def units_allowance(units: int, *, at_once: int) -> int:
    """R225: how many times the allowance counts: once up to `at_once` units, twice up to twice as many, and so on."""
    return -(-units // at_once)
