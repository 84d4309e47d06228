"""Texts with `{fields}` in them: which fields a text asks for, whether an event has them, and the text filled in."""

import re
from collections.abc import Callable, Mapping
from typing import TypeAliasType, get_args

from pydantic import BaseModel

FIELD = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)*)\}")
BRACE = re.compile(r"[{}]")
NOTHING = "–"  # what stands for a field that is not there


def fields_of(text: str) -> frozenset[str]:
    """The fields that stand in a text. Raises ValueError for braces that name none."""
    if BRACE.search(FIELD.sub("", text)):
        raise ValueError(f"fields such as {{case_number}} or {{clock.due_at}}, and no other braces; {text!r} has some")
    return frozenset(FIELD.findall(text))


def has_field(model: type[BaseModel], path: str) -> bool:
    """Whether events of this model have the field; a dot leads into a part: `clock.due_at`."""
    name, _, rest = path.partition(".")
    field = model.model_fields.get(name)
    if field is None:
        return False
    return not rest or any(has_field(part, rest) for part in _models(field.annotation))


def field_names(model: type[BaseModel]) -> list[str]:
    """The fields of a model and of its parts, for whoever misspelt one."""
    names = []
    for name, field in model.model_fields.items():
        parts = _models(field.annotation)
        names += [f"{name}.{below}" for part in parts for below in field_names(part)] or [name]
    return sorted(names)


def value_at(facts: Mapping[str, object], path: str) -> object:
    """What an event says at a path; None where it says nothing."""
    found: object = facts
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def fill(text: str, *, facts: Mapping[str, object], word: Callable[[object], str]) -> str:
    """The text with what the event says in place of its fields; `word` writes a value as people read it."""

    def written(found: re.Match[str]) -> str:
        value = value_at(facts, found[1])
        return NOTHING if value is None else word(value)

    return FIELD.sub(written, text)


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, TypeAliasType):
        return _models(annotation.__value__)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if type(None) in get_args(annotation):
        return [model for member in get_args(annotation) for model in _models(member)]
    return []
