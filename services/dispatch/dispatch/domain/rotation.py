"""Whose turn it is (R234, R235).

Technicians take orders in turn with equal chances (依次轮流,机会均等); who cannot is skipped and loses the turn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Reason(StrEnum):
    """Why somebody was passed over, the most telling first: what he can never do stands before what he cannot now."""

    INACTIVE = "inactive"
    OTHER_DEPARTMENT = "other_department"
    LACKS_SKILL = "lacks_skill"
    NO_CERTIFICATE = "no_certificate"
    OTHER_ZONE = "other_zone"
    REFUSED = "refused"
    DID_NOT_ANSWER = "did_not_answer"
    AWAY = "away"
    OUT_ON_VISIT = "out_on_visit"
    OFFER_PENDING = "offer_pending"
    TOO_MANY_ORDERS = "too_many_orders"
    NOT_HIS_TURN = "not_his_turn"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A place in the rota. It stays meaningful when the technician who held it moves or leaves."""

    position: int
    technician_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A technician as the rota sees him at one instant.

    `certificates` are those valid at the instant. `open_orders` counts what he accepted and has not arrived for yet.
    """

    place: Place
    department: str
    active: bool
    skills: frozenset[str]
    certificates: frozenset[str]
    zones: frozenset[str]
    refused: bool
    did_not_answer: bool
    away: bool
    out_on_visit: bool
    offer_pending: bool
    open_orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What the order asks of whoever takes it; `max_open_orders` is the policy's limit per technician."""

    department: str
    zone: str
    skills: frozenset[str]
    certificates: frozenset[str]
    max_open_orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """One who was not taken, and why (被隔过此轮派工)."""

    technician_id: UUID
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The one whose turn it is, or None where nobody fits, and every other one with his reason in rota order."""

    chosen: Place | None
    passed_over: tuple[Skipped, ...]


def unfit(candidate: Candidate, *, need: Need) -> Reason | None:
    """The most telling reason why he cannot take the order now; None when he can (R235, R246)."""
    obstacles = (
        (Reason.INACTIVE, not candidate.active),
        (Reason.OTHER_DEPARTMENT, candidate.department != need.department),
        (Reason.LACKS_SKILL, not need.skills <= candidate.skills),
        (Reason.NO_CERTIFICATE, not need.certificates <= candidate.certificates),
        (Reason.OTHER_ZONE, need.zone not in candidate.zones),
        (Reason.REFUSED, candidate.refused),
        (Reason.DID_NOT_ANSWER, candidate.did_not_answer),
        (Reason.AWAY, candidate.away),
        (Reason.OUT_ON_VISIT, candidate.out_on_visit),
        (Reason.OFFER_PENDING, candidate.offer_pending),
        (Reason.TOO_MANY_ORDERS, candidate.open_orders >= need.max_open_orders),
    )
    return next((reason for reason, holds in obstacles if holds), None)


def next_in_rotation(candidates: Iterable[Candidate], *, need: Need, after: Place | None) -> Choice:
    """The first who fits behind `after`, the place that had the last turn; round the end and back to that place itself.

    Those skipped on the way lose the turn: the pointer moves to the chosen, not to the first one skipped (R235).
    """
    in_order = sorted(candidates, key=lambda candidate: candidate.place)
    in_turn = sorted(in_order, key=lambda candidate: after is not None and candidate.place <= after)
    reasons = {candidate.place: unfit(candidate, need=need) for candidate in in_order}
    chosen = next((candidate.place for candidate in in_turn if reasons[candidate.place] is None), None)
    return Choice(
        chosen=chosen,
        passed_over=tuple(
            Skipped(technician_id=place.technician_id, reason=reason or Reason.NOT_HIS_TURN)
            for place, reason in reasons.items()
            if place != chosen
        ),
    )
