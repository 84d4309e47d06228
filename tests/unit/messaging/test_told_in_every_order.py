"""What dispatch, parts and feedback hear is told to them in every order somewhere: a new event needs a story."""

from uuid import UUID

import pytest

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.contracts.envelope import Event
from shared.contracts.parts import StoreWorkRecorded
from support import stories
from support.ears import Story

TOLD: dict[str, tuple[Story, ...]] = {
    "dispatch": (
        stories.of_a_case,
        stories.of_parts_that_are_waited_for,
        stories.of_parts_that_never_come,
        stories.of_parts_that_were_kept_in_vain,
    ),
    "parts": (
        stories.of_parts_that_are_fitted,
        stories.of_parts_that_nobody_needs,
        stories.of_parts_for_what_was_taken_in,
    ),
    "feedback": (stories.of_a_repair, stories.of_a_customer_who_is_forgotten),
}
"""As tests/component/test_every_order.py tells them."""
ALONE: dict[str, set[type[Event]]] = {"dispatch": {StoreWorkRecorded}}
"""About no case: each is a line of a time sheet under an id of its own, and nothing comes before or after it."""


@pytest.mark.parametrize("service", TOLD)
def test_everything_that_is_heard_is_told_in_every_order(service: str) -> None:
    told = {type(event) for story in TOLD[service] for event in story(UUID(int=1), 1)}
    assert told | ALONE.get(service, set()) == set(SUBSCRIPTIONS[service])
