"""How old an event is, by the id that it was given when it was said."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from shared.messaging.expiry import Memory, said_at_of
from support.aged import event_id_aged

DAY = timedelta(days=1)
MEMORY = Memory(outbox=14 * DAY, inbox=60 * DAY)


def test_an_id_tells_the_real_instant_at_which_its_event_was_said() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    said_at = said_at_of(uuid7())
    assert said_at is not None
    assert before <= said_at <= datetime.now(UTC)


@given(st.integers(min_value=0, max_value=100 * 365), st.integers(min_value=0, max_value=2**62 - 1))
def test_the_inbox_answers_for_every_event_that_is_younger_than_its_memory(days: int, rest: int) -> None:
    said_at = datetime(2026, 1, 1, tzinfo=UTC)
    event_id = UUID(int=(int(said_at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | rest)
    assert said_at_of(event_id) == said_at
    assert MEMORY.may_have_forgotten(event_id, now=said_at + days * DAY) == (days >= 60)


def test_an_id_without_an_instant_counts_as_new() -> None:
    assert said_at_of(uuid4()) is None
    assert not MEMORY.may_have_forgotten(uuid4(), now=datetime(9999, 1, 1, tzinfo=UTC))


def test_ids_of_a_given_age_are_what_they_claim() -> None:
    assert MEMORY.may_have_forgotten(event_id_aged(61 * DAY), now=datetime.now(UTC))
    assert not MEMORY.may_have_forgotten(event_id_aged(59 * DAY), now=datetime.now(UTC))
