"""Parts' rows, all on parts' own metadata. No customer is known here but by id."""

from parts.tables.base import ANSWERS, AUDIT, CLOCKS, DELIVERY, ERASED, METADATA, Row
from parts.tables.claims import ClaimRow, DepositRow, SignatureRow
from parts.tables.purchasing import (
    ActionItemRow,
    PurchaseLineRow,
    PurchaseOrderRow,
    PurchaseRequestRow,
    SourceRow,
    SupplierRow,
)
from parts.tables.requests import DiscrepancyRow, LineRow, NoteRow, RequestRow, WorkOrderRow
from parts.tables.return_shipments import ReturnShipmentRow
from parts.tables.stock import MovementRow, PartRow, StockRow
from parts.tables.supplier_cases import SupplierCaseRow, SupplierReportRow
from parts.tables.tools import ToolLoanRow, ToolPurchaseRow, ToolRow

__all__ = [
    "ANSWERS",
    "AUDIT",
    "CLOCKS",
    "DELIVERY",
    "ERASED",
    "METADATA",
    "ActionItemRow",
    "ClaimRow",
    "DepositRow",
    "DiscrepancyRow",
    "LineRow",
    "MovementRow",
    "NoteRow",
    "PartRow",
    "PurchaseLineRow",
    "PurchaseOrderRow",
    "PurchaseRequestRow",
    "RequestRow",
    "ReturnShipmentRow",
    "Row",
    "SignatureRow",
    "SourceRow",
    "StockRow",
    "SupplierCaseRow",
    "SupplierReportRow",
    "SupplierRow",
    "ToolLoanRow",
    "ToolPurchaseRow",
    "ToolRow",
    "WorkOrderRow",
]
