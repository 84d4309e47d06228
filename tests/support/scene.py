"""A company with one of everything, of which requests are made that are right but for one thing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from shared.http.problems import PROBLEM_MEDIA_TYPE
from shared.security.roles import SCOPES
from support.company import Company
from support.footprint import Footprint
from support.operations import FORM, SHEET, Operation
from testkit.clients import Json
from testkit.patience import PATIENCE_SECONDS

OF_INTAKE = "complaint_handling"
"""What contact data is read for."""
OF_PARTS = {"GET /v1/supplier-cases/{supplier_case_id}/words": "quality_review"}
"""What a service's own words are read for."""
ATTEMPTS = 3
RAW_BODIES = {SHEET: b"staff_number\n", FORM: b"comment="}


@dataclass
class Scene:
    """One of everything there is, and somebody who may do everything."""

    company: Company
    footprint: Footprint
    ids: dict[str, str]
    bodies: Mapping[str, Json]
    before: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, str] = field(default_factory=dict)

    def ask(
        self,
        one: Operation,
        *,
        method: str | None = None,
        path: str | None = None,
        body: Json | bytes = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = "",
    ) -> httpx.Response:
        """Send the operation with everything right, but for what is given. `token=None` sends none."""
        right = {"Idempotency-Key": uuid4().hex, "If-Match": "*", "X-Purpose": OF_PARTS.get(one.name, OF_INTAKE)}
        if token != "":
            right["Authorization"] = f"Bearer {token}" if token else ""
        if one.body:
            right["Content-Type"] = one.body
            body = self.body(one) if body is None else body
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if one.body else b""
        sent = {name: value for name, value in (right | dict(headers or {})).items() if value}
        client = self.company.clients.of(one.service, role="machine", subject="all", scope=" ".join(SCOPES))
        if token is None:
            client = self.company.clients.stranger(one.service)
        return client.request(
            (method or one.method).upper(), path or one.at(self.ids), content=content or None, headers=sent
        )

    def stays(self, answer: httpx.Response) -> bool:
        """Whether nothing changes where the same is asked again: what a request changes it changes every time.

        A clock of the company may have struck, and what it began goes on for a while: that is let come to its end.
        """
        for _ in range(ATTEMPTS):
            self.company.time.settle()
            self.changes()
            self.ask_again(answer)
            if not self.changes():
                return True
        return False

    def ask_again(self, answer: httpx.Response) -> None:
        """Send what was answered so once more, as a request of its own."""
        again = answer.request
        if "Idempotency-Key" in again.headers:
            again.headers["Idempotency-Key"] = uuid4().hex
        with httpx.Client(timeout=PATIENCE_SECONDS) as client:
            client.send(again)

    def changes(self) -> Mapping[str, str]:
        """The tables that differ from when they were looked at last, and what is in them now."""
        after = self.footprint.take()
        before, self.before = self.before, after
        self.changed = {name: rows for name, rows in after.items() if before[name] != rows}
        return self.changed

    def body(self, one: Operation) -> Json | bytes:
        """A body that is right."""
        return RAW_BODIES[one.body] if one.body in RAW_BODIES else self.bodies[one.name]


def require_refused(scene: Scene, answer: httpx.Response, *, status: int, one: Operation) -> dict[str, object]:
    """The status, the documented form of a problem, and a footprint as it was before."""
    assert answer.status_code == status, f"{one}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE
    problem: dict[str, object] = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["expected"]
    assert problem["correlation_id"] == answer.headers["x-correlation-id"]
    assert not scene.changes() or scene.stays(answer), scene.changed
    return problem
