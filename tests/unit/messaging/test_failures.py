"""What is told of a failure names its kind and place, and quotes nobody."""

import pytest

from shared.messaging.deadlines import UnknownDeadline
from shared.messaging.failures import describe
from shared.refusals import IllegalTransition

CANARY = "漏水的张女士"


def raised(error: Exception) -> str:
    with pytest.raises(type(error)) as caught:
        raise error
    return describe(caught.value)


@pytest.mark.parametrize(
    "error", [ValueError(CANARY), KeyError(CANARY), UnicodeEncodeError("ascii", CANARY, 0, 1, "no")]
)
def test_the_words_of_an_error_of_python_are_not_told(error: Exception) -> None:
    told = raised(error)
    assert told.startswith(f"{type(error).__name__} (test_failures.py:")
    assert CANARY not in told


@pytest.mark.parametrize(
    "error",
    [
        UnknownDeadline("no handler for deadlines of kind tea"),
        IllegalTransition("closed", detail="it is", expected="open"),
    ],
)
def test_words_that_were_chosen_with_care_are(error: Exception) -> None:
    assert raised(error).startswith(f"{type(error).__name__}: {error} (test_failures.py:")
