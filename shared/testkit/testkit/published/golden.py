"""One example message per event, made from the model alone, so that every reader can be tested against it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.contracts.envelope import Envelope, Event
from testkit.published.schemas import Json, Schema, resolved, schema_of

FIRST_INSTANT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
MONEY = {"amount", "expenses"}


def golden_message(event: type[Event]) -> Schema:
    """Headers and body of an example, every optional field filled, values that anyone can recognise."""
    body = event.model_validate(_Example().value(resolved(schema_of(event)), name=event.TYPE))
    envelope = Envelope(
        id=UUID(int=0xE0),
        type=event.TYPE,
        source=event.TYPE.split(".")[0],
        subject=body.subject,
        time=FIRST_INSTANT,
        sequence=1,
        correlationid=UUID(int=0xC0),
        causationid=UUID(int=0xCA),
        policyversion="0123456789ab",
    )
    headers = {f"cloudEvents_{name}": value for name, value in envelope.model_dump(mode="json").items()}
    return {"headers": headers, "body": body.model_dump(mode="json")}


class _Example:
    """Makes values for schemas: ids count up, instants lie an hour apart, words repeat the field's name."""

    def __init__(self) -> None:
        self._made = 0

    def value(self, schema: Json, *, name: str) -> Json:
        if not isinstance(schema, Mapping):
            raise TypeError(f"{name}: not a schema: {schema!r}")
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list):
            return _first(schema["enum"])
        if isinstance(schema.get("anyOf"), list):
            return self.value(_first(schema["anyOf"]), name=name)
        return self._of_type(schema, name=name)

    def _of_type(self, schema: Mapping[str, Json], *, name: str) -> Json:
        self._made += 1
        made: Json
        match schema.get("type"), schema.get("format"):
            case "object", _:
                fields = schema.get("properties")
                known = fields if isinstance(fields, Mapping) else {}
                made = {field: self.value(part, name=field) for field, part in known.items()}
            case "array", _:
                made = [self.value(schema["items"], name=name)]
            case (("integer" | "number"), _):
                made = self._made
            case "string", "uuid":
                made = str(UUID(int=self._made))
            case "string", "date-time":
                made = (FIRST_INSTANT + timedelta(hours=self._made)).isoformat()
            case "string", "date":
                made = FIRST_INSTANT.date().isoformat()
            case "string", _:
                made = "12.50" if name in MONEY else name
            case kind:
                raise TypeError(f"{name}: no example for {kind}")
        return made


def _first(values: Json) -> Json:
    if not isinstance(values, list):
        raise TypeError(f"not a list: {values!r}")
    first: Json = values[0]
    return first
