"""What clients were told: one JSON line for each request that they sent, whatever came of it.

    {"key": "…", "what": "case", "makes": true, "invoked": "…", "done": "…", "outcome": "ok", "status": 201, …}

A client that is not answered does not know whether its request was carried out: that is `info`, and whoever checks the
history has to be content with either. The same key again is the same request again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from uuid import UUID

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

type Outcome = Literal["ok", "fail", "info"]

_ID = TypeAdapter(UUID)

RESOURCES: Mapping[str, str] = MappingProxyType(
    {
        "cases": "case",
        "customers": "customer",
        "units": "unit",
        "work-orders": "work_order",
        "offers": "offer",
        "visits": "visit",
        "items": "item",
        "technicians": "technician",
        "requests": "request",
        "claim-orders": "claim_order",
        "deposits": "deposit",
        "parts": "part",
    }
)
"""What an answer's id names, by the part of the path that stands for it."""


class Request(BaseModel):
    """One line: a request and what came of it, by the client's own clock."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="the Idempotency-Key")
    what: str = Field(description="what the answer's id names: case, visit, deposit …")
    makes: bool = Field(description="whether it makes one, and does not change one that is there")
    invoked: AwareDatetime
    done: AwareDatetime
    outcome: Outcome = Field(description="ok: 2xx; fail: refused; info: timed out, reset or 5xx, so nobody knows")
    status: int | None = Field(default=None, description="of the answer, where there was one")
    id: UUID | None = Field(default=None, description="of what was made or changed, as a good answer names it")
    answer: str | None = Field(default=None, description="digest of a good answer's body")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A request that is on its way: under which key, what it is about, and since when."""

    key: str
    what: str
    makes: bool
    invoked: datetime

    @classmethod
    def of(cls, path: str, *, key: str) -> "Sending":
        """A POST to a path of one of the services, from now on; it is about the last thing that the path names."""
        parts = path.strip("/").split("/")
        last = next((part for part in reversed(parts) if part in RESOURCES), parts[-1])
        return cls(key=key, what=RESOURCES.get(last, last), makes=parts[-1] == last, invoked=now())


class History:
    """What one client was told, appended line by line, so that a client that is killed leaves what it knew."""

    def __init__(self, file: Path) -> None:
        self._lines = file.open("a", encoding="utf-8", buffering=1)

    def answered(self, sending: Sending, *, answer: httpx.Response) -> None:
        """The request got this answer, whatever it says."""
        if answer.is_success:
            made, digest = _ID.validate_python(answer.json()["id"]), sha256(answer.content).hexdigest()
            self._note(sending, outcome="ok", status=answer.status_code, id_=made, digest=digest)
        else:
            self._note(sending, outcome="info" if answer.is_server_error else "fail", status=answer.status_code)

    def unanswered(self, sending: Sending) -> None:
        """The request got no answer: it timed out, or the connection was reset or refused."""
        self._note(sending, outcome="info")

    def close(self) -> None:
        """Nothing more is written."""
        self._lines.close()

    def _note(
        self,
        sending: Sending,
        *,
        outcome: Outcome,
        status: int | None = None,
        id_: UUID | None = None,
        digest: str | None = None,
    ) -> None:
        line = Request(
            key=sending.key,
            what=sending.what,
            makes=sending.makes,
            invoked=sending.invoked,
            done=now(),
            outcome=outcome,
            status=status,
            id=id_,
            answer=digest,
        )
        self._lines.write(line.model_dump_json(exclude_none=True) + "\n")


def now() -> datetime:
    """The client's own clock; no service's, for the two may differ."""
    return datetime.now(UTC)


def read_history(files: Iterable[Path]) -> tuple[Request, ...]:
    """Everything that clients wrote, in the order in which it was done. A last line that was cut off is left out."""
    requests = [
        Request.model_validate_json(line)
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines(keepends=True)
        if line.endswith("\n")
    ]
    return tuple(sorted(requests, key=lambda request: request.done))
