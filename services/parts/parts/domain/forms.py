"""What people fill in about parts."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PartForm:
    """A part: its prices in yuan, and `minimum`, the pieces that should be free at any time.

    `price_source`: the department whose price list it is (R333), the policy's usual one where nobody says;
    `priced_at`: since when, now where nobody says; `alternatives`: codes of parts that replace it, the best first.
    """

    part_code: str
    name_zh: str
    name_en: str
    unit_price: Decimal
    minimum: int
    unit: str = "piece"
    purchase_price: Decimal | None = None
    price_source: str | None = None
    priced_at: datetime | None = None
    alternatives: tuple[str, ...] = ()
    is_serial: bool = False
    is_consumable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptForm:
    """Pieces that came in; `reference` is the paper that came with them.

    `location`: where they lie, the first storeroom where nobody says; `unit_cost`: yuan for one, as the paper says;
    `serials`: the numbers of all of them where the part is serial-tracked.
    """

    part_code: str
    quantity: int
    reference: str
    location: str | None = None
    unit_cost: Decimal | None = None
    serials: tuple[str, ...] = ()
