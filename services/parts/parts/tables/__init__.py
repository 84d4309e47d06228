"""Parts' rows, all on parts' own metadata. No customer is known here but by id."""

from parts.tables.base import ANSWERS, AUDIT, DELIVERY, ERASED, METADATA, Row
from parts.tables.claims import ClaimRow, DepositRow, SignatureRow
from parts.tables.internal import RequisitionRow, StoreWorkRow
from parts.tables.items import ItemRow, ReportRow
from parts.tables.places import AccountRow, LocationRow, ShelfRow
from parts.tables.requests import DiscrepancyRow, LineRow, NoteRow, RequestRow, WorkOrderRow
from parts.tables.serials import SerialRow
from parts.tables.stock import MovementRow, PartRow, PriceRow, StockRow
from parts.tables.takes import CountRow, TakeRow

__all__ = [
    "ANSWERS",
    "AUDIT",
    "DELIVERY",
    "ERASED",
    "METADATA",
    "AccountRow",
    "ClaimRow",
    "CountRow",
    "DepositRow",
    "DiscrepancyRow",
    "ItemRow",
    "LineRow",
    "LocationRow",
    "MovementRow",
    "NoteRow",
    "PartRow",
    "PriceRow",
    "ReportRow",
    "RequestRow",
    "RequisitionRow",
    "Row",
    "SerialRow",
    "ShelfRow",
    "SignatureRow",
    "StockRow",
    "StoreWorkRow",
    "TakeRow",
    "WorkOrderRow",
]
