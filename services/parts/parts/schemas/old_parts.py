"""Removed parts over HTTP."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.policy.guidance import GuidancePolicy
from parts.schemas.guidance import GuidanceView
from parts.schemas.requests import WantedLine, serials_of, wanted_of
from parts.tables import OldPartRow
from shared.http.bodies import Body


class OldParts(Body):
    """What was taken out, by the parts that replaced it."""

    lines: list[WantedLine] = Field(min_length=1, max_length=100)
    location: str = Field(min_length=1, max_length=40, description="rack or box: a location of the policy (R296)")

    def wanted(self) -> dict[str, int]:
        """Part code to pieces."""
        return wanted_of(self.lines)

    def serials(self) -> dict[str, list[str]]:
        """Part code to the serial numbers of what was taken out, as far as they are known."""
        return serials_of(self.lines)


class Cleared(Body):
    """What became of it."""

    cleared_as: str = Field(min_length=1, max_length=40, description="a clearing of the policy")


class OldPartView(BaseModel):
    """A removed part (旧件)."""

    id: UUID
    request_id: UUID
    part_code: str
    quantity: int
    serials: list[str]
    location: str
    received_at: AwareDatetime
    received_by: str
    cleared_at: AwareDatetime | None
    cleared_as: str | None
    cleared_by: str | None

    @classmethod
    def of(cls, row: OldPartRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class OldPartsTaken(BaseModel):
    """What came back with one request."""

    items: list[OldPartView]
    guidance: list[GuidanceView] = Field(description="what to keep in mind where removed parts lie (R296)")

    @classmethod
    def whole(cls, rows: Iterable[OldPartRow], *, guidance: Iterable[GuidancePolicy]) -> Self:
        """As they are stored, and as the policy has it."""
        return cls(items=[OldPartView.of(row) for row in rows], guidance=[GuidanceView.of(one) for one in guidance])
