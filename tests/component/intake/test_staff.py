"""Who works here, and who is responsible for a case."""

import httpx
import pytest

from support.front_desk import FrontDesk, member, repair, unit

HEADER = "staff_id,name,role,active\n"


async def names(desk: FrontDesk, **wanted: str) -> list[str]:
    found = (await desk.client().get("/v1/staff", params=wanted)).json()["items"]
    return [one["name"] for one in found]


async def owned(desk: FrontDesk, **fields: object) -> httpx.Response:
    return await desk.try_to_create("/v1/cases", repair() | fields, role="agent")


async def test_the_staff_comes_from_a_spreadsheet_after_a_dry_run(desk: FrontDesk) -> None:
    rows = HEADER + "li,李静,agent,true\nzhao,赵敏,cs_supervisor,\n"
    dry = (await desk.load("/v1/staff/import", rows, mode="dry_run")).json()
    assert (dry["applied"], dry["created"], await desk.count("staff_member")) == (False, 2, 0)
    assert (await desk.load("/v1/staff/import", rows)).json()["applied"] is True
    again = (await desk.load("/v1/staff/import", rows.replace("李静,agent,true", "李静,agent,false"))).json()
    assert (again["unchanged"], again["changed"]) == (1, 1)
    assert await desk.audited() == ["member_added", "member_added", "member_changed"]


async def test_one_bad_row_keeps_everybody_out_and_says_why(desk: FrontDesk) -> None:
    rows = HEADER + "li,李静,agent,true\nzhao,赵敏,king,true\nli,李静,agent,true\nwu,吴刚,agent,perhaps\n"
    failures = (await desk.load("/v1/staff/import", rows, mode="dry_run")).json()["failures"]
    assert [failure["line"] for failure in failures] == [3, 4, 5]
    assert "cs_supervisor" in failures[0]["expected"]
    assert (await desk.load("/v1/staff/import", rows)).status_code == 422
    assert await desk.count("staff_member") == 0


async def test_people_are_found_by_role_by_name_and_whether_they_still_work_here(desk: FrontDesk) -> None:
    await desk.create("/v1/staff", member("li", name="李静"))
    await desk.create("/v1/staff", member("zhao", name="赵敏", role="cs_supervisor"))
    await desk.create("/v1/staff", member("wu", name="吴静", active=False))
    assert await names(desk) == ["吴静", "赵敏", "李静"]
    assert await names(desk, search="静") == ["吴静", "李静"]
    assert await names(desk, search="ZHA") == ["赵敏"]
    assert await names(desk, search="%") == []
    assert await names(desk, role="agent", active="true") == ["李静"]
    assert await names(desk, role="agent", active="false") == ["吴静"]


async def test_a_member_changes_on_the_version_that_was_seen_and_keeps_the_staff_id(desk: FrontDesk) -> None:
    made = await desk.create("/v1/staff", member("li"))
    path, admin = f"/v1/staff/{made['id']}", desk.client("admin")
    assert (await admin.get(path)).headers["etag"] == '"1"'
    promoted = member("li", role="cs_supervisor")
    for headers, status in (({}, 428), ({"If-Match": '"1"'}, 200), ({"If-Match": '"1"'}, 412)):
        assert (await admin.put(path, json=promoted, headers=headers)).status_code == status
    assert (await admin.get(path)).json() == made | {"role": "cs_supervisor", "version": 2}
    other = await admin.put(path, json=member("zhao"), headers={"If-Match": '"2"'})
    assert (other.status_code, "staff_id li" in other.json()["expected"]) == (422, True)


async def test_a_member_who_cannot_be_right_is_refused(desk: FrontDesk) -> None:
    await desk.create("/v1/staff", member("li"))
    for wrong, status in (
        ({}, 409),
        ({"role": "king"}, 422),
        ({"staff_id": "with blank"}, 422),
        ({"staff_id": ""}, 422),
        ({"name": ""}, 422),
        ({"boss": True}, 422),
    ):
        answer = await desk.try_to_create("/v1/staff", member("li") | wrong)
        assert (answer.status_code, await desk.count("staff_member")) == (status, 1), wrong
    unknown = "/v1/staff/0192f0c1-0000-7000-8000-000000000000"
    assert (await desk.client().get(unknown)).status_code == 404


async def test_only_those_who_may_enter_staff(desk: FrontDesk) -> None:
    for role in ("agent", "cs_supervisor", "auditor", "technician"):
        assert (await desk.try_to_create("/v1/staff", member("li"), role=role)).status_code == 403
    assert (await desk.client("technician").get("/v1/staff")).status_code == 403
    assert (await desk.client("admin").post("/v1/staff", json=member("li"))).status_code == 428
    assert await desk.count("staff_member") == 0


@pytest.mark.rule("R046")
async def test_a_case_always_has_an_owner_who_works_here(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit())
    await desk.create("/v1/staff", member("zhao"))
    await desk.create("/v1/staff", member("wu", active=False))
    mine, hers = (await owned(desk)).json(), (await owned(desk, owner_id="zhao")).json()
    assert (mine["owner_id"], hers["owner_id"]) == ("li", "zhao")
    for nobody in ("wu", "stranger"):
        answer = await owned(desk, owner_id=nobody)
        assert (answer.status_code, "active member" in answer.json()["expected"]) == (422, True)
    listed = (await desk.client().get("/v1/cases", params={"owner": "me"})).json()["items"]
    assert [case["id"] for case in listed] == [mine["id"]]


@pytest.mark.rule("R046")
async def test_a_case_is_handed_over_to_somebody_who_works_here_and_to_nobody_else(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit())
    await desk.create("/v1/staff", member("zhao"))
    await desk.create("/v1/staff", member("wu", active=False))
    case = (await owned(desk)).json()
    path = f"/v1/cases/{case['id']}/owner"
    for owner, version, status in (("wu", 1, 422), ("stranger", 1, 422), ("zhao", 7, 412), ("zhao", 1, 200)):
        assert (await desk.change(path, {"owner_id": owner}, version=version)).status_code == status, owner
    assert (await desk.client().post(path, json={"owner_id": "zhao"})).status_code == 428
    again = await desk.change(path, {"owner_id": "zhao"}, version=2)
    assert (again.status_code, again.json()["expected"]) == (409, "another member of the staff")
    hers = (await desk.client().get("/v1/cases", params={"owner": "zhao"})).json()["items"]
    assert [(one["id"], one["version"]) for one in hers] == [(case["id"], 2)]
    (entry,) = (await desk.client("auditor").get("/v1/audit", params={"action": "case_handed_over"})).json()["items"]
    assert (entry["actor_id"], entry["details"]) == ("li", {"from": "li", "to": "zhao"})


async def test_a_cancelled_case_is_not_handed_over(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit())
    await desk.create("/v1/staff", member("zhao"))
    case = (await owned(desk)).json()
    assert "hand_over" in case["possible_steps"]
    await desk.change(f"/v1/cases/{case['id']}/cancellation", {"reason": "mistake"}, version=1)
    answer = await desk.change(f"/v1/cases/{case['id']}/owner", {"owner_id": "zhao"}, version=2)
    assert answer.status_code == 409
