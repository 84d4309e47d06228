"""What every adapter reads: one push as it arrived, its fields whatever their encoding, and what it tells of a call."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field

from intake.domain.calls import CallEvent
from shared.refusals import Refusal

LONGEST_CALL_ID = 255
JSON_TYPES = frozenset({"application/json", "text/json"})
CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.ASCII | re.IGNORECASE)
PROBE = b"a\xff"
BYTE_ORDER_MARK = "\ufeff"

type Fields = Mapping[str, tuple[str, ...]]
"""Field name to its values; a field that is absent or empty has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A request as it came. `url` is the one that the vendor called: the configured public base, path and query.

    `headers` have lower-case names. `token` is the secret of a drop-in path, empty elsewhere.
    """

    method: str
    url: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    token: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a push tells: the exchange's id of the call, and the event in the suite's own words."""

    call_id: str
    event: CallEvent


def fields_of(push: Push) -> Fields:
    """JSON, urlencoded and multipart bodies all become fields; a GET has them in its query.

    A body that begins with `{` is JSON whatever it is called: scripts send it without a Content-Type, or as the form
    that curl says by itself. The charset of the Content-Type counts where it is one; bytes that do not fit become
    question marks. Names of list fields lose their `[]`. Raises `Refusal` (`unreadable_push`) for a body that is none
    of these.
    """
    content_type = push.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if push.method == "GET":
        return _collect(parse_qsl(push.query, keep_blank_values=True))
    if content_type == "multipart/form-data":
        return _collect(_multipart_pairs(push))
    encoding = _charset(push) or json.detect_encoding(push.body)
    text = push.body.decode(encoding, errors="replace").removeprefix(BYTE_ORDER_MARK)
    if content_type in JSON_TYPES or text.lstrip().startswith("{"):
        return _collect(_json_pairs(text))
    return _collect(parse_qsl(text, keep_blank_values=True, encoding=encoding))


def first(fields: Fields, *names: str) -> str:
    """The first value of the first of these fields that has one, else an empty text."""
    return next((fields[name][0] for name in names if name in fields), "")


def require_call_id(fields: Fields, name: str) -> str:
    """The exchange's own id of the call; without one nothing can be told apart."""
    call_id = first(fields, name)
    if not 1 <= len(call_id) <= LONGEST_CALL_ID:
        raise Refusal(
            "no_call_id",
            detail=f"The push has no `{name}` that could name a call.",
            expected=f"`{name}`: 1 to {LONGEST_CALL_ID} characters, the same in every push about one call",
        )
    return call_id


def _collect(pairs: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Fields:
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if text := _storable(value).strip():
            bare = name.removesuffix("[]")
            fields[bare] = (*fields.get(bare, ()), text)
    return fields


def _charset(push: Push) -> str | None:
    """What the Content-Type says that the text is written in; None where it says nothing that decodes."""
    named = CHARSET.search(push.headers.get("content-type", ""))
    if named is None:
        return None
    try:
        PROBE.decode(named[1], errors="replace")
    except (LookupError, ValueError):
        return None
    return named[1]


def _json_pairs(text: str) -> Iterator[tuple[str, str]]:
    try:
        # an id of digits keeps every digit; a line break within a text is no reason to lose a call
        document = json.loads(text, parse_int=str, parse_float=str, strict=False)
    except (ValueError, RecursionError):
        raise _unreadable("The body says it is JSON and is not.") from None
    if not isinstance(document, dict):
        raise _unreadable("The body is JSON, but not an object with named fields.")
    for name, value in document.items():
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                yield name, item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


def _multipart_pairs(push: Push) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    encoding = _charset(push) or "utf-8"

    def keep(field: Field) -> None:
        name, value = field.field_name or b"", field.value or b""
        pairs.append((name.decode(encoding, errors="replace"), value.decode(encoding, errors="replace")))

    try:
        headers = {"Content-Type": push.headers["content-type"].encode()}
        parse_form(headers, io.BytesIO(push.body), keep, None)
    except (FormParserError, ValueError):
        raise _unreadable("The body says it is a multipart form and is not.") from None
    return pairs


def _storable(text: str) -> str:
    """Characters that no database takes (NUL, halves of surrogate pairs) become question marks."""
    return text.replace("\x00", "?").encode("utf-8", "replace").decode()


def _unreadable(detail: str) -> Refusal:
    return Refusal(
        "unreadable_push",
        detail=detail,
        expected="a JSON object, an urlencoded form or a multipart form, named by its Content-Type",
    )
