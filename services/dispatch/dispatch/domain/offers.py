"""An offer to a technician: he has until it expires to say yes or no."""

from datetime import datetime
from enum import StrEnum

from shared.actor import Actor
from shared.refusals import IllegalTransition, NotAllowed

TECHNICIAN = "technician"
"""The role of a technician's token; its subject is his staff number."""


class OfferState(StrEnum):
    """`withdrawn` when the order went away before he answered."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


def check_answerable(state: OfferState, *, expires_at: datetime, now: datetime) -> None:
    """Raises IllegalTransition when the offer was answered, withdrawn, or its time is over."""
    if state is not OfferState.PENDING:
        raise IllegalTransition(
            f"offer_{state}",
            detail=f"the offer is {state}",
            expected="an offer that is pending",
        )
    if now >= expires_at:
        raise IllegalTransition(
            "offer_expired",
            detail=f"the offer expired at {expires_at.isoformat()}",
            expected="an answer before that; the order goes to the next technician",
        )


def check_for_himself(actor: Actor, *, technician: str) -> None:
    """Raises NotAllowed when a technician acts on what is another technician's; other roles may act for him.

    `technician` is the staff number of whom it belongs to; the token of a technician names his own.
    """
    if actor.role == TECHNICIAN and actor.id != technician:
        raise NotAllowed(
            "another_technicians",
            detail=f"this belongs to technician {technician}, not to {actor.id}",
            expected=f"technician {technician} himself, or a dispatcher for him",
        )
