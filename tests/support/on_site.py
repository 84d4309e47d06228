"""One order of a dispatch in a test, and the technician who works on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from shared.contracts.dispatch import PartsRequested
from shared.contracts.facts import PartNeed
from shared.contracts.intake import CaseCleared
from support.case_events import START, cleared
from support.control_room import ControlRoom
from support.parts_events import parts_desk

LATER = START + timedelta(hours=4)  # 13:00 in Shanghai
SIGNED = {"signer": "王小明", "signature": "c2lnbmVkIGJ5IGhhbmQ="}
SIGN_OFF = SIGNED | {"opinion": "satisfied", "comment": "师傅很准时"}
DONE = {
    "findings": "主板老化,已更换",
    "resolution": "adjusted",
    "work_minutes": 45,
    "travel_minutes": 30,
    "expenses": [{"kind": "transport", "amount": "12.00"}, {"kind": "parking", "amount": "5.50", "voucher": "P-77"}],
    "test_run": "passed",
}
NOT_DONE = {"reason": "parts_missing", "explanation": "缺少主板,已说明", "work_minutes": 20, "travel_minutes": 30}
TAKE_IN = SIGNED | {"description": "壁挂炉一台", "units": 1}
REPAIRED = {"work_minutes": 90, "findings": "更换密封圈"}
type Json = Any


@dataclass(kw_only=True)
class Job:
    """An order whose technician is T1, unless somebody else is named."""

    room: ControlRoom
    case: CaseCleared
    technician: str = "T1"
    known_as: str = ""

    async def order_id(self) -> str:
        """The order of the first round."""
        self.known_as = self.known_as or (await self.room.order(self.case.case_id))["id"]
        return self.known_as

    async def order(self) -> Json:
        """That order, whole."""
        return await self.room.get(f"/v1/work-orders/{await self.order_id()}")

    async def agree(self, starts_at: datetime = LATER) -> Json:
        """A window is agreed."""
        answer = await self.room.agree(self.case.case_id, starts_at=starts_at)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def visit(self) -> Json:
        """The visit that was agreed last."""
        found = await self.room.get(f"/v1/visits?work_order_id={await self.order_id()}")
        return max(found["items"], key=lambda visit: visit["id"])

    async def ask(
        self, step: str, body: Mapping[str, object] | None = None, *, role: str = "technician", subject: str = ""
    ) -> httpx.Response:
        """Take a step of the visit as it is now."""
        visit = await self.visit()
        path = f"/v1/visits/{visit['id']}/{step}"
        return await self.room.post(path, body, role=role, subject=subject or self.technician, version=visit["version"])

    async def step(self, step: str, body: Mapping[str, object] | None = None) -> Json:
        """A step that has to be possible."""
        answer = await self.ask(step, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def go(self, *steps: str) -> None:
        """Several steps without a body."""
        for step in steps:
            await self.step(step)

    async def draw(self, *lines: PartNeed) -> None:
        """The order asks for parts, and the store issues them."""
        asked = {"lines": [line.model_dump() for line in lines]}
        assert (await self.on_order("parts-requests", asked)).status_code == 201
        desk = parts_desk((await self.room.said(PartsRequested))[-1])
        await self.room.hear(desk.reserved(START), desk.issued(START, lines=lines))

    async def on_order(self, what: str, body: Mapping[str, object], *, role: str = "technician") -> httpx.Response:
        """Do something with the order."""
        subject = self.technician if role == "technician" else "D1"
        return await self.room.post(f"/v1/work-orders/{await self.order_id()}/{what}", body, role=role, subject=subject)


async def assigned_job(room: ControlRoom, case: CaseCleared | None = None) -> Job:
    """An order that T1 accepted."""
    job = Job(room=room, case=case or cleared())
    await room.add_technician(job.technician)
    await room.hear(job.case)
    await room.accept(job.technician)
    return job


async def agreed_job(room: ControlRoom, case: CaseCleared | None = None) -> Job:
    """An order whose visit is agreed."""
    job = await assigned_job(room, case)
    await job.agree()
    return job


async def item_step(
    room: ControlRoom, item: Json, step: str, body: Mapping[str, object] | None = None, *, by: str = "technician"
) -> httpx.Response:
    """Do something with what was taken in."""
    subject = "T1" if by == "technician" else f"{by}-1"
    return await room.post(f"/v1/items/{item['id']}/{step}", body, role=by, subject=subject)
