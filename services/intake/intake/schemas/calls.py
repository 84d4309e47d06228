"""Calls over HTTP."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from intake.tables import CallRow


class CallView(BaseModel):
    """One call. Of the number only its masked form is shown."""

    id: UUID
    source_id: UUID
    provider: str
    provider_call_id: str
    state: str = Field(description="stub, ringing, queued, answered or ended")
    direction: str = Field(description="in or out")
    customer_label: str = Field(description="masked number of the party outside, or `anonymous`")
    queue: str
    agents: list[str]
    cause: str = Field(description="why it ended, in the exchange's own word")
    outcome: str | None = Field(description="answered, missed, failed or unknown, once it ended")
    started_at: AwareDatetime
    answered_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    first_heard_at: AwareDatetime
    last_heard_at: AwareDatetime

    @classmethod
    def of(cls, row: CallRow) -> Self:
        """The call as it may be shown to whoever reads calls."""
        return cls(
            id=row.id,
            source_id=row.source_id,
            provider=row.provider,
            provider_call_id=row.provider_call_id,
            state=row.state,
            direction=row.direction,
            customer_label=row.customer_label,
            queue=row.queue,
            agents=row.agents,
            cause=row.cause,
            outcome=row.outcome,
            started_at=row.started_at,
            answered_at=row.answered_at,
            ended_at=row.ended_at,
            first_heard_at=row.first_heard_at,
            last_heard_at=row.last_heard_at,
        )
