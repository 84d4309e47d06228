"""`python -m shared.messaging declare`: everything that the services need at the broker, declared and bound again.

For the account `topology`, at every deployment before the services: a service may declare only what is its own. It
waits for a broker that is not up yet. Exit codes: 0 all is there, 78 a setting is wrong, or the broker refuses.

TOPOLOGY_BROKER_URL    amqp://topology:password@host:port/vhost, or amqps://; or TOPOLOGY_BROKER_URL_FILE
"""

import argparse
import asyncio
import sys
from itertools import chain
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from shared.messaging.broker import BrokerIsAway, BrokerRefuses, passing_connection, reconnect_pause
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.settings import EXIT_CODE, SettingsOrFiles, broker_address, setting, settings_or_exit


class TopologySettings(SettingsOrFiles):
    """How the one account that declares everything reaches the broker."""

    model_config = SettingsConfigDict(env_prefix="TOPOLOGY_", frozen=True, extra="ignore", env_ignore_empty=True)

    broker_url: Annotated[str, AfterValidator(broker_address)] = Field(
        repr=False, description="amqp://user:password@host:port/vhost, or amqps://"
    )


async def declare(url: str) -> None:
    """Declare everything, as soon as the broker is there. Raises `BrokerRefuses`: waiting does not help then."""
    while True:
        try:
            await _declare(url)
        except BrokerRefuses:
            raise
        except BrokerIsAway as error:
            sys.stderr.write(f"waiting for the broker: {error}\n")
            await asyncio.sleep(reconnect_pause())
        else:
            return


async def _declare(url: str) -> None:
    async with passing_connection(url, name="topology") as connection:
        refused = await CATALOGUE_TOPOLOGY.declare(connection)
    for what in chain.from_iterable(refused.values()):
        raise BrokerRefuses(f"the broker refuses {what}")


def main() -> int:
    """Declare; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m shared.messaging", description="the topology of the broker")
    parser.add_argument("act", choices=["declare"])
    parser.parse_args()
    url = settings_or_exit(TopologySettings).broker_url
    try:
        asyncio.run(declare(url))
    except BrokerRefuses as refusal:
        sys.stderr.write(f"{setting(TopologySettings, 'broker_url').fault(str(refusal))}\n")
        return EXIT_CODE
    sys.stdout.write("every exchange, queue and binding is there\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
