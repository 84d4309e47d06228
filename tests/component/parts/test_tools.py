"""Tools are lent and come back, are overdue, lost and made good, or bought in the field (R317 to R319)."""

from datetime import timedelta

import pytest

from shared.contracts.parts import ToolOverdue
from support.parts_news import completed, requested
from support.parts_store import PartsStore
from support.service_room import Json

SCOPE = {"code": "T-OSC-2", "name_zh": "示波器", "name_en": "Oscilloscope", "model": "OSC-2", "price": "880.00"}
SHEET = (
    "code,name_zh,name_en,model,price\nT-OSC-2,示波器,Oscilloscope,OSC-2,880\nT-TQ-1,扭矩扳手,Torque wrench,TQ-1,300\n"
)


async def lent(store: PartsStore, **more: object) -> Json:
    """T07 has the oscilloscope."""
    if not (await store.get("/v1/tools"))["items"]:
        assert (await store.post("/v1/tools", SCOPE)).status_code == 201
    loan = await store.post("/v1/tool-loans", {"tool_code": "T-OSC-2", "borrower": "T07", **more})
    assert loan.status_code == 201, loan.text
    return loan.json()


async def test_tools_are_registered_from_a_spreadsheet_and_changed_one_by_one(store: PartsStore) -> None:
    async with store.client("admin") as client:
        for counted in ("created", "unchanged"):
            report = await client.post(
                "/v1/tools/import?mode=apply", content=SHEET.encode(), headers={"Content-Type": "text/csv"}
            )
            assert report.json()[counted] == 2, report.text
        changed = await client.put("/v1/tools/T-OSC-2", json=SCOPE | {"price": "900"}, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.json()["price"]) == (200, "900.00")
        other = await client.put("/v1/tools/T-TQ-1", json=SCOPE, headers={"If-Match": '"1"'})
        assert other.status_code == 409
    assert [one["code"] for one in (await store.get("/v1/tools?search=wrench"))["items"]] == ["T-TQ-1"]


@pytest.mark.rule("R334")
async def test_whoever_borrows_a_tool_reads_to_look_after_it(store: PartsStore) -> None:
    loan = await lent(store)
    [told] = loan["guidance"]
    assert (told["rule"], "Look after the tools" in told["text"]["en"]) == ("R334", True)
    back = await store.post(f"/v1/tool-loans/{loan['id']}/return", {})
    assert back.json()["guidance"] == (await store.get(f"/v1/tool-loans/{loan['id']}"))["guidance"] == [told]


@pytest.mark.rule("R317")
async def test_a_loan_says_who_has_the_tool_and_nobody_else_gets_it_until_it_is_back(store: PartsStore) -> None:
    loan = await lent(store)
    assert (loan["borrower"], loan["state"]) == ("T07", "lent")
    taken = await store.post("/v1/tool-loans", {"tool_code": "T-OSC-2", "borrower": "T08"})
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/tool-lent")
    assert [one["code"] for one in (await store.get("/v1/tools?lent=true"))["items"]] == ["T-OSC-2"]
    assert (await store.post(f"/v1/tool-loans/{loan['id']}/return", {})).json()["state"] == "returned"
    assert (await store.post(f"/v1/tool-loans/{loan['id']}/return", {})).status_code == 409
    await lent(store)
    assert (await store.post("/v1/tool-loans", {"tool_code": "T-OSC-9", "borrower": "T08"})).status_code == 404


@pytest.mark.rule("R317")
async def test_a_tool_is_due_right_after_the_work_order_is_over_and_overdue_is_said_until_it_is_back(
    store: PartsStore,
) -> None:
    asked = requested()
    used_until = (await store.now() + timedelta(days=30)).isoformat()
    loan = await lent(store, work_order_id=str(asked.work_order_id), used_until=used_until)
    ended_at = await store.now()
    await store.hear(completed(asked, at=ended_at), completed(asked, at=ended_at))
    due_at = (await store.get(f"/v1/tool-loans/{loan['id']}"))["due_at"]
    assert due_at.replace("Z", "+00:00") == (ended_at + timedelta(hours=4)).isoformat()
    over = {"tool_code": "T-OSC-2", "borrower": "T08", "work_order_id": str(asked.work_order_id)}
    assert (await store.post("/v1/tool-loans", over)).json()["type"] == "/problems/work-order-over"
    assert await store.said(ToolOverdue) == []
    await store.move(days=1, hours=6)
    said = await store.said(ToolOverdue)
    assert [(one.borrower, one.tool_code, one.reminder) for one in said] == [("T07", "T-OSC-2", n) for n in (0, 1)]
    assert [one["id"] for one in (await store.get("/v1/tool-loans?overdue=true"))["items"]] == [loan["id"]]
    await store.post(f"/v1/tool-loans/{loan['id']}/return", {})
    await store.move(days=3)
    assert len(await store.said(ToolOverdue)) == 2
    assert (await store.get("/v1/tool-loans?overdue=true"))["items"] == []


