"""Parts' rows, all on parts' own metadata. No customer is known here but by id."""

from parts.tables.base import ANSWERS, AUDIT, DELIVERY, ERASED, METADATA, Row
from parts.tables.claims import ClaimRow, DepositRow, SignatureRow
from parts.tables.requests import DiscrepancyRow, LineRow, NoteRow, RequestRow, WorkOrderRow
from parts.tables.stock import MovementRow, PartRow, StockRow

__all__ = [
    "ANSWERS",
    "AUDIT",
    "DELIVERY",
    "ERASED",
    "METADATA",
    "ClaimRow",
    "DepositRow",
    "DiscrepancyRow",
    "LineRow",
    "MovementRow",
    "NoteRow",
    "PartRow",
    "RequestRow",
    "Row",
    "SignatureRow",
    "StockRow",
    "WorkOrderRow",
]
