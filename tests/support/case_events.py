"""What dispatch hears about cases: a boiler in the city, in warranty, unless a test says otherwise."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from shared.contracts.facts import PartNeed, Urgency, Wait, WarrantyStatus
from shared.contracts.intake import CaseCancelled, CaseCleared, CaseHeld, CaseReopened, CaseResumed, CustomerErased

START = datetime(2040, 3, 5, 1, 0, tzinfo=UTC)
"""A Monday, 09:00 in Shanghai, half an hour after work begins."""


def cleared(
    case_id: UUID | None = None,
    *,
    number: int = 100_001,
    warranty: WarrantyStatus = WarrantyStatus.IN_WARRANTY,
    urgency: Urgency = Urgency.NORMAL,
    district: str = "huangpu",
    family: str = "boiler",
    opened_at: datetime = START,
    required_by: datetime | None = None,
    waited: tuple[Wait, ...] = (),
    parts: tuple[PartNeed, ...] = (),
) -> CaseCleared:
    """A case that may be dispatched: a boiler in the city, in warranty."""
    return CaseCleared(
        case_id=case_id or uuid4(),
        case_number=f"R{number}7",
        basis="warranty",
        customer_id=uuid4(),
        customer_label="138****8000",
        site_id=uuid4(),
        district=district,
        unit_id=uuid4(),
        product_family=family,
        product_model="LB-200",
        problem_code="no_heat",
        urgency=urgency,
        warranty=warranty,
        parts=parts,
        required_by=required_by,
        opened_at=opened_at,
        cleared_at=opened_at,
        waited=waited,
    )


def held(case: CaseCleared, *, hold_id: UUID, at: datetime, reason: str = "customer") -> CaseHeld:
    """The case waits for somebody."""
    return CaseHeld(case_id=case.case_id, case_number=case.case_number, hold_id=hold_id, reason=reason, held_at=at)


def resumed(case: CaseCleared, *, hold_id: UUID, at: datetime, reason: str = "customer") -> CaseResumed:
    """That wait is over."""
    return CaseResumed(
        case_id=case.case_id, case_number=case.case_number, hold_id=hold_id, reason=reason, resumed_at=at
    )


def cancelled(case: CaseCleared, *, at: datetime = START) -> CaseCancelled:
    """The customer does not want it any more."""
    return CaseCancelled(
        case_id=case.case_id, case_number=case.case_number, reason="customer_withdrew", cancelled_at=at
    )


def cleared_again(case: CaseCleared, *, at: datetime, round_: int = 2) -> CaseCleared:
    """The case was reopened and needs another visit."""
    return case.model_copy(update={"round": round_, "cleared_at": at})


def reopened(case: CaseCleared, *, at: datetime, reason: str = "dissatisfaction") -> CaseReopened:
    """The customer is not satisfied."""
    return CaseReopened(case_id=case.case_id, case_number=case.case_number, reason=reason, reopened_at=at)


def erased(case: CaseCleared, *, at: datetime = START) -> CustomerErased:
    """The customer of the case wants everything about him destroyed."""
    return CustomerErased(customer_id=case.customer_id, erased_at=at)
