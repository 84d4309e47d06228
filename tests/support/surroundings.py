"""A suite of its own whose way to the broker and to the database leads through proxies: for faults of the network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from support.crew import Crew
from support.forked import as_copy
from support.load import Agents, set_up
from support.proxy import Proxy, proxy
from testkit.servers.postgres import EmbeddedPostgres
from testkit.servers.rabbitmq import PrivateRabbitMQ
from testkit.suite import Servers, Suite

SETTLE_SECONDS = 3
"""A broker killed within a second of declaring quorum queues can wedge one of them."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """A suite, whoever works at it, and everything between it and its servers that can be broken."""

    suite: Suite
    agents: Agents
    crew: Crew
    postgres: EmbeddedPostgres
    rabbitmq: PrivateRabbitMQ
    to_database: Proxy
    to_broker: Proxy


@asynccontextmanager
async def surrounded(
    home: Path, *, postgres: EmbeddedPostgres, rabbitmq: PrivateRabbitMQ, mark: str
) -> AsyncIterator[Surroundings]:
    """A running suite with staff, units, technicians and a store. `mark` ends the names of what it has on the servers.

    Tests look at its databases and queues directly; only the services go through the proxies.
    """
    given = Servers(postgres=postgres, rabbitmq=rabbitmq, mark=mark)
    suite = Suite(home / mark, test_clock="on", given=given, start_as=as_copy)
    await asyncio.to_thread(suite.start_servers)
    async with proxy(postgres.url) as to_database, proxy(suite.broker_url) as to_broker:
        for name, service in suite.services.items():
            prefix = name.upper()
            direct = service.environment[f"{prefix}_DATABASE_URL"]
            service.environment[f"{prefix}_DATABASE_URL"] = to_database.instead_of(direct)
            service.environment[f"{prefix}_BROKER_URL"] = to_broker.url
        agents, crew = Agents(suite), Crew(suite)
        try:
            await asyncio.to_thread(suite.migrate)
            await asyncio.to_thread(suite.start_services)
            await asyncio.to_thread(set_up, suite)
            await asyncio.sleep(SETTLE_SECONDS)
            yield Surroundings(
                suite=suite,
                agents=agents,
                crew=crew,
                postgres=postgres,
                rabbitmq=rabbitmq,
                to_database=to_database,
                to_broker=to_broker,
            )
        finally:
            await agents.close()
            await crew.close()
            await asyncio.to_thread(suite.stop)
            rabbitmq.delete_vhost(given.name("aftersales"))  # a broker that boots with many queues takes long
