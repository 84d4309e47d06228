"""Intake's rows. All of them lie on intake's own metadata; what is called `sealed` is encrypted for its own place.

A sealed text names its place as `<table>.<column>/<id of the row>`, so that it opens nowhere else.
"""

from sqlalchemy import Column

from intake.tables.base import ANSWERS, AUDIT, CLOCKS, DELIVERY, ERASED, METADATA
from intake.tables.calls import CallEventRow, CallRow, PushSourceRow
from intake.tables.cases import CASE_SERIAL, ApprovalRow, CaseRow, HoldRow, QuoteRow
from intake.tables.customers import CustomerPhoneRow, CustomerRow, SiteRow, UnitRow
from intake.tables.heard import DepositRow, DissatisfactionRow, OrderRow, StaffRow, StoryRow

__all__ = [
    "ANSWERS",
    "AUDIT",
    "CASE_SERIAL",
    "CLOCKS",
    "DELIVERY",
    "ERASED",
    "METADATA",
    "SEALED",
    "ApprovalRow",
    "CallEventRow",
    "CallRow",
    "CaseRow",
    "CustomerPhoneRow",
    "CustomerRow",
    "DepositRow",
    "DissatisfactionRow",
    "HoldRow",
    "OrderRow",
    "PushSourceRow",
    "QuoteRow",
    "SiteRow",
    "StaffRow",
    "StoryRow",
    "UnitRow",
]

_SEALED = {
    "push_source": ("secret", "previous_secret"),
    "call": ("caller", "called"),
    "call_event": ("told", "raw"),
    "customer": ("name", "email"),
    "customer_phone": ("number",),
    "site": ("address",),
    "repair_case": ("description",),
    "case_quote": ("solution",),
    "idempotent_answer": ("answer",),
}

SEALED: tuple[Column[str], ...] = tuple(
    METADATA.tables[table].c[column] for table, columns in _SEALED.items() for column in columns
)
"""Every column that is encrypted: what `keys rotate` moves to the active key."""
