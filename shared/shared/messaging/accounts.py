"""Who may do what at the broker: one account for each service, one that declares, one for people.

A service may write its own events (the first word of the routing key) and its own exchange for retries and dead
letters, read its own queues, and bind them to the events that it hears and to no others. It may not declare `events`.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from shared.messaging.topology import EVENTS_EXCHANGE, Topology

TOPOLOGY_ACCOUNT = "topology"
"""Declares everything, and reads `unrouted`."""
OPERATOR_ACCOUNT = "operator"
"""A person at the management page."""
SALT_BYTES = 4

EVERYTHING = ".*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What an account may declare, write and read: regular expressions over names of queues and exchanges.

    `says` and `hears` are the same over the routing keys of `events`.
    """

    configure: str = EVERYTHING
    write: str = EVERYTHING
    read: str = EVERYTHING
    says: str = EVERYTHING
    hears: str = EVERYTHING


def rights_of(topology: Topology) -> Mapping[str, Rights]:
    """The rights of every account, by its name."""
    return {
        **{service: _rights(service, topology=topology) for service in topology.subscriptions},
        TOPOLOGY_ACCOUNT: Rights(),
        OPERATOR_ACCOUNT: Rights(),
    }


def user(name: str, *, password: str) -> dict[str, str | list[str]]:
    """The account as the broker's definitions spell it, with a salted hash in place of the password."""
    salt = secrets.token_bytes(SALT_BYTES)
    hashed = hashlib.sha256(salt + password.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + hashed).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": ["administrator"] if name == OPERATOR_ACCOUNT else [],
    }


def _rights(service: str, *, topology: Topology) -> Rights:
    own = rf"{re.escape(service)}\.(on_.+|dlx)"
    heard = sorted({type_ for queue in topology.queues(service) for type_ in queue.types})
    return Rights(
        configure=f"^{own}$",
        write=f"^({EVENTS_EXCHANGE}|{own})$",
        read=f"^({EVENTS_EXCHANGE}|{own})$",
        says=rf"^{re.escape(service)}\.",
        hears=f"^({'|'.join(map(re.escape, heard))})$",
    )
