"""What has to be at the broker before the services: `python -m shared.messaging load | declare`.

load       for an administrator, whenever this release is newer than what the broker booted with: its accounts,
           everybody's rights, exchanges, queues and bindings, through the management plugin. What is there stays
declare    for the account `topology`, at every deployment: everything is declared and bound again, and what an
           earlier release bound in vain is taken away. A service may declare only what is its own

Both wait for a broker that is not up yet. Exit codes: 0 all is there, 1 the broker will not have it, 78 a setting is
wrong.

TOPOLOGY_MANAGEMENT_URL    load: http://administrator:password@host:port, or https://; or TOPOLOGY_MANAGEMENT_URL_FILE
TOPOLOGY_ACCOUNTS_FILE     load: definitions with the accounts, whose rights can only be loaded once they are there
TOPOLOGY_BROKER_URL        declare: amqp://topology:password@host:port/vhost, or amqps://; or TOPOLOGY_BROKER_URL_FILE
"""

import argparse
import asyncio
import json
import ssl
import sys
from itertools import chain
from pathlib import Path
from typing import Annotated

import httpx
from pydantic import AfterValidator, Field, FilePath
from pydantic_settings import SettingsConfigDict

from shared.exit_codes import CONFIGURATION_FAULT
from shared.messaging.broker import BrokerIsAway, BrokerRefuses, passing_connection, reconnect_pause
from shared.messaging.definitions import Definition, definitions
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.settings import SettingsOrFiles, broker_address, setting, settings_or_exit

LOAD_SECONDS = 60
STRANGER = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
OF_TOPOLOGY = SettingsConfigDict(env_prefix="TOPOLOGY_", frozen=True, extra="ignore", env_ignore_empty=True)


def _management_address(url: str) -> str:
    try:
        given = httpx.URL(url)
    except httpx.InvalidURL:  # its message quotes a part, which may be one of the password
        given = httpx.URL()
    if given.scheme not in {"http", "https"} or not (given.host and given.username and given.password):
        raise ValueError("it is no such URL (a password's / ? # @ and : are %2F %3F %23 %40 and %3A in it)")
    return url


class TopologySettings(SettingsOrFiles):
    """How the one account that declares everything reaches the broker."""

    model_config = OF_TOPOLOGY

    broker_url: Annotated[str, AfterValidator(broker_address)] = Field(
        repr=False, description="amqp://user:password@host:port/vhost, or amqps://"
    )


class LoadSettings(SettingsOrFiles):
    """How an administrator reaches the management plugin, and which accounts he brings."""

    model_config = OF_TOPOLOGY

    management_url: Annotated[str, AfterValidator(_management_address)] = Field(
        repr=False, description="http(s)://administrator:password@host:port"
    )
    accounts_file: FilePath | None = Field(default=None, description="path of broker definitions with `users`")


class NotLoaded(Exception):
    """The broker will not have the definitions; the message holds its reason."""


class WrongSetting(NotLoaded):
    """It never will, because a setting is wrong; the message names it."""


async def declare(url: str) -> None:
    """Declare everything, as soon as the broker is there. Raises `BrokerRefuses`: waiting does not help then."""
    while True:
        try:
            await _declare(url)
        except BrokerRefuses:
            raise
        except BrokerIsAway as error:
            sys.stderr.write(f"waiting for the broker: {error}\n")
            await asyncio.sleep(reconnect_pause())  # a broker that is away tells nobody when it is back
        else:
            return


async def _declare(url: str) -> None:
    async with passing_connection(url, name="topology") as connection:
        refused = await CATALOGUE_TOPOLOGY.declare(connection)
    first = next(chain.from_iterable(refused.values()), None)
    if first is not None:
        raise BrokerRefuses(f"the broker refuses {first}")


def read_accounts(file: Path | None) -> Definition:
    """The accounts that an administrator brings, if he does. Raises `WrongSetting`."""
    if file is None:
        return {}
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise WrongSetting(f"TOPOLOGY_ACCOUNTS_FILE: it holds no definitions ({type(error).__name__})") from None
    match found:
        case {"users": [*users]}:
            return {"users": users}
        case _:
            raise WrongSetting("TOPOLOGY_ACCOUNTS_FILE: it holds no definitions (an object with a list `users`)")


async def load(url: str, *, accounts: Definition) -> None:
    """Load accounts, rights and topology, as soon as the management plugin is there. Raises `NotLoaded`."""
    document = {**accounts, **definitions(CATALOGUE_TOPOLOGY)}
    while True:
        try:
            async with httpx.AsyncClient(timeout=LOAD_SECONDS) as client:
                answer = await client.post(f"{url.rstrip('/')}/api/definitions", json=document)
        except httpx.TransportError as error:
            if not _may_heal(error):
                why = f"no management plugin answers there ({error})"
                raise WrongSetting(setting(LoadSettings, "management_url").fault(why)) from None
            sys.stderr.write(f"waiting for the broker: {type(error).__name__}: {error}\n")
            await asyncio.sleep(reconnect_pause())  # a broker that is away tells nobody when it is back
            continue
        if answer.status_code in STRANGER:
            raise WrongSetting("TOPOLOGY_MANAGEMENT_URL: the broker takes this account for no administrator of it")
        if not answer.is_success:
            raise NotLoaded(f"the broker refuses the definitions: {answer.status_code} {answer.text[:500]}")
        return


def _may_heal(error: httpx.TransportError) -> bool:
    """Whether the server is away for now. One with a wrong certificate, or that speaks no HTTP, goes on so."""
    return isinstance(error, httpx.TimeoutException | httpx.ConnectError) and not _is_of_tls(error)


def _is_of_tls(error: BaseException) -> bool:
    """Whether it comes from what the server is, not from its going away while it said so."""
    if isinstance(error, ssl.SSLError):
        return not isinstance(error, ssl.SSLEOFError)
    return error.__context__ is not None and _is_of_tls(error.__context__)


def main() -> int:
    """Load or declare; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m shared.messaging", description="the topology of the broker")
    parser.add_argument("act", choices=["load", "declare"])
    return _declared() if parser.parse_args().act == "declare" else _loaded()


def _declared() -> int:
    url = settings_or_exit(TopologySettings).broker_url
    try:
        asyncio.run(declare(url))
    except BrokerRefuses as refusal:
        sys.stderr.write(f"{setting(TopologySettings, 'broker_url').fault(str(refusal))}\n")
        return CONFIGURATION_FAULT
    sys.stdout.write("every exchange, queue and binding is there\n")
    return 0


def _loaded() -> int:
    settings = settings_or_exit(LoadSettings)
    try:
        asyncio.run(load(settings.management_url, accounts=read_accounts(settings.accounts_file)))
    except NotLoaded as error:
        sys.stderr.write(f"{error}\n")
        return CONFIGURATION_FAULT if isinstance(error, WrongSetting) else 1
    sys.stdout.write("every account has the rights of this release\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
