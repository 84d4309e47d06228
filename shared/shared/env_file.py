"""The `.env` of an installation, read as compose reads it.

Compose takes quotes, comments and `$` in it for more than characters, and puts passwords into URLs as they are. So what
would arrive as something else is refused, with a line that says what would be right.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ASSIGNMENT = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<rest>.*?)\s*")
QUOTED = re.compile(r"(?P<quote>['\"])(?P<text>[^'\"]*)(?P=quote)(\s+#.*)?")
COMMENT = re.compile(r"(^|\s+)#.*$")


class WrongValue(ValueError):
    """A value would not arrive as it was meant; the message names variable and file and says what it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a value may be made of, and how that is said."""

    pattern: str
    may_be: str


IN_URL = Kind(pattern=r"[A-Za-z0-9._~-]+", may_be="letters, digits and . _ ~ - as it is part of a URL")
PLAIN = Kind(pattern=r"[^'\"`$#\\\s](?:[^'\"`$#\\\n]*[^'\"`$#\\\s])?", may_be="anything without quotes, $, # and \\")
KEYS = Kind(pattern=r"[A-Za-z0-9+/=:,_.-]+", may_be="what `keys new` prints, id:base64,id:base64 for a ring")


def values_of(file: Path) -> dict[str, str]:
    """Every variable of the file; the last one counts where one is there twice."""
    found = (ASSIGNMENT.fullmatch(line) for line in file.read_text().splitlines())
    return {one["name"]: _unquoted(one["rest"]) for one in found if one is not None}


def require(values: Mapping[str, str], kinds: Mapping[str, Kind], *, file: Path) -> None:
    """Raises `WrongValue` for the first variable of `kinds` that is there and cannot be what it is."""
    for name, kind in kinds.items():
        value = values.get(name)
        if value is not None and not re.fullmatch(kind.pattern, value):
            wrong = "is empty" if not value else f"holds {_strange(value, kind=kind)}"
            raise WrongValue(f"{name} in {file}: {wrong}; it may be: {kind.may_be}")


def _unquoted(rest: str) -> str:
    """What stands between quotes, or the text up to a comment; quotes that do not match stay where they are."""
    quoted = QUOTED.fullmatch(rest)
    return quoted["text"] if quoted else COMMENT.sub("", rest)


def _strange(value: str, *, kind: Kind) -> str:
    """The first character that does not belong: the value itself is a secret."""
    strange = next((one for one in value if not re.fullmatch(kind.pattern, one)), None)
    return "what it may not" if strange is None else "a blank" if strange.isspace() else f"{strange!r}"
