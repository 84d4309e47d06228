"""What runs low, and what is ordered of it, over HTTP (R332)."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from parts.domain.purchasing import Level
from parts.schemas.instants import When
from parts.schemas.stock import PartCode
from parts.schemas.suppliers import Number
from parts.tables import PartRow
from shared.http.bodies import Body


class Replenishment(Body):
    """Parts of which is ordered what is missing."""

    supplier_number: Number
    part_codes: list[PartCode] = Field(min_length=1, max_length=100)
    expected_at: When = Field(description="when the supplier promises them; in the future")


class LevelView(BaseModel):
    """A part of which there are too few, and how much of it to order (R332)."""

    part_code: str
    name_zh: str
    name_en: str
    available: int = Field(description="free on the shelf")
    minimum: int
    shortfall: int = Field(description="missing to requests that wait")
    on_order: int = Field(description="ordered in whatever way, and not there yet")
    to_order: int = Field(description="missing up to the minimum, and the shortfall, without what is on order")
    suppliers: list[str] = Field(description="numbers of those who supply it; none: the company's own part (自制件)")

    @classmethod
    def of(cls, part: PartRow, level: Level, *, suppliers: Sequence[str]) -> Self:
        """As it stands now."""
        return cls(
            part_code=part.part_code,
            name_zh=part.name_zh,
            name_en=part.name_en,
            available=level.available,
            minimum=level.minimum,
            shortfall=level.shortfall,
            on_order=level.on_order,
            to_order=level.to_order,
            suppliers=list(suppliers),
        )
