"""Whether a route of the policy is for an event: pure, from what the event says."""

from collections.abc import Mapping

from notifier.domain.texts import value_at


def applies(conditions: Mapping[str, str], *, facts: Mapping[str, object]) -> bool:
    """Whether an event says everything that a route asks for: `{"clock.clock": "response"}`."""
    return all(str(value_at(facts, path)) == wanted for path, wanted in conditions.items())
