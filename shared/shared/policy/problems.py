"""What is wrong with a policy file, said so that its author can put it right."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, TypeAliasType, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

LONGEST_ECHO = 80

type Place = tuple[int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyProblem:
    """One thing that is wrong: where, what was given and what would be right. `key` is dotted, empty for the file."""

    file: str
    key: str
    given: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: {self.given}; expected {self.expected}"


class PolicyError(Exception):
    """A policy file that cannot be obeyed. `problems` holds all that is wrong with it, not only the first."""

    def __init__(self, *problems: PolicyProblem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def problems_of(
    error: ValidationError, *, model: type[BaseModel], file_of: Callable[[Place], Path]
) -> Iterator[PolicyProblem]:
    """Every error that pydantic found, in the words of the files' author; `file_of` says which file has a place."""
    for details in error.errors(include_url=False):
        given, expected = _wording(details, model)
        place = details["loc"]
        yield PolicyProblem(file=str(file_of(place)), key=_dotted(place), given=given, expected=expected)


def near(given: str, names: list[str]) -> str:
    """The names that somebody who wrote `given` may have meant; all of them where none is near and they are few."""
    close = get_close_matches(given, names, n=3, cutoff=0.5) or (names if len(names) <= 40 else [])  # noqa: PLR2004 - a screen
    return ", ".join(close)


def _wording(details: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    place = details["loc"]
    match details["type"]:
        case "extra_forbidden":
            names = sorted(_fields(_annotation_at(model, place[:-1])))
            return "is not known here", f"one of: {near(str(place[-1]), names)}"
        case "missing":
            return "is missing", _description(model, place)
        case "literal_error" | "enum":
            return _echo(details["input"]), f"one of: {details['ctx']['expected'].replace(' or ', ', ')}"
        case _:
            return _echo(details["input"]), details["msg"].removeprefix("Value error, ").removeprefix(
                "Input should be "
            )


def _echo(given: object) -> str:
    if isinstance(given, dict | list):
        return "is not accepted"  # what is wrong with a whole section is said by what would be right
    text = json.dumps(given, ensure_ascii=False, default=str)
    return f"{text if len(text) <= LONGEST_ECHO else text[:LONGEST_ECHO] + '…'} given"


def _dotted(place: Place) -> str:
    """As TOML writes a key: a part with dots of its own stands in quotes."""
    return ".".join(f'"{part}"' if "." in str(part) else str(part) for part in place)


def _fields(annotation: object) -> dict[str, FieldInfo]:
    """The keys that a section may have, as the file writes them."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return {}
    return {field.alias or name: field for name, field in annotation.model_fields.items()}


def _description(model: type[BaseModel], place: Place) -> str:
    field = _fields(_annotation_at(model, place[:-1])).get(str(place[-1]))
    if field is None:
        return "a value"
    if field.description:
        return field.description
    keys = ", ".join(_fields(_bare(field.annotation)))
    return f"a section with: {keys}" if keys else f"a value of type {getattr(field.annotation, '__name__', 'text')}"


def _annotation_at(annotation: object, place: Place) -> object:
    """The type that a section declares at a place of the file, None where it declares nothing."""
    bare = _bare(annotation)
    if not place:
        return bare
    if fields := _fields(bare):
        field = fields.get(str(place[0]))
        return _annotation_at(field.annotation, place[1:]) if field else None
    arguments = get_args(bare)
    if not arguments:
        return None
    return _annotation_at(arguments[1] if get_origin(bare) is dict else arguments[0], place[1:])


def _bare(annotation: object) -> object:
    """Without aliases and annotations; of a union the member that can have keys."""
    if isinstance(annotation, TypeAliasType):
        return _bare(annotation.__value__)
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        members = [_bare(member) for member in get_args(annotation)]
        return next((member for member in members if _fields(member) or get_args(member)), members[0])
    return annotation
