"""When parts may leave the store, and when they are taken back (R313 to R316)."""

from collections.abc import Sequence
from datetime import datetime

from shared.refusals import IllegalTransition, Refusal


def check_started(started_at: datetime | None, *, ended_at: datetime | None) -> None:
    """R314: parts are issued once the work order is started (开工), and not any more when it is over."""
    if ended_at is not None:
        raise IllegalTransition(
            "work_order_over",
            detail=f"the work order ended at {ended_at.isoformat()}",
            expected="a request of a work order that is under way",
        )
    if started_at is None:
        raise IllegalTransition(
            "work_order_not_started",
            detail="the work order is not started",
            expected="parts are issued once dispatch has said that the order is started",
        )


def check_received(received_at: datetime, *, now: datetime) -> None:
    """R316: the pieces lie in the store before their return is posted."""
    if received_at > now:
        raise Refusal(
            "not_received_yet",
            detail=f"the pieces are said to be back at {received_at.isoformat()}, which is to come",
            expected="the return is posted once the pieces lie in the store",
        )


def check_unused(used: Sequence[str]) -> None:
    """R315: raises IllegalTransition for pieces that were used (已使用, 拒绝退库)."""
    if used:
        raise IllegalTransition(
            "part_used",
            detail=f"{', '.join(sorted(used))} was used, and used parts are not taken back",
            expected="a return of pieces that were not used",
        )
