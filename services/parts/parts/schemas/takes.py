"""Stock takes over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from parts.domain.takes import TakeState
from parts.queries.takes import count_of
from parts.schemas.stock import MOST_PIECES, LocationCode, PartCode, Serials
from parts.tables import CountRow, TakeRow
from shared.http.bodies import Body


class NewTake(Body):
    """A place that is going to be counted."""

    location: LocationCode


class CountedPart(Body):
    """Whole pieces that lie there, of which there may be none."""

    part_code: PartCode
    counted: int = Field(ge=0, le=MOST_PIECES, description="pieces, none or more")
    serials: Serials = Field(
        default=(), max_length=10_000, description="of a serial-tracked part, the numbers of all that lie there"
    )


def _each_once(lines: list[CountedPart]) -> list[CountedPart]:
    if len({line.part_code for line in lines}) < len(lines):
        raise ValueError("each part once")
    return lines


class Counts(Body):
    """What was counted, each part once; a part that was counted before is counted anew."""

    lines: Annotated[list[CountedPart], AfterValidator(_each_once)] = Field(min_length=1, max_length=500)

    def counted(self) -> dict[str, int]:
        """Part code to pieces."""
        return {line.part_code: line.counted for line in self.lines}

    def serials(self) -> dict[str, tuple[str, ...]]:
        """Part code to the serial numbers of its pieces, where any are named."""
        return {line.part_code: line.serials for line in self.lines if line.serials}


class Posting(Body):
    """Why the books were wrong."""

    reason: str = Field(min_length=1, max_length=40, description="an adjustment reason of the policy")


class TakeView(BaseModel):
    """A stock take."""

    id: UUID
    location: str
    state: TakeState
    opened_at: AwareDatetime
    opened_by: str
    closed_at: AwareDatetime | None
    closed_by: str | None
    reason: str | None
    version: int

    @classmethod
    def of(cls, row: TakeRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class CountView(BaseModel):
    """A part that was counted."""

    part_code: str
    counted: int
    booked: int = Field(description="what the books had there at the instant of the count")
    difference: int
    serials: list[str] = Field(description="of a serial-tracked part, what lies there")
    counted_at: AwareDatetime
    counted_by: str

    @classmethod
    def of(cls, row: CountRow) -> Self:
        """With its difference."""
        return cls.model_validate({**row.model_dump(), "difference": count_of(row).difference})


class TakeFile(TakeView):
    """A stock take with its counts, and what lies there and was not counted."""

    counts: list[CountView]
    uncounted: list[str] = Field(description="codes of parts, the first 200")

    @classmethod
    def whole(cls, take: TakeRow, *, counts: Sequence[CountRow], uncounted: Sequence[str]) -> Self:
        """With everything that is known of it."""
        return cls(
            **TakeView.of(take).model_dump(), counts=[CountView.of(row) for row in counts], uncounted=list(uncounted)
        )
