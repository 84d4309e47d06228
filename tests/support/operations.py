"""Every operation that the services document, so that a test may try the same on each of them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from testkit.suite import ROOT, SERVICES

DOCUMENTS = ROOT / "docs" / "openapi"
METHODS = ("patch", "put", "delete", "post", "get")
JSON_BODY, SHEET, FORM = "application/json", "text/csv", "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Operation:
    """One method of one path, as the service's OpenAPI document has it."""

    service: str
    method: str
    path: str
    body: str | None
    answers: frozenset[int]
    needs_token: bool

    def __str__(self) -> str:
        return f"{self.service}: {self.name}"

    @property
    def name(self) -> str:
        """Without its service: `POST /v1/cases`."""
        return f"{self.method.upper()} {self.path}"

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The ids in its path."""
        return tuple(name for name in re.findall(r"{(\w+)}", self.path) if name.endswith("_id"))

    def at(self, ids: Mapping[str, str]) -> str:
        """Its path with the values of its parameters; a `token` is that of the service's own page."""
        return self.path.replace("{token}", f"{{{self.service}_token}}").format_map(ids)


def operations() -> list[Operation]:
    """All of them but those that prove themselves by a signature."""
    return [
        Operation(
            service=service,
            method=method,
            path=path,
            body=next(iter(described.get("requestBody", {}).get("content", {})), None),
            answers=frozenset(map(int, described["responses"])),
            needs_token=bool(described.get("security")),
        )
        for service in SERVICES
        for path, methods in json.loads((DOCUMENTS / f"{service}.json").read_text())["paths"].items()
        for method, described in methods.items()
        if not path.startswith("/v1/push/")
    ]


def operation(name: str) -> Operation:
    """The one of this name, such as `POST /v1/cases`."""
    return next(one for one in operations() if one.name == name)


def unknown_methods() -> list[tuple[Operation, str]]:
    """A method that each path does not have, on one of its operations."""
    known: dict[tuple[str, str], list[Operation]] = {}
    for one in operations():
        known.setdefault((one.service, one.path), []).append(one)
    return [
        (of_path[0], next(method for method in METHODS if method not in {one.method for one in of_path}))
        for of_path in known.values()
    ]
