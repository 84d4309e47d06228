"""kill -9 of each service in the middle of 200 stories: what was acknowledged has each effect exactly once."""

from support.crew import Crew
from support.killing import killed_in_the_middle
from support.load import Agents
from testkit.suite import Suite

CASES = 200


async def test_services_killed_in_the_middle_of_200_cases_lose_and_double_nothing(
    suite: Suite, agents: Agents, crew: Crew
) -> None:
    books = await killed_in_the_middle(suite, agents=agents, crew=crew, cases=CASES)
    assert books.escalations
