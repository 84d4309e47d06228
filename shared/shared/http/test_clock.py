"""Moving business time in a test: mounted only where the setting enables the test clock, never in production."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Self

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from shared.http.access import with_scope
from shared.http.bodies import Body
from shared.http.problems import Conflict, problem_responses
from shared.http.routing import router_under
from shared.messaging.test_clock import ClockStatus, TestClock
from shared.time_source import ClockWouldGoBack


class ClockMove(Body):
    """Where the clock shall stand."""

    to: AwareDatetime


class ClockView(BaseModel):
    """Where one service stands: its time, and what it still has in hand."""

    now: AwareDatetime
    next_due: AwareDatetime | None = Field(description="the next deadline that is not due yet")
    pending_events: int = Field(description="said, but not yet published")
    overdue_deadlines: int
    said: Mapping[str, int] = Field(description="events said so far, by type")
    heard: Mapping[str, int] = Field(description="events handled so far, by `<queue> <type>`")
    waiting: Mapping[str, int] = Field(default={}, description="what waits for a part of the service, by its name")

    @classmethod
    def of(cls, status: ClockStatus) -> Self:
        """The status as it is shown."""
        return cls.model_validate(asdict(status))


def clock_router(clock: TestClock) -> APIRouter:
    """`GET` says where the service stands, `POST` moves it and all its processes; what became due fires at once."""
    router = router_under("/v1/test-clock", tag="test clock")
    allowed = [Depends(with_scope("test_clock:write"))]

    @router.get("", dependencies=allowed)
    async def get_clock() -> ClockView:
        return ClockView.of(await clock.status())

    @router.post("", dependencies=allowed, responses=problem_responses(409))
    async def move_clock(body: ClockMove) -> ClockView:
        try:
            return ClockView.of(await clock.advance_to(body.to))
        except ClockWouldGoBack as error:
            raise Conflict(str(error), expected="an instant that lies ahead") from None

    return router
