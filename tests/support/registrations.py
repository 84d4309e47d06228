"""A repair as it is registered: a boiler of somebody in Haidian, at nine in the morning of a Monday."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from intake.domain.case import Registration
from shared.contracts.facts import PartNeed, Urgency, WarrantyStatus

OPENED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def after(hours: float) -> datetime:
    """So long after the registration."""
    return OPENED + timedelta(hours=hours)


def registration(
    warranty: WarrantyStatus = WarrantyStatus.OUT_OF_WARRANTY,
    *,
    parts: tuple[PartNeed, ...] = (),
    required_by: datetime | None = None,
) -> Registration:
    """What the register form fixes."""
    return Registration(
        case_id=uuid4(),
        number="R1000017",
        call_id=None,
        customer_id=uuid4(),
        customer_label="138****8000",
        site_id=uuid4(),
        district="haidian",
        unit_id=uuid4(),
        product_family="boiler",
        product_model="B-24",
        problem_code="no_heat",
        urgency=Urgency.NORMAL,
        warranty=warranty,
        parts=parts,
        required_by=required_by,
        opened_at=OPENED,
    )
