"""What becomes of a message after an attempt."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.sending import (
    After,
    FailureReason,
    MessageState,
    Never,
    NotNow,
    Patience,
    Taken,
    after_attempt,
)

MADE = datetime(2040, 3, 5, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PATIENCE = Patience(pauses=(MINUTE, 5 * MINUTE), give_up_after=60 * MINUTE)


def after(outcome: Taken | NotNow | Never, *, attempts: int = 1, now: datetime = MADE) -> After:
    return after_attempt(outcome, attempts=attempts, made_at=MADE, now=now, patience=PATIENCE)


def test_what_was_taken_is_delivered() -> None:
    assert after(Taken()) == After(state=MessageState.DELIVERED)


def test_what_was_refused_for_good_fails_with_its_reason() -> None:
    refused = Never(FailureReason.REFUSED, "550")
    assert after(refused) == After(state=MessageState.FAILED, reason=FailureReason.REFUSED)


def test_pauses_grow_and_the_last_one_repeats() -> None:
    retries = [after(NotNow("451"), attempts=number).retry_at for number in (1, 2, 3, 9)]
    assert retries == [MADE + MINUTE, MADE + 5 * MINUTE, MADE + 5 * MINUTE, MADE + 5 * MINUTE]


pauses = st.lists(st.timedeltas(timedelta(seconds=1), timedelta(hours=2)), min_size=1, max_size=5).map(tuple)
lifetimes = st.timedeltas(timedelta(minutes=1), timedelta(days=2))


@given(pauses, lifetimes)
def test_a_server_that_never_has_time_is_given_up_in_time(pauses: tuple[timedelta, ...], life: timedelta) -> None:
    patience = Patience(pauses=pauses, give_up_after=life)
    now, attempts = MADE, 1
    while (
        what := after_attempt(NotNow("451"), attempts=attempts, made_at=MADE, now=now, patience=patience)
    ).retry_at is not None:
        assert now < what.retry_at <= MADE + life
        now, attempts = what.retry_at, attempts + 1
        if attempts > 20:
            return  # a pause of a second in a life of days takes its time; that it ends lies in the line above
    assert what == After(state=MessageState.FAILED, reason=FailureReason.TOO_LATE)
