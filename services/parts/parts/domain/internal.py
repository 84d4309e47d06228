"""What the house may draw for itself (内部领用单, R323): consumables, within a limit for each month."""

from dataclasses import dataclass
from datetime import date

from shared.refusals import IllegalTransition, Refusal

REQUISITION_PAPER = "internal_requisition/"
"""What the reference of a line of the ledger begins with that was drawn for the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionForm:
    """A department wants so many pieces of a consumable; `location`: the first storeroom where nobody says.

    `serials`: all of those of a serial-tracked part.
    """

    department: str
    part_code: str
    quantity: int
    location: str | None
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreWorkForm:
    """So many minutes of somebody's day."""

    staff_number: str
    activity: str
    day: date
    minutes: int


def check_consumable(part_code: str, *, is_consumable: bool) -> None:
    """Raises IllegalTransition for a part that is no consumable."""
    if not is_consumable:
        raise IllegalTransition(
            "no_consumable",
            detail=f"{part_code} is no consumable",
            expected="a part that the catalogue has as a consumable; others are issued against a work order",
        )


def check_limit(quantity: int, *, drawn: int, limit: int, department: str) -> None:
    """R323: quantity strictly controlled. Raises IllegalTransition for more than the month still allows."""
    if drawn + quantity > limit:
        raise IllegalTransition(
            "monthly_limit",
            detail=f"{department} has drawn {drawn} this month, and wants {quantity} more; {limit} are allowed",
            expected=f"at most {max(limit - drawn, 0)} more this month",
        )


def check_account(location: str, *, department: str, charged_to: str) -> None:
    """R323: the cost stands where the policy puts it. Raises Refusal for a place of another department's account."""
    if department != charged_to:
        raise Refusal(
            "other_account",
            detail=f"what lies at {location} stands in the account of {department}",
            expected=f"a place of {charged_to}, whose cost it is",
        )


def check_day(day: date, *, today: date) -> None:
    """Raises Refusal for work of a day that has not come."""
    if day > today:
        raise Refusal("not_done_yet", detail=f"{day.isoformat()} is to come", expected=f"a day up to {today}")
