"""One AsyncAPI 3.0 document per service: what it says, what it hears, and the headers round it."""

from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.contracts.envelope import Envelope, Event
from testkit.published.schemas import Schema, resolved, schema_of


def asyncapi_of(service: str) -> Schema:
    """The document of one service; channels are the routing keys of the topic exchange `events`."""
    said = [event for event in EVENTS.values() if event.TYPE.startswith(f"{service}.")]
    heard = SUBSCRIPTIONS.get(service, ())
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"After-sales: {service}",
            "version": "1.0.0",
            "description": "CloudEvents 1.0, binary mode: attributes as `cloudEvents_<name>` headers, event as body.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {event.TYPE: _channel(event) for event in (*said, *heard)},
        "operations": {
            **{f"say_{_short(event)}": _operation("send", event) for event in said},
            **{f"hear_{_short(event)}": _operation("receive", event, service=service) for event in heard},
        },
        "components": {
            "messages": {event.TYPE: _message(event) for event in (*said, *heard)},
            "schemas": {"headers": _headers()},
        },
    }


def _channel(event: type[Event]) -> Schema:
    return {
        "address": event.TYPE,
        "messages": {event.TYPE: {"$ref": f"#/components/messages/{event.TYPE}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": "events", "type": "topic", "durable": True}}},
    }


def _operation(action: str, event: type[Event], *, service: str | None = None) -> Schema:
    operation: Schema = {
        "action": action,
        "channel": {"$ref": f"#/channels/{event.TYPE}"},
        "summary": (event.__doc__ or "").splitlines()[0],
    }
    if service is not None:
        operation["description"] = f"Durable quorum queue `{service}.on_{_short(event)}`."
    return operation


def _message(event: type[Event]) -> Schema:
    return {
        "name": event.TYPE,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": resolved(schema_of(event)),
    }


def _headers() -> Schema:
    attributes = Envelope.model_json_schema()["properties"]
    required = [f"cloudEvents_{name}" for name in Envelope.model_json_schema()["required"]]
    properties: Schema = {f"cloudEvents_{name}": schema for name, schema in attributes.items()}
    return {"type": "object", "properties": properties, "required": [*required]}


def _short(event: type[Event]) -> str:
    """`case_cleared` of `intake.case_cleared.v1`."""
    return event.TYPE.split(".")[1]
