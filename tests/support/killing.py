"""kill -9 of each service while cases are registered and carried on to the customer's signature."""

import asyncio
from datetime import timedelta

from support.books import converge
from support.crew import Crew
from support.load import MORNING, Agents, jump
from testkit.checker.aftercare import DELIVERED
from testkit.checker.books import Books
from testkit.service_process import ServiceProcess
from testkit.suite import SERVICES, Suite

EVERY_STORY = ("lines", "deposits", "revisits", "surveys", "mails")
"""What some dozens of cases lead to; it takes more until one of them is late enough to be escalated."""


async def kill_and_restart(*services: ServiceProcess) -> None:
    """All of them at once, as when the power fails."""
    for service in services:
        service.kill()
    await asyncio.gather(*(asyncio.to_thread(service.restart) for service in services))


async def killed_in_the_middle(suite: Suite, *, agents: Agents, crew: Crew, cases: int) -> Books:
    """Register so many cases, kill one service after the other, then all: books in which each effect stands once."""
    each_after = cases // (len(SERVICES) + 3)
    so_far = len(agents.acknowledged)
    agents.answers.clear()
    async with crew.working():
        async with agents.registering(cases):
            for number, service in enumerate(suite.services.values(), start=1):
                await agents.have_registered(so_far + number * each_after)
                await kill_and_restart(service)
            await agents.have_registered(so_far + (len(SERVICES) + 1) * each_after)
            await asyncio.to_thread(jump, suite, to=MORNING + timedelta(minutes=45))  # offers expire, clocks warn
            await kill_and_restart(*suite.services.values())
        assert len(agents.acknowledged) == so_far + cases
        assert set(agents.answers) - {"200", "201"}, "nobody noticed that intake was away"
        await converge(suite, acknowledged=agents.acknowledged)
        await crew.finish()
    await asyncio.to_thread(jump, suite, to=MORNING + timedelta(hours=2, minutes=30))  # surveys go out, promises break
    await kill_and_restart(*(suite.services[name] for name in ("feedback", "notifier")))
    books = await converge(suite, acknowledged=agents.acknowledged)
    assert {order.state for order in books.orders} == {"signed_off", "cancelled"}
    assert {message.state for message in books.messages} <= {DELIVERED, "withdrawn"}
    left_out = [what for what in EVERY_STORY if not getattr(books, what)]
    assert not left_out, f"the stories left out {left_out}"
    return books
