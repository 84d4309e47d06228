"""From what pydantic and FastAPI say about a request to the problem that the caller gets."""

import types
import typing
from collections.abc import Mapping, Sequence
from typing import Literal, cast

from fastapi import params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, JsonValue
from starlette.requests import Request

from shared.http.problems import FieldError, InvalidInput, Malformed, Problem, WrongMediaType

SHOWN_CHARACTERS = 100
SHOWN_ERRORS = 50
LARGEST_SHOWN = 2**53

type Place = Literal["body", "query", "path", "header", "cookie"]


def invalid_request(request: Request, error: RequestValidationError) -> Problem:
    """400 for a body that is no JSON, 415 for one of another kind, 422 with every value that was not acceptable."""
    found = cast("Sequence[Mapping[str, object]]", error.errors())
    route = request.scope.get("route")
    body = route.body_field if isinstance(route, APIRoute) else None
    if any(one["type"] == "json_invalid" for one in found):
        position = next(cast("tuple[object, ...]", one["loc"])[-1] for one in found if one["type"] == "json_invalid")
        return Malformed(
            f"the body stops being JSON at character {position}", expected="a JSON document in UTF-8 (RFC 8259)"
        )
    if body is not None and (wanted := wrong_media_type(request, form=isinstance(body.field_info, params.Form))):
        return WrongMediaType(
            f"the body came as {request.headers.get('content-type') or 'something without a Content-Type'}"[:200],
            expected=f"Content-Type: {wanted}",
        )
    model = body.field_info.annotation if body is not None else None
    errors = [field_error(one, body=model) for one in found[:SHOWN_ERRORS]]
    return InvalidInput(
        "; ".join(f"{one.where} {one.pointer or '/'} is not acceptable" for one in errors[:5]),
        expected="; ".join(f"{one.pointer or '/'}: {one.expected}" for one in errors[:5]),
        errors=errors,
    )


def wrong_media_type(request: Request, *, form: object) -> str | None:
    """The media type that the route reads, where the request has a body and says that it is another one."""
    if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
        return None
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if form:
        right = given in {"application/x-www-form-urlencoded", "multipart/form-data"}
        return None if right else "application/x-www-form-urlencoded or multipart/form-data"
    right = given == "application/json" or (given.startswith("application/") and given.endswith("+json"))
    return None if right else "application/json"


def field_error(error: Mapping[str, object], *, body: object = None) -> FieldError:
    """One pydantic error as one line of a problem; `body` is the request model, to name the fields that exist."""
    location = cast("tuple[str | int, ...]", error["loc"])
    place, path = cast("Place", location[0]), location[1:]
    if error["type"] == "extra_forbidden":
        expected = f"one of the fields {known_fields(body, path=path[:-1])}"
    else:
        expected = said(str(error["msg"]))
    pointer = "".join(f"/{escaped(part)}" for part in path) if place == "body" else "/".join(map(str, path))
    given = None if error["type"] == "missing" else shown(error.get("input"))
    return FieldError(where=place, pointer=pointer[:200], given=given, expected=expected)


def said(message: str) -> str:
    """Pydantic's message as what would be right: without the preamble that says that it is not."""
    for preamble in ("Input should be ", "Value error, ", "Assertion failed, ", "Value should "):
        message = message.removeprefix(preamble)
    return "a value: this field is required" if message == "Field required" else message


def shown(value: object) -> JsonValue:
    """What the caller sent, short enough to send back."""
    match value:
        case str() if len(value) > SHOWN_CHARACTERS:
            return value[:SHOWN_CHARACTERS] + "…"
        case None | bool() | str():
            return value
        case int() | float():
            return value if abs(value) < LARGEST_SHOWN else "a number outside the range"
        case dict() | list() | tuple():
            return f"{'an object' if isinstance(value, dict) else 'an array'} of {len(value)}"
        case _:
            return type(value).__name__


def escaped(part: str | int) -> str:
    """One token of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def known_fields(annotation: object, *, path: Sequence[str | int]) -> str:
    """The fields of the model at `path` below `annotation`, or a hint where the types do not tell."""
    for part in path:
        annotation = step_into(annotation, part=part)
    model = the_model(annotation)
    if model is None:
        return "that the documentation names"
    return ", ".join(sorted(field.alias or name for name, field in model.model_fields.items()))


def step_into(annotation: object, *, part: str | int) -> object:
    """The annotation of the field or item `part` of what `annotation` describes."""
    if isinstance(part, int):
        arguments = typing.get_args(annotation)
        return arguments[0] if arguments else None
    model = the_model(annotation)
    if model is None:
        return None
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    return fields[part].annotation if part in fields else None


def the_model(annotation: object) -> type[BaseModel] | None:
    """The one model that `annotation` names, also inside `Annotated` or `… | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) in {typing.Union, typing.Annotated}:
        models = [found for one in typing.get_args(annotation) if (found := the_model(one))]
        return models[0] if len(models) == 1 else None
    return None
