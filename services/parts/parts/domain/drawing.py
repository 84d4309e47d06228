"""When parts may leave the store, and when they are taken back (R313 to R316)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from shared.contracts.facts import Urgency
from shared.refusals import IllegalTransition, Refusal


class BeforeStart(StrEnum):
    """R314, R240: what may leave the store for an order that is not started: nothing, or what an emergency needs."""

    NOTHING = "nothing"
    EMERGENCIES = "emergencies"


def may_precede(before_start: BeforeStart, *, urgency: Urgency) -> bool:
    """R240 (先抢修后补单): whether parts may leave before the order that they are for is started."""
    return before_start is BeforeStart.EMERGENCIES and urgency is Urgency.EMERGENCY


def check_started(
    started_at: datetime | None, *, ended_at: datetime | None, urgency: Urgency, before_start: BeforeStart
) -> None:
    """R314: parts are issued once the work order is started (开工), and not any more when it is over.

    R240: for an emergency before the start as well, where the policy says so. Raises IllegalTransition.
    """
    if ended_at is not None:
        raise IllegalTransition(
            "work_order_over",
            detail=f"the work order ended at {ended_at.isoformat()}",
            expected="a request of a work order that is under way",
        )
    if started_at is None and not may_precede(before_start, urgency=urgency):
        raise IllegalTransition(
            "work_order_not_started",
            detail="the work order is not started",
            expected="parts are issued once dispatch has said that the order is started",
        )


def check_received(received_at: datetime, *, issued_at: datetime | None, now: datetime) -> None:
    """R316: the pieces lie in the store before their return is posted, and were drawn before they came back.

    `issued_at`: when the first pieces of the request left; None where none did, of which nothing comes back.
    """
    if received_at > now:
        raise Refusal(
            "not_received_yet",
            detail=f"the pieces are said to be back at {received_at.isoformat()}, which is to come",
            expected="the return is posted once the pieces lie in the store",
        )
    if issued_at is not None and received_at < issued_at:
        raise Refusal(
            "received_before_issue",
            detail=f"the pieces are said to be back at {received_at.isoformat()}, before any of them was issued",
            expected=f"an instant from {issued_at.isoformat()} on",
        )


def check_unused(used: Sequence[str]) -> None:
    """R315: raises IllegalTransition for pieces that were used (已使用, 拒绝退库)."""
    if used:
        raise IllegalTransition(
            "part_used",
            detail=f"{', '.join(sorted(used))} was used, and used parts are not taken back",
            expected="a return of pieces that were not used",
        )
