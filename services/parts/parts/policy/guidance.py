"""What people are told where they meet it: rules that nobody can enforce and everybody has to know (kind POL).

Of parts' own rules these are: purchasing answers for supply (R007), returns are no casual matter (R200), where removed
parts lie (R296), looking after tools and material (R334), and parts management beside the warranty policy (R336).
"""

from collections.abc import Collection, Iterable
from typing import Annotated

from pydantic import Field, StringConstraints

from parts.domain.guidance import GuidancePlace
from shared.policy import Policy
from shared.policy.labels import Label

type RuleId = Annotated[str, StringConstraints(pattern=r"^R\d{3}$")]


class GuidancePolicy(Policy):
    """One text (R007, R200, R296, R334, R336), and where it is shown."""

    rule: RuleId = Field(description="the rule of the book that it comes from, such as R334")
    places: tuple[GuidancePlace, ...] = Field(min_length=1)
    text: Label


def told_at(guidance: Iterable[GuidancePolicy], *, places: Collection[GuidancePlace]) -> list[GuidancePolicy]:
    """What is told at any of these places, in the order of the policy."""
    return [one for one in guidance if not set(places).isdisjoint(one.places)]
