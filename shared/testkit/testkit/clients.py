"""HTTP clients as the people of the suite use them: with their token, an Idempotency-Key, and the version they read."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

import httpx

type Json = bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None
type Document = dict[str, Json]


class Refused(RuntimeError):
    """The service answered with a problem; the message says what was asked and what was wrong."""

    def __init__(self, answer: httpx.Response) -> None:
        request = answer.request
        super().__init__(f"{request.method} {request.url.path}: {answer.status_code} {answer.text}")
        self.answer = answer


class Person:
    """Somebody with a role at one service. Every method raises `Refused` on an answer that is not 2xx."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def read(self, path: str, **query: str) -> Document:
        """`GET`."""
        return _document(self.client.get(path, params=query))

    def create(self, path: str, body: Mapping[str, Json]) -> Document:
        """`POST` under a new Idempotency-Key."""
        return _document(self.client.post(path, json=body, headers={"Idempotency-Key": str(uuid4())}))

    def change(self, path: str, body: Mapping[str, Json], *, of: str) -> Document:
        """`POST` on the version that `of` has now."""
        tag = _answered(self.client.get(of)).headers["ETag"]
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": tag}
        return _document(self.client.post(path, json=body, headers=headers))

    def upload(self, path: str, sheet: str) -> Document:
        """Import a spreadsheet: first the dry run, then for good."""
        content = sheet.encode()
        headers = {"Content-Type": "text/csv"}
        _answered(self.client.post(path, content=content, params={"mode": "dry_run"}, headers=headers))
        return _document(self.client.post(path, content=content, params={"mode": "apply"}, headers=headers))


def text(document: Document, field: str) -> str:
    """A field that is a text."""
    value = document[field]
    if not isinstance(value, str):
        raise TypeError(f"{field} is not a text: {value!r}")
    return value


def items(document: Document, field: str = "items") -> list[Document]:
    """The documents of a list that is a field, by default the items of a page."""
    found = document[field]
    return [dict(item) for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _answered(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise Refused(answer)
    return answer


def _document(answer: httpx.Response) -> Document:
    document: Document = _answered(answer).json() if answer.content else {}
    return document
