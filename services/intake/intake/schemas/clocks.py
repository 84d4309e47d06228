"""Clocks over HTTP."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Row


class ClockLine(BaseModel):
    """A clock in a list; `GET /v1/clocks/{id}` explains it."""

    id: UUID
    clock: str
    case_id: UUID
    started_at: AwareDatetime
    stopped_at: AwareDatetime | None
    due_at: AwareDatetime | None = Field(description="null while a pause goes on")
    breached_at: AwareDatetime | None

    @classmethod
    def of(cls, row: Row[tuple[object, ...]]) -> Self:
        """A row of the clock table."""
        return cls(
            id=row.id,
            clock=row.name,
            case_id=row.subject_id,
            started_at=row.started_at,
            stopped_at=row.stopped_at,
            due_at=row.due_at,
            breached_at=row.breached_at,
        )
