"""The staff directory: entered, changed, imported, and told to the others."""

from uuid import uuid4

import pytest

from shared.contracts.notifier import StaffChanged
from support.post_room import PostRoom

SHEET = "staff_number,name,role,email,language,status\n"
RECORD = {"staff_number": "S1", "name": "赵敏", "role": "cs_supervisor", "email": "zhao@staff.example"}


async def test_a_member_is_entered_shown_masked_and_told(room: PostRoom) -> None:
    answer = await room.post("/v1/staff", RECORD)
    assert answer.status_code == 201
    view = answer.json()
    assert view["email_label"] == "z***@staff.example"
    assert (view["language"], view["status"], view["version"]) == ("zh-CN", "active", 1)
    assert "zhao@" not in answer.text
    [said] = await room.said(StaffChanged)
    assert (said.staff_number, said.role, said.status, said.revision) == ("S1", "cs_supervisor", "active", 1)
    [row] = await room.rows("SELECT name, email FROM staff_member")
    assert row["name"].startswith("v1.")
    assert row["email"].startswith("v1.")


async def test_a_change_counts_the_revision_and_needs_the_version_that_it_was_decided_on(room: PostRoom) -> None:
    view = (await room.post("/v1/staff", RECORD)).json()
    async with room.client() as client:
        path = f"/v1/staff/{view['id']}"
        assert (await client.put(path, json=RECORD)).status_code == 428
        changed = await client.put(path, json=RECORD | {"status": "left"}, headers={"If-Match": '"1"'})
        assert changed.status_code == 200
        assert (await client.put(path, json=RECORD, headers={"If-Match": '"1"'})).status_code == 412
        other = RECORD | {"staff_number": "S2"}
        assert (await client.put(path, json=other, headers={"If-Match": '"2"'})).status_code == 409
    assert [(one.status, one.revision) for one in await room.said(StaffChanged)] == [("active", 1), ("left", 2)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"email": "a@b\r\nBcc: c@d"},
        {"email": "赵@staff.example"},
        {"name": ""},
        {"name": "a\nb"},
        {"role": "emperor"},
        {"language": "fr"},
        {"status": "away"},
        {"staff_number": "S 1"},
        {"more": "1"},
    ],
)
async def test_a_record_that_makes_no_sense_is_refused(room: PostRoom, wrong: dict[str, str]) -> None:
    answer = await room.post("/v1/staff", RECORD | wrong)
    assert answer.status_code == 422
    assert answer.json()["expected"]
    assert await room.said(StaffChanged) == []


async def test_a_staff_number_is_taken_once(room: PostRoom) -> None:
    assert (await room.post("/v1/staff", RECORD)).status_code == 201
    assert (await room.post("/v1/staff", RECORD)).status_code == 409


async def test_only_those_who_may_write_the_directory(room: PostRoom) -> None:
    assert (await room.post("/v1/staff", RECORD, role="cs_supervisor")).status_code == 403
    async with room.stranger() as client:
        assert (await client.get("/v1/staff")).status_code == 401


async def test_the_directory_is_searched_by_number_whole_name_role_and_status(room: PostRoom) -> None:
    await room.employ("S1", role="cs_supervisor", name="赵敏")
    await room.employ("D2", role="dispatcher", name="Li Lei", status="left")
    for query, found in (
        ("search=s1", ["S1"]),
        ("search=赵敏", ["S1"]),
        ("search=LI%20lei", ["D2"]),
        ("search=敏", []),
        ("role=dispatcher", ["D2"]),
        ("status=active", ["S1"]),
        ("", ["D2", "S1"]),
    ):
        items = (await room.get(f"/v1/staff?{query}"))["items"]
        assert [item["staff_number"] for item in items] == found, query


async def import_(room: PostRoom, sheet: str, *, mode: str) -> tuple[int, dict[str, object]]:
    async with room.client() as client:
        headers = {"Content-Type": "text/csv", "Idempotency-Key": uuid4().hex}
        answer = await client.post(f"/v1/staff/import?mode={mode}", content=sheet.encode(), headers=headers)
        return answer.status_code, answer.json()


async def test_a_sheet_is_tried_then_applied_and_the_second_time_changes_nothing(room: PostRoom) -> None:
    sheet = f"{SHEET}S1,赵敏,cs_supervisor,zhao@staff.example,zh-CN,active\nS2,Li Lei,dispatcher,li@staff.example,en,\n"
    status, report = await import_(room, sheet, mode="dry_run")
    assert (status, report["applied"], report["created"]) == (200, False, 2)
    assert await room.said(StaffChanged) == []
    status, report = await import_(room, sheet, mode="apply")
    assert (status, report["applied"], report["created"]) == (200, True, 2)
    _, report = await import_(room, sheet.replace("en,", "en,left"), mode="apply")
    assert (report["changed"], report["unchanged"]) == (1, 1)
    assert [one.revision for one in await room.said(StaffChanged)] == [1, 1, 2]


async def test_one_bad_line_keeps_the_whole_sheet_out(room: PostRoom) -> None:
    sheet = f"{SHEET}S1,赵敏,cs_supervisor,zhao@staff.example,zh-CN,active\nS2,Li,emperor,li@staff.example,en,active\n"
    status, report = await import_(room, sheet, mode="apply")
    assert status == 422
    assert "emperor" in str(report)
    assert (await room.get("/v1/staff"))["items"] == []


async def test_ladders_are_shown_as_the_policy_has_them(room: PostRoom) -> None:
    shown = {one["ladder"]: one for one in (await room.get("/v1/ladders"))["ladders"]}
    assert [level["role"] for level in shown["promise"]["levels"]] == [
        "cs_supervisor",
        "aftersales_director",
        "general_manager",
    ]
    assert shown["promise"]["levels"][0]["answer_within"] == "30m"


async def test_lists_show_what_was_asked_for(room: PostRoom) -> None:
    for path in (
        "/v1/messages?state=failed&staff_number=me",
        "/v1/escalations?open=true&mine=true&overdue=true&ladder=promise",
        f"/v1/messages?customer_id={uuid4()}&case_id={uuid4()}&escalation_id={uuid4()}&about=x",
    ):
        assert (await room.get(path))["items"] == []
