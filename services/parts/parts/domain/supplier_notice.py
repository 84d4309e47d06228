"""The written notice to a supplier who is needed on site (书面告知, R329): eight fields, and none may be missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.refusals import IllegalTransition


class NoticeField(StrEnum):
    """What stands in the notice, in this order; the last two with emphasis."""

    PROBLEM = "problem"
    MODEL = "model"
    QUANTITY = "quantity"
    ADDRESS = "address"
    CONTACT = "contact"
    PHONE = "phone"
    SOLVE_BY = "solve_by"
    COSTS = "costs"


EMPHASISED = frozenset({NoticeField.SOLVE_BY, NoticeField.COSTS})
ON_SITE = frozenset({NoticeField.ADDRESS, NoticeField.CONTACT, NoticeField.PHONE})
"""What parts does not know: it is fetched from intake each time the notice is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteContact:
    """Where the equipment stands, and whom to call there. Never stored, and never in an event or a log."""

    address: str
    contact: str
    phone: str


def require_complete(fields: Mapping[NoticeField, str]) -> None:
    """R329: raises IllegalTransition, which names what is missing, for a notice without one of its eight fields."""
    if missing := [field for field in NoticeField if not fields.get(field, "").strip()]:
        raise IllegalTransition(
            "notice_incomplete",
            detail=f"the notice has no {', '.join(missing)}",
            expected=f"all of: {', '.join(NoticeField)}",
        )
