"""The topology and everybody's rights as the broker's own definitions, which it loads when it boots.

An empty broker then has everything before the first service comes. The accounts themselves, whose passwords are of one
installation, are in a document of their own, which has to be loaded first.
"""

from collections.abc import Iterator, Mapping, Sequence

from shared.messaging.accounts import rights_of, user
from shared.messaging.topology import (
    EVENTS_ARGUMENTS,
    EVENTS_EXCHANGE,
    KEEP_THE_LATEST,
    OF_EVERY_QUEUE,
    UNHEARD,
    UNROUTED,
    Arguments,
    HandlerQueue,
    Topology,
    own_exchange,
)

VHOST = "aftersales"

type Json = bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None
type Definition = dict[str, Json]


def definitions(topology: Topology) -> Definition:
    """The virtual host, what each account may do there, and every exchange, queue and binding."""
    rights = rights_of(topology)
    handlers = [queue for service in topology.subscriptions for queue in topology.queues(service)]
    return {
        "vhosts": [{"name": VHOST, "default_queue_type": "quorum"}],
        "permissions": [
            {"user": name, "vhost": VHOST, "configure": may.configure, "write": may.write, "read": may.read}
            for name, may in rights.items()
        ],
        "topic_permissions": [
            {"user": name, "vhost": VHOST, "exchange": EVENTS_EXCHANGE, "write": may.says, "read": may.hears}
            for name, may in rights.items()
        ],
        "exchanges": [
            _exchange(UNROUTED, kind="fanout"),
            _exchange(EVENTS_EXCHANGE, kind="topic", arguments=EVENTS_ARGUMENTS),
            *(_exchange(own_exchange(service), kind="direct") for service in topology.subscriptions),
        ],
        "queues": [
            *(_queue(name, arguments=KEEP_THE_LATEST) for name in (UNROUTED, UNHEARD)),
            *(_queue(name, arguments=how) for handler in handlers for name, how in handler.arguments.items()),
        ],
        "bindings": [
            _binding(UNROUTED, to=UNROUTED, key=""),
            *(_binding(EVENTS_EXCHANGE, to=UNHEARD, key=type_) for type_ in topology.unheard),
            *(binding for handler in handlers for binding in _bindings(handler)),
        ],
    }


def accounts(passwords: Mapping[str, str]) -> Definition:
    """The accounts with their hashed passwords, by name."""
    return {"users": [user(name, password=password) for name, password in passwords.items()]}


def _exchange(name: str, *, kind: str, arguments: Mapping[str, str] | None = None) -> Definition:
    lasting = {"durable": True, "auto_delete": False, "internal": False}
    return {"name": name, "vhost": VHOST, "type": kind, **lasting, "arguments": arguments or {}}


def _queue(name: str, *, arguments: Arguments) -> Definition:
    lasting = {"durable": True, "auto_delete": False}
    return {"name": name, "vhost": VHOST, **lasting, "arguments": {**OF_EVERY_QUEUE, **arguments}}


def _bindings(handler: HandlerQueue) -> Iterator[Definition]:
    for name in handler.arguments:
        yield _binding(handler.exchange, to=name, key=name)
    for type_ in handler.types:
        yield _binding(EVENTS_EXCHANGE, to=handler.name, key=type_)


def _binding(source: str, *, to: str, key: str) -> Definition:
    place = {"source": source, "vhost": VHOST, "destination": to, "destination_type": "queue"}
    return {**place, "routing_key": key, "arguments": {}}
