"""What a technician does on his own visits, with his own token: from packing the van to the customer's signature."""

import base64
from collections.abc import Mapping, Sequence
from uuid import UUID

from testkit.clients import Document, Json, Person

SIGNATURE = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M1 9 9 1"/></svg>').decode()
TAKEN: Mapping[str, Json] = {
    "work_minutes": 45,
    "travel_minutes": 30,
    "expenses": [{"kind": "transport", "amount": "12.00"}],
}
"""What a visit takes, unless a story says otherwise."""


class TechnicianAtWork:
    """One technician. Every step is done on the present version of the visit or order; all raise `Refused`."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def step(self, visit_id: UUID, step: str, body: Mapping[str, Json] | None = None) -> Document:
        """`preparation`, `departure`, `arrival`, `start` …"""
        path = f"/v1/visits/{visit_id}"
        return self.person.change(f"{path}/{step}", body or {}, of=path)

    def go(self, visit_id: UUID) -> None:
        """From the depot to the unit, tools in hand; prepared for the trip already."""
        for step in ("departure", "arrival", "start"):
            self.step(visit_id, step)

    def complete(self, visit_id: UUID, *, resolution: str = "repaired", fitted: Sequence[Json] = ()) -> Document:
        """R280: repaired and tried; `fitted` are lines of parts that stay in the unit."""
        report: dict[str, Json] = {
            "findings": "主板老化,已更换并试机正常",
            "resolution": resolution,
            "fitted": list(fitted),
            "test_run": "passed",
            **TAKEN,
        }
        return self.step(visit_id, "completion", report)

    def leave_unfinished(self, visit_id: UUID, *, reason: str, parts: Sequence[Json] = ()) -> Document:
        """R261: not today; `parts` are lines of what is missing."""
        report: dict[str, Json] = {"reason": reason, "explanation": "缺少配件,已向客户说明", **TAKEN}
        return self.step(visit_id, "unfinished", report | ({"parts": list(parts)} if parts else {}))

    def sign_off(self, order_id: UUID, *, opinion: str = "satisfied") -> Document:
        """R260: the customer signs and says how it was."""
        path = f"/v1/work-orders/{order_id}"
        words: dict[str, Json] = {
            "signer": "客户本人",
            "signature": SIGNATURE,
            "opinion": opinion,
            "comment": "师傅很准时",
        }
        return self.person.change(f"{path}/sign-off", words, of=path)
