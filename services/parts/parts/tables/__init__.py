"""Parts' rows, all on parts' own metadata. No customer is known here but by id."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Column

from parts.tables.base import ANSWERS, AUDIT, CLOCKS, DELIVERY, ERASED, METADATA, Row
from parts.tables.claims import ClaimRow, DepositRow, SignatureRow
from parts.tables.money import DepositEntryRow, PaymentRow
from parts.tables.requests import DiscrepancyRow, LineRow, NoteRow, OldPartRow, RequestRow, WorkOrderRow
from parts.tables.returns import GoodsReturnRow, MisorderRow, QuotationRow, VendorReturnRow
from parts.tables.stock import MovementRow, PartRow, StockRow

__all__ = [
    "ANSWERS",
    "AUDIT",
    "CLOCKS",
    "DELIVERY",
    "ERASED",
    "METADATA",
    "SEALED",
    "ClaimRow",
    "DepositEntryRow",
    "DepositRow",
    "DiscrepancyRow",
    "GoodsReturnRow",
    "LineRow",
    "MisorderRow",
    "MovementRow",
    "NoteRow",
    "OldPartRow",
    "PartRow",
    "PaymentRow",
    "QuotationRow",
    "RequestRow",
    "Row",
    "SignatureRow",
    "StockRow",
    "VendorReturnRow",
    "WorkOrderRow",
]

_SEALED: Mapping[str, tuple[str, ...]] = MappingProxyType({"payment": ("raw",), "idempotent_answer": ("answer",)})

SEALED: tuple[Column[str], ...] = tuple(
    METADATA.tables[table].c[column] for table, columns in _SEALED.items() for column in columns
)
"""Every column that is encrypted: what `keys rotate` moves to the active key."""
