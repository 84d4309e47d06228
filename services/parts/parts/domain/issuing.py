"""What has to be there before parts leave the store: the order presented, the kit packed, the addition confirmed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from parts.domain.lines import Line
from parts.domain.supply_words import RequestState
from shared.refusals import IllegalTransition, Refusal


class Presenting(StrEnum):
    """R313: whether the team has to present its work order (见单发料), or need not as long as the order is known."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class Packing(StrEnum):
    """R257: whether the kit is prepared before the technician departs, or handed out at the counter."""

    BEFORE_DEPARTURE = "before_departure"
    AT_THE_COUNTER = "at_the_counter"


class Additions(StrEnum):
    """R198: whether the front desk confirms what is asked for in addition (二次增项)."""

    CONFIRMED = "confirmed"
    FREE = "free"


class Needed(StrEnum):
    """R232: since when a kit is waited for at the site: since it was asked for, or only once it is complete."""

    ASKED_FOR = "asked_for"
    COMPLETE = "complete"


class Leaving(StrEnum):
    """R327: whether all that is kept for a request leaves at once, or in as many trips as somebody likes."""

    WHOLE_KIT = "whole_kit"
    IN_PARTS = "in_parts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the policy asks for before parts are issued."""

    presenting: Presenting
    packing: Packing
    additions: Additions
    leaving: Leaving


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """A request as the counter sees it. `is_addition`: another request of its work order came before it."""

    work_order_number: str
    prepared_at: datetime | None
    is_addition: bool
    confirmed_at: datetime | None


COUNTED = frozenset({RequestState.SHORT, RequestState.RESERVED, RequestState.ISSUED, RequestState.OWED})
"""A request after which another one is an addition: what was given up or let go was asked for anew."""


def needed_at(
    needed: Needed, *, started_at: datetime | None, requested_at: datetime, reserved_at: datetime | None
) -> datetime | None:
    """R232: when the site begins to wait for the kit of an order; None while nobody is there, or it is not complete."""
    since = requested_at if needed is Needed.ASKED_FOR else reserved_at
    return None if started_at is None or since is None else max(started_at, since)


def check_counter(kit: Kit, *, presented: str | None, terms: Terms) -> None:
    """R313, R257, R198: raises Refusal or IllegalTransition, with what is lacking, where parts stay in the store."""
    if presented is None and terms.presenting is Presenting.REQUIRED:
        raise Refusal(
            "order_not_presented",
            detail="no work order was presented, and material is issued only against one",
            expected=f"presented: the number on the work order, {kit.work_order_number}",
        )
    if presented is not None and presented != kit.work_order_number:
        raise Refusal(
            "other_order_presented",
            detail=f"the order {presented} was presented, and the parts are asked for by {kit.work_order_number}",
            expected=f"the order {kit.work_order_number}, or the request of the order {presented}",
        )
    if kit.prepared_at is None and terms.packing is Packing.BEFORE_DEPARTURE:
        raise IllegalTransition(
            "kit_not_prepared",
            detail="the kit was not prepared",
            expected="POST /v1/requests/{request_id}/preparation once it is packed, before the technician departs",
        )
    if kit.is_addition and kit.confirmed_at is None and terms.additions is Additions.CONFIRMED:
        raise IllegalTransition(
            "addition_not_confirmed",
            detail="these parts are an addition to the order, and the front desk has not confirmed it",
            expected="POST /v1/requests/{request_id}/confirmation by the front desk, then the material is drawn",
        )


def check_whole(lines: Iterable[Line], *, wanted: Mapping[str, int], terms: Terms) -> None:
    """R327: no equipment stands on site with parts missing. Raises IllegalTransition for less than the kit."""
    if terms.leaving is Leaving.IN_PARTS:
        return
    if left := [
        f"{line.reserved} of {line.part_code}" for line in lines if wanted.get(line.part_code, 0) < line.reserved
    ]:
        raise IllegalTransition(
            "kit_not_whole",
            detail="part of the kit would stay in the store",
            expected=f"all that is kept for the request, with {', '.join(left)}",
        )


def is_addition(earlier: Iterable[RequestState]) -> bool:
    """R197, R198: whether a request adds to what its work order asked for before; `earlier`: how that stands."""
    return any(state in COUNTED for state in earlier)


def check_drew(issued_to: str, *, drawn_by: Collection[str]) -> None:
    """R295: who has to answer for a piece is one of those who drew for the request. Raises Refusal."""
    if issued_to not in drawn_by:
        raise Refusal(
            "did_not_draw",
            detail=f"{issued_to} drew nothing for this request",
            expected=f"one of those who did: {', '.join(sorted(drawn_by)) or 'nobody yet'}",
        )
