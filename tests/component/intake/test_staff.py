"""Who works here, as notifier's directory tells it, and who is responsible for a case."""

from itertools import permutations

import httpx
import pytest

from support.case_news import hear, joined, left
from support.front_desk import FrontDesk, repair, unit


async def numbers(desk: FrontDesk, **wanted: str) -> list[str]:
    found = (await desk.client().get("/v1/staff", params=wanted)).json()["items"]
    return [one["staff_number"] for one in found]


async def owned(desk: FrontDesk, **fields: object) -> httpx.Response:
    return await desk.try_to_create("/v1/cases", repair() | fields, role="agent")


async def test_people_are_found_by_role_by_number_and_whether_they_still_work_here(desk: FrontDesk) -> None:
    await hear(desk, joined("li"), joined("zhao", role="cs_supervisor"), joined("wu_li"), left("wu_li"))
    assert await numbers(desk) == ["wu_li", "zhao", "li"]
    assert await numbers(desk, search="LI") == ["wu_li", "li"]
    assert await numbers(desk, search="%") == []
    assert await numbers(desk, role="agent", status="active") == ["li"]
    assert await numbers(desk, role="agent", status="left") == ["wu_li"]


async def test_the_newest_revision_counts_in_whatever_order_and_however_often_it_is_heard(desk: FrontDesk) -> None:
    news = (joined("li"), joined("li", role="cs_supervisor", revision=2), left("li", revision=3))
    for order in permutations(news):
        await hear(desk, *order, *order)
        (member,) = (await desk.client().get("/v1/staff")).json()["items"]
        assert (member["status"], member["revision"]) == ("left", 3)
        assert (await desk.client().get(f"/v1/staff/{member['id']}")).json() == member
        await hear(desk, joined("li", role="agent", revision=2))
        assert (await desk.client().get(f"/v1/staff/{member['id']}")).json() == member


async def test_the_register_is_looked_at_here_and_changed_elsewhere(desk: FrontDesk) -> None:
    unknown = "/v1/staff/0192f0c1-0000-7000-8000-000000000000"
    assert (await desk.client().get(unknown)).status_code == 404
    assert (await desk.client("technician").get("/v1/staff")).status_code == 403
    assert (await desk.try_to_create("/v1/staff", {"staff_number": "li"})).status_code == 405


@pytest.mark.rule("R046")
async def test_a_case_always_has_an_owner_who_works_here(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit())
    await hear(desk, joined("zhao"), joined("wu"), left("wu"))
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
    await hear(desk, joined("zhao"), joined("wu"), left("wu"))
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
    await hear(desk, joined("zhao"))
    case = (await owned(desk)).json()
    assert "hand_over" in case["possible_steps"]
    await desk.change(f"/v1/cases/{case['id']}/cancellation", {"reason": "mistake"}, version=1)
    answer = await desk.change(f"/v1/cases/{case['id']}/owner", {"owner_id": "zhao"}, version=2)
    assert answer.status_code == 409
