"""Parts' rows, all on parts' own metadata. No customer is known here but by id."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Column

from parts.tables.base import ANSWERS, AUDIT, CLOCKS, DELIVERY, ERASED, METADATA, Row
from parts.tables.claims import ClaimRow, DepositRow, SignatureRow
from parts.tables.internal import RequisitionRow, StoreWorkRow
from parts.tables.items import ItemRow, ReportRow
from parts.tables.money import DepositEntryRow, PaymentRow
from parts.tables.places import AccountRow, LocationRow, ShelfRow
from parts.tables.requests import DiscrepancyRow, LineRow, NoteRow, OldPartRow, RequestRow, WorkOrderRow
from parts.tables.returns import GoodsReturnRow, MisorderRow, QuotationRow, VendorReturnRow
from parts.tables.serials import SerialRow
from parts.tables.stock import MovementRow, PartRow, PriceRow, StockRow
from parts.tables.takes import CountRow, TakeRow

__all__ = [
    "ANSWERS",
    "AUDIT",
    "CLOCKS",
    "DELIVERY",
    "ERASED",
    "METADATA",
    "SEALED",
    "AccountRow",
    "ClaimRow",
    "CountRow",
    "DepositEntryRow",
    "DepositRow",
    "DiscrepancyRow",
    "GoodsReturnRow",
    "ItemRow",
    "LineRow",
    "LocationRow",
    "MisorderRow",
    "MovementRow",
    "NoteRow",
    "OldPartRow",
    "PartRow",
    "PaymentRow",
    "PriceRow",
    "QuotationRow",
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
    "VendorReturnRow",
    "WorkOrderRow",
]

_SEALED: Mapping[str, tuple[str, ...]] = MappingProxyType({"payment": ("raw",), "idempotent_answer": ("answer",)})

SEALED: tuple[Column[str], ...] = tuple(
    METADATA.tables[table].c[column] for table, columns in _SEALED.items() for column in columns
)
"""Every column that is encrypted: what `keys rotate` moves to the active key."""
