"""Who may do what at the broker: one account for each service, one that declares, one for people.

A service may write its own events (the first word of the routing key) and its own exchange for retries and dead
letters, read its own queues, and bind them to the events that it hears and to no others. It may not declare `events`.
The account that declares says nothing there.

What the broker cannot forbid: it asks for the right to a routing key when a message is published or a queue is bound,
not when a dead letter is handed on or one exchange is bound to another. An account that may write `events` and declare
queues can have its own queue or exchange lead there, under any key. And whoever declares a queue that dead-letters has
to have the right to write the exchange that it names, so `topology` could write into `<service>.dlx` and `unrouted`.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from shared.messaging.topology import EVENTS_EXCHANGE, UNHEARD, UNROUTED, Topology

TOPOLOGY_ACCOUNT = "topology"
"""Declares everything and says nothing."""
OPERATOR_ACCOUNT = "operator"
"""A person at the management page."""
SALT_BYTES = 4

EVERYTHING = ".*"
NOTHING = "^$"


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
        TOPOLOGY_ACCOUNT: _declaring(topology),
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


def _declaring(topology: Topology) -> Rights:
    """To bind a queue takes the right to write it; an alternate exchange or one for dead letters is written too."""
    services = "|".join(map(re.escape, topology.subscriptions))
    written = rf"{UNROUTED}|{UNHEARD}|({services})\.(on_.+|dlx)"
    everything = f"^({EVENTS_EXCHANGE}|{written})$"
    return Rights(configure=everything, write=f"^({written})$", read=everything, says=NOTHING)


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
