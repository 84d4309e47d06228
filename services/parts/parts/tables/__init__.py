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
from parts.tables.purchasing import (
    ActionItemRow,
    PurchaseLineRow,
    PurchaseOrderRow,
    PurchaseRequestRow,
    SourceRow,
    SupplierRow,
)
from parts.tables.requests import DiscrepancyRow, LineRow, NoteRow, OldPartRow, RequestRow, WorkOrderRow
from parts.tables.return_shipments import ReturnShipmentRow
from parts.tables.returns import GoodsReturnRow, MisorderRow, QuotationRow, VendorReturnRow
from parts.tables.serials import SerialRow
from parts.tables.stock import MovementRow, PartRow, PriceRow, StockRow
from parts.tables.supplier_cases import CaseRow, SupplierCaseRow, SupplierReportRow
from parts.tables.takes import CountRow, TakeRow
from parts.tables.tools import ToolLoanRow, ToolPurchaseRow, ToolRow

__all__ = [
    "ANSWERS",
    "AUDIT",
    "CLOCKS",
    "DELIVERY",
    "ERASED",
    "METADATA",
    "SEALED",
    "AccountRow",
    "ActionItemRow",
    "CaseRow",
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
    "PurchaseLineRow",
    "PurchaseOrderRow",
    "PurchaseRequestRow",
    "QuotationRow",
    "ReportRow",
    "RequestRow",
    "RequisitionRow",
    "ReturnShipmentRow",
    "Row",
    "SerialRow",
    "ShelfRow",
    "SignatureRow",
    "SourceRow",
    "StockRow",
    "StoreWorkRow",
    "SupplierCaseRow",
    "SupplierReportRow",
    "SupplierRow",
    "TakeRow",
    "ToolLoanRow",
    "ToolPurchaseRow",
    "ToolRow",
    "VendorReturnRow",
    "WorkOrderRow",
]

_SEALED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "payment": ("raw",),
        "supplier_case": ("problem",),
        "supplier_report": ("course",),
        "idempotent_answer": ("answer",),
    }
)

SEALED: tuple[Column[str], ...] = tuple(
    METADATA.tables[table].c[column] for table, columns in _SEALED.items() for column in columns
)
"""Every column that is encrypted: what `keys rotate` moves to the active key."""
