"""`python -m shared.messaging declare`: everything that the services need at the broker, declared and bound again.

For the account `topology`, at every deployment before the services: a service may declare only what is its own. It
waits for a broker that is not up yet. Exit codes: 0 all is there, 78 a setting is wrong.

TOPOLOGY_BROKER_URL    amqp://topology:password@host:port/vhost, or amqps://; or TOPOLOGY_BROKER_URL_FILE
"""

import argparse
import asyncio
import sys
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from shared.messaging.broker import BrokerIsAway, passing_connection, reconnect_pause
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.settings import SettingsOrFiles, broker_address, settings_or_exit


class TopologySettings(SettingsOrFiles):
    """How the one account that declares everything reaches the broker."""

    model_config = SettingsConfigDict(env_prefix="TOPOLOGY_", frozen=True, extra="ignore", env_ignore_empty=True)

    broker_url: Annotated[str, AfterValidator(broker_address)] = Field(
        repr=False, description="amqp://user:password@host:port/vhost, or amqps://"
    )


async def declare(url: str) -> None:
    """Declare everything, as soon as the broker is there."""
    while True:
        try:
            async with passing_connection(url, name="topology") as connection:
                await CATALOGUE_TOPOLOGY.declare(connection)
        except BrokerIsAway as error:
            sys.stderr.write(f"waiting for the broker: {error}\n")
            await asyncio.sleep(reconnect_pause())
        else:
            return


def main() -> int:
    """Declare; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m shared.messaging", description="the topology of the broker")
    parser.add_argument("act", choices=["declare"])
    parser.parse_args()
    asyncio.run(declare(settings_or_exit(TopologySettings).broker_url))
    sys.stdout.write("every exchange, queue and binding is there\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
