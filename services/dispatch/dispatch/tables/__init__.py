"""Dispatch's rows, all on dispatch's own metadata. No customer is known here but by id and masked label.

What a customer said or signed, and what was written about him, is sealed; see `items.WordsRow`.
"""

from dispatch.tables.base import ANSWERS, AUDIT, CLOCKS, DELIVERY, ERASED, METADATA, Row
from dispatch.tables.items import ItemRow, WordsRow
from dispatch.tables.parts_requests import PartsRequestRow
from dispatch.tables.technicians import AbsenceRow, CertificateRow, RotaRow, TechnicianRow
from dispatch.tables.visits import NO_TECHNICIAN_IN_TWO_PLACES, HoursRow, StoreHoursRow, VisitRow
from dispatch.tables.work_orders import CaseRow, OfferRow, RotaLogRow, WorkOrderRow

SEALED = (ANSWERS.c.answer, METADATA.tables["words"].c.text)
"""Every column that is encrypted: what `keys rotate` moves to the active key."""

__all__ = [
    "ANSWERS",
    "AUDIT",
    "CLOCKS",
    "DELIVERY",
    "ERASED",
    "METADATA",
    "NO_TECHNICIAN_IN_TWO_PLACES",
    "SEALED",
    "AbsenceRow",
    "CaseRow",
    "CertificateRow",
    "HoursRow",
    "ItemRow",
    "OfferRow",
    "PartsRequestRow",
    "RotaLogRow",
    "RotaRow",
    "Row",
    "StoreHoursRow",
    "TechnicianRow",
    "VisitRow",
    "WordsRow",
    "WorkOrderRow",
]
