"""The queues of all services without anything in them, so that tests one after the other may share them."""

from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.messaging.broker import passing_connection
from shared.messaging.topology import CATALOGUE_TOPOLOGY, UNHEARD, UNROUTED


async def declare_all(broker_url: str) -> None:
    """Everything that the services would declare when they start: two hundred queues, which takes seconds."""
    async with passing_connection(broker_url, name="tests") as connection:
        await CATALOGUE_TOPOLOGY.declare(connection)


async def empty_all(broker_url: str) -> None:
    """Throw away what any queue holds; whoever consumed has ended."""
    async with passing_connection(broker_url, name="tests") as connection:
        channel = await connection.channel(publisher_confirms=False)
        queues = [queue for service in SUBSCRIPTIONS for queue in CATALOGUE_TOPOLOGY.queues(service)]
        handlers = [name for queue in queues for name in (queue.name, queue.retry, queue.dead)]
        for name in (*handlers, UNROUTED, UNHEARD):
            await (await channel.get_queue(name, ensure=False)).purge()
