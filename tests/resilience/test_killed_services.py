"""kill -9 of each service in the middle of the stories: what was acknowledged has each effect exactly once."""

import pytest

from support.books import converge
from support.crew import Crew
from support.killing import killed_in_the_middle
from support.load import Agents
from testkit.suite import Suite

CASES = 48
"""As many as it takes to have every kind of story among them; `long/test_200_stories.py` has the 200."""


@pytest.mark.timeout(1200)
async def test_services_killed_in_the_middle_of_their_cases_lose_and_double_nothing(
    suite: Suite, agents: Agents, crew: Crew
) -> None:
    await killed_in_the_middle(suite, agents=agents, crew=crew, cases=CASES)


@pytest.mark.timeout(600)
async def test_the_same_key_still_gets_the_same_answer(suite: Suite, agents: Agents) -> None:
    async with agents.registering(1):
        pass
    for key, form, first in agents.written[::10]:
        again = await agents.insist("/v1/cases", form, key=key)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["ETag"] == first.headers["ETag"]
    await converge(suite, acknowledged=agents.acknowledged)
