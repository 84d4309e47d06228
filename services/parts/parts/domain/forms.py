"""What people fill in about parts."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PartForm:
    """A part: its price in yuan, and `minimum`, the pieces that should be free at any time."""

    part_code: str
    name_zh: str
    name_en: str
    unit_price: Decimal
    minimum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptForm:
    """Pieces that came in; `reference` is the paper that came with them."""

    part_code: str
    quantity: int
    reference: str