@pytest.mark.rule("R318")
async def test_what_is_lost_late_is_paid_at_its_original_price_or_replaced_by_the_same_model(store: PartsStore) -> None:
    for body, is_back in (
        ({"way": "payment", "amount": "880.00"}, False),
        ({"way": "same_model", "model": "OSC-2"}, True),
    ):
        await store.post("/v1/tools", SCOPE | {"code": f"T-{is_back}"})
        loan = await store.post("/v1/tool-loans", {"tool_code": f"T-{is_back}", "borrower": "T07"})
        path = f"/v1/tool-loans/{loan.json()['id']}"
        assert (await store.post(f"{path}/compensation", body)).json()["type"] == "/problems/nothing-owed"
        await store.move(days=2)
        lost = (await store.post(f"{path}/loss", {})).json()
        assert (lost["state"], lost["owed"]) == ("lost", "880.00")
        gone = await store.post("/v1/tool-loans", {"tool_code": f"T-{is_back}", "borrower": "T08"})
        assert gone.json()["type"] == "/problems/tool-gone"
        for wrong in ({"way": "payment", "amount": "500.00"}, {"way": "same_model", "model": "OSC-1"}):
            assert (await store.post(f"{path}/compensation", wrong)).json()["type"] == "/problems/not-made-good"
        assert (await store.post(f"{path}/compensation", {"way": "payment"})).status_code == 422
        made_good = (await store.post(f"{path}/compensation", body)).json()
        assert (made_good["state"], made_good["settled_by"]) == ("compensated", body["way"])
        assert ((await store.get(f"/v1/tools/T-{is_back}"))["retired_at"] is None) is is_back


@pytest.mark.rule("R319")
async def test_the_expense_of_a_tool_bought_in_the_field_is_paid_after_it_was_handed_in(store: PartsStore) -> None:
    bought = {name: value for name, value in SCOPE.items() if name != "code"}
    bought |= {"bought_by": "T07", "bought_at": (await store.now()).isoformat()}
    made = await store.post("/v1/tool-purchases", bought)
    assert (made.status_code, made.json()["reimbursable"]) == (201, False)
    path = f"/v1/tool-purchases/{made.json()['id']}"
    early = await store.post(f"{path}/reimbursement", {}, role="buyer")
    assert (early.status_code, early.json()["type"]) == (409, "/problems/not-booked-in")
    assert (await store.post(f"{path}/booking", {"tool_code": "T-9"}, role="buyer")).status_code == 403
    handed_in = (await store.post(f"{path}/booking", {"tool_code": "T-9"})).json()
    assert (handed_in["reimbursable"], (await store.get(path))["reimbursable"]) == (True, True)
    assert (await store.get("/v1/tools/T-9"))["price"] == "880.00"
    assert [one["id"] for one in (await store.get("/v1/tool-purchases?reimbursable=true"))["items"]] == [
        made.json()["id"]
    ]
    for himself in ("T07", "S1"):
        own = await store.post(f"{path}/reimbursement", {}, role="buyer", subject=himself)
        assert (own.status_code, own.json()["type"]) == (403, "/problems/own-expense"), "he bought it, or entered it"
    paid = (await store.post(f"{path}/reimbursement", {}, role="buyer", subject="B1")).json()
    assert (paid["reimbursable"], paid["reimbursed_by"]) == (False, "B1")
    assert (await store.post(f"{path}/reimbursement", {}, role="buyer", subject="B1")).status_code == 409
    assert (await store.post(f"{path}/booking", {"tool_code": "T-10"})).status_code == 409


@pytest.mark.rule("R318")
async def test_what_a_tool_is_worth_does_not_change_while_somebody_has_it_or_owes_it(store: PartsStore) -> None:
    loan = await lent(store)
    cheaper, other = SCOPE | {"price": "1.00"}, SCOPE | {"model": "OSC-1"}
    sheet = "code,name_zh,name_en,model,price\nT-OSC-2,示波器,Oscilloscope,OSC-2,1\n".encode()

    async def changes() -> list[int]:
        async with store.client("admin") as client:
            tag, csv = {"If-Match": "*"}, {"Content-Type": "text/csv"}
            changed = [await client.put("/v1/tools/T-OSC-2", json=body, headers=tag) for body in (cheaper, other)]
            assert (await client.put("/v1/tools/T-OSC-2", json=SCOPE | {"name_en": "Scope"}, headers=tag)).is_success
            imported = await client.post("/v1/tools/import?mode=apply", content=sheet, headers=csv)
            return [one.status_code for one in (*changed, imported)]

    assert await changes() == [409, 409, 422], "it is lent"
    await store.move(days=2)
    lost = (await store.post(f"/v1/tool-loans/{loan['id']}/loss", {})).json()
    assert await changes() == [409, 409, 422], "it is owed"
    amends = {"way": "payment", "amount": lost["owed"]}
    assert (await store.post(f"/v1/tool-loans/{loan['id']}/compensation", amends)).is_success
    assert await changes() == [200, 200, 200]
