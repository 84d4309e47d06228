"""What requests carry: the base of every request model, which refuses what no rule of the business needs to see."""

from email.message import Message

from pydantic import BaseModel, ConfigDict, model_validator
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from shared.http.problems import Malformed, WrongMediaType

RAW_BODY = "aftersales.raw_body"
"""Where the reception leaves the bytes in the ASGI scope."""

SHEET_TYPE = "text/csv"
CHARSETS = {"utf-8": "utf-8-sig", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
"""What a spreadsheet may name as its charset, and how that is read; GB 18030 holds the two older ones."""


class Body(BaseModel):
    """Base of request models: unknown fields are refused, texts are trimmed and hold what PostgreSQL can keep."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _texts_can_be_stored(cls, value: object) -> object:
        waiting = [value]
        while waiting:
            match waiting.pop():
                case str(text):
                    require_storable(text)
                case dict(members):
                    waiting.extend(members)
                    waiting.extend(members.values())
                case list(items):
                    waiting.extend(items)
                case _:
                    pass
        return value


def require_storable(text: str) -> None:
    """Raise ValueError where `text` has the character NUL or half a surrogate pair, which no UTF-8 database keeps."""
    if "\x00" in text:
        raise ValueError("text without the character NUL (U+0000)")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("text without halves of surrogate pairs (U+D800 to U+DFFF)")


def raw_body(connection: HTTPConnection) -> bytes:
    """The bytes of the request as they came, whatever they are: what a signature or a fingerprint is taken of."""
    body = connection.scope.get(RAW_BODY)
    if not isinstance(body, bytes):
        raise TypeError("the application was not made by create_api")
    return body


def sheet_body(connection: HTTPConnection) -> bytes:
    """The bytes of a spreadsheet; in UTF-8 where it names its charset, else as they came.

    Raises WrongMediaType for a body that does not say it is one, or is in a charset that nobody reads here, and
    Malformed where it is not in the charset that it names.
    """
    given = Headers(scope=connection.scope).get("content-type", "")
    if given.partition(";")[0].strip().lower() != SHEET_TYPE:
        raise WrongMediaType(
            f"the body came as {given or 'something without a Content-Type'}"[:200],
            expected=f"Content-Type: {SHEET_TYPE}",
        )
    charset = _charset(given)
    if charset is None:
        return raw_body(connection)
    if charset not in CHARSETS:
        raise WrongMediaType(
            f"the charset is {charset}"[:200], expected=f"one of {', '.join(CHARSETS)}, or none for the first two"
        )
    try:
        return raw_body(connection).decode(CHARSETS[charset]).encode()
    except UnicodeDecodeError:
        raise Malformed(
            f"the file is no {charset} text", expected="the charset in which the file was saved, or none"
        ) from None


def _charset(content_type: str) -> str | None:
    """The charset that a Content-Type names, in small letters."""
    parsed = Message()
    parsed["Content-Type"] = content_type
    return parsed.get_content_charset() or None
