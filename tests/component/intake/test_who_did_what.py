"""Everything that somebody does stands in the audit log: who, to what, and no contact data (R048)."""

import json
from collections.abc import Awaitable, Callable
from uuid import uuid4

import httpx
import pytest

from support.case_news import hear, joined
from support.front_desk import PUBLIC_BASE, FrontDesk, quote, repair, unit, zammad_source

type Json = dict[str, object]
type Deed = Callable[[FrontDesk], Awaitable[object]]

SHEET = "serial_number,product_family,product_model,sold_on,warranty_months\nB24-0001,boiler,B-24,2020-01-15,{months}\n"
MOVED: Json = {"public_base": PUBLIC_BASE, "country": "DE", "networks": ["203.0.113.0/24"]}


async def registered(desk: FrontDesk) -> Json:
    await desk.create("/v1/units", unit())
    return await desk.create("/v1/cases", repair(), role="agent")


async def step(desk: FrontDesk, case: Json, part: str, form: Json | None = None, *, role: str = "agent") -> Json:
    path = part if part.startswith("/") else f"/v1/cases/{case['id']}/{part}"
    answer = await desk.change(path, form, version=case["version"], role=role)
    assert answer.is_success, answer.text
    after: Json = answer.json()
    return after


def last_of(case: Json, part: str) -> str:
    parts = case[part]
    assert isinstance(parts, list)
    return str(parts[-1]["id"])


async def replaced(desk: FrontDesk, path: str, form: Json) -> httpx.Response:
    answer = await desk.client("admin").put(path, json=form, headers={"If-Match": "*", "Idempotency-Key": uuid4().hex})
    assert answer.is_success, answer.text
    return answer


async def change_a_source(desk: FrontDesk) -> None:
    source = await desk.create("/v1/push-sources", zammad_source())
    await replaced(desk, f"/v1/push-sources/{source['id']}", MOVED)


async def import_a_source_twice(desk: FrontDesk) -> None:
    rows = "name,adapter,secret,public_base,country\npbx,zammad,a-long-enough-secret,https://a.example,{country}\n"
    for country in ("CN", "DE"):
        assert (await desk.load("/v1/push-sources/import", rows.format(country=country))).json()["applied"] is True


async def change_a_unit(desk: FrontDesk) -> None:
    made = await desk.create("/v1/units", unit())
    await replaced(desk, f"/v1/units/{made['id']}", unit(months=36))


async def import_a_unit_twice(desk: FrontDesk) -> None:
    for months in (24, 36):
        assert (await desk.load("/v1/units/import", SHEET.format(months=months))).json()["applied"] is True


async def add_a_customer(desk: FrontDesk) -> None:
    await desk.create("/v1/customers", {"name": "王小明", "phones": ["13800138000"]}, role="agent")


async def offer(desk: FrontDesk) -> Json:
    return await step(desk, await registered(desk), "quotes", quote())


async def accept(desk: FrontDesk) -> None:
    case = await offer(desk)
    await step(desk, case, f"quotes/{last_of(case, 'quotes')}/acceptance", {"by": "customer"})


async def refuse_and_waive(desk: FrontDesk) -> None:
    case = await offer(desk)
    case = await step(desk, case, f"quotes/{last_of(case, 'quotes')}/refusal", {"by": "customer"})
    path = f"/v1/approvals/{last_of(case, 'approvals')}/decision"
    await step(desk, case, path, {"decision": "approved"}, role="marketing_vp")


async def hold_and_release(desk: FrontDesk) -> None:
    case = await step(desk, await registered(desk), "holds", {"reason": "customer"})
    await step(desk, case, f"holds/{last_of(case, 'holds')}/release")


async def cancel(desk: FrontDesk) -> None:
    await step(desk, await registered(desk), "cancellation", {"reason": "duplicate"})


async def contact(desk: FrontDesk) -> None:
    await step(desk, await registered(desk), "contact")


async def hand_over(desk: FrontDesk) -> None:
    await hear(desk, joined("zhao"))
    await step(desk, await registered(desk), "owner", {"owner_id": "zhao"})


REGISTERED = ["unit_set_up", "customer_added", "site_added", "case_registered"]


@pytest.mark.rule("R048")
@pytest.mark.parametrize(
    ("deed", "actions"),
    [
        (change_a_source, ["source_set_up", "source_changed"]),
        (import_a_source_twice, ["source_set_up", "source_changed"]),
        (change_a_unit, ["unit_set_up", "unit_changed"]),
        (import_a_unit_twice, ["unit_set_up", "unit_changed"]),
        (add_a_customer, ["customer_added"]),
        (accept, [*REGISTERED, "quote_offered", "quote_accepted"]),
        (refuse_and_waive, [*REGISTERED, "quote_offered", "quote_refused", "approval_decided"]),
        (hold_and_release, [*REGISTERED, "case_held", "case_released"]),
        (cancel, [*REGISTERED, "case_cancelled"]),
        (contact, [*REGISTERED, "case_contacted"]),
        (hand_over, [*REGISTERED, "case_handed_over"]),
    ],
)
async def test_what_somebody_does_is_written_down_without_contact_data(
    desk: FrontDesk, deed: Deed, actions: list[str]
) -> None:
    await deed(desk)
    assert await desk.audited() == actions
    entries = (await desk.client("auditor").get("/v1/audit")).json()["items"]
    assert {entry["actor_id"] for entry in entries} == {"li"}
    written = json.dumps(entries, ensure_ascii=False)
    for secret in ("王小明", "13800138000", "138****8000", "中关村", "早上开始不热", "更换点火器", "secret-1"):
        assert secret not in written
