"""An offer is answered once, in time, by whom it was made to."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.domain.offers import OfferState, check_answerable, check_for_himself
from shared.actor import Actor
from shared.refusals import IllegalTransition, NotAllowed

EXPIRES_AT = datetime(2026, 3, 2, 1, 10, tzinfo=UTC)
BEFORE = EXPIRES_AT - timedelta(microseconds=1)


def test_a_pending_offer_can_be_answered_until_it_expires() -> None:
    check_answerable(OfferState.PENDING, expires_at=EXPIRES_AT, now=BEFORE)


@pytest.mark.parametrize("state", [state for state in OfferState if state is not OfferState.PENDING])
def test_an_offer_that_was_answered_or_withdrawn_cannot_be_answered(state: OfferState) -> None:
    with pytest.raises(IllegalTransition):
        check_answerable(state, expires_at=EXPIRES_AT, now=BEFORE)


def test_an_answer_at_the_very_end_comes_too_late() -> None:
    with pytest.raises(IllegalTransition) as refused:
        check_answerable(OfferState.PENDING, expires_at=EXPIRES_AT, now=EXPIRES_AT)
    assert refused.value.code == "offer_expired"


def test_a_technician_acts_for_himself_only_and_a_dispatcher_for_everybody() -> None:
    check_for_himself(Actor(kind="person", id="T7", role="technician"), technician="T7")
    check_for_himself(Actor(kind="person", id="D1", role="dispatcher"), technician="T8")
    with pytest.raises(NotAllowed):
        check_for_himself(Actor(kind="person", id="T7", role="technician"), technician="T8")
