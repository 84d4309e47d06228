"""One JSON Schema per event, and what in a new one would break those who know the old one."""

from collections.abc import Iterator, Mapping, Sequence

from shared.contracts.envelope import Event

type Json = bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None
type Schema = dict[str, Json]


def schema_of(event: type[Event]) -> Schema:
    """The JSON Schema (draft 2020-12) of the event's body as its publisher writes it."""
    schema: Schema = event.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": event.TYPE, **schema}


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """What a reader of `old` would miss in a message of `new`, or a reader of `new` in a stored message of `old`.

    A new optional field is the only change that keeps the version; words may change freely.
    """
    return list(_breaks("", resolved(old), resolved(new)))


def _breaks(path: str, old: Json, new: Json) -> Iterator[str]:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        if old != new:
            yield f"{path or '/'}: was {old!r}, is {new!r}"
        return
    old_fields, new_fields = _mapping(old.get("properties")), _mapping(new.get("properties"))
    for name, field in old_fields.items():
        if name in new_fields:
            yield from _breaks(f"{path}/{name}", field, new_fields[name])
        else:
            yield f"{path}/{name}: the field is gone"
    known = _names(old.get("required"))
    for name in _names(new.get("required")) - known:
        yield f"{path}/{name}: is required now, messages that are stored or on their way lack it"
    for name in known - _names(new.get("required")):
        if name in new_fields:
            yield f"{path}/{name}: may be missing now, readers count on it"
    for keyword in _keywords(old) | _keywords(new):
        if keyword in old and keyword in new:
            yield from _breaks_of_keyword(f"{path}:{keyword}", old[keyword], new[keyword])
        else:
            yield f"{path}:{keyword}: was {old.get(keyword)!r}, is {new.get(keyword)!r}"


def _breaks_of_keyword(path: str, old: Json, new: Json) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _breaks(path, old, new)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _breaks(f"{path}/{number}", one, other)
    elif old != new:
        yield f"{path}: was {old!r}, is {new!r}"


def _keywords(schema: Mapping[str, Json]) -> set[str]:
    wordy = {"properties", "required", "title", "description", "default", "examples", "$defs", "$id", "$schema"}
    return set(schema) - wordy


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _names(value: Json) -> set[str]:
    return {str(name) for name in value} if isinstance(value, list) else set()


def resolved(schema: Schema) -> Json:
    """The schema with every `$ref` replaced by what it points to, and without `$defs`."""
    definitions = _mapping(schema.get("$defs"))

    def inline(value: Json) -> Json:
        if isinstance(value, Mapping):
            reference = value.get("$ref")
            if isinstance(reference, str):
                return inline(definitions[reference.removeprefix("#/$defs/")])
            return {key: inline(part) for key, part in value.items() if key != "$defs"}
        return [inline(part) for part in value] if isinstance(value, list) else value

    return inline(schema)
