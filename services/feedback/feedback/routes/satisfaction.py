"""How satisfied customers were, measured by the policy's target (R367)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query

from feedback.policy import FeedbackPolicy
from feedback.queries.satisfaction import TalliesAsked, tallies
from feedback.routes.given import DeskGiven, Month, first_day
from feedback.schemas.satisfaction import Satisfaction
from shared.http.calls import Call, reading
from shared.http.routing import router_under
from shared.refusals import Refusal

router = router_under("/v1/satisfaction", tag="satisfaction")


@router.get("")
async def get_satisfaction(
    *,
    call: Annotated[Call, reading("surveys:read")],
    desk: DeskGiven,
    since: Month = None,
    until: Month = None,
    technician_id: UUID | None = None,
    question: Annotated[str | None, Query(max_length=40, description="code of a question")] = None,
) -> Satisfaction:
    """The share of satisfied answers by month, technician and question; this month where none is named."""
    async with call.work() as work:
        last = desk.policy.month(work.now) if until is None else first_day(until)
        first = last if since is None else first_day(since)
        _require_span(first, last=last, policy=desk.policy)
        wanted = TalliesAsked(since=first, until=last, technician_id=technician_id, question=question)
        counted = await tallies(work.session, asked=wanted)
        return Satisfaction.of(counted, since=first, until=last, target=desk.policy.satisfaction.target)


def _require_span(first: date, *, last: date, policy: FeedbackPolicy) -> None:
    """Raises Refusal for months that end before they begin, or are more than one report holds."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    longest = policy.satisfaction.longest_report
    if not 1 <= months <= longest:
        raise Refusal(
            "months",
            detail=f"from {first:%Y-%m} to {last:%Y-%m} are {max(0, months)} months",
            expected=f"since not after until, and at most {longest} months",
        )
