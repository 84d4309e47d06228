"""An offer to a technician: he has until it expires to say yes or no."""

from datetime import datetime
from enum import StrEnum

from shared.refusals import IllegalTransition, NotAllowed


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


def check_answers_for_himself(*, staff_number: str, offered_to: str) -> None:
    """Raises NotAllowed when a technician answers an offer that was made to somebody else."""
    if staff_number != offered_to:
        raise NotAllowed(
            "offer_of_another",
            detail=f"the offer was made to technician {offered_to}, not to {staff_number}",
            expected="the technician whose turn it is, or a dispatcher for him",
        )
