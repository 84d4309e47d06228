"""Setting up technicians one by one and from a spreadsheet, the lists of the morning, and bad input."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from support.case_events import START, cleared
from support.control_room import ControlRoom
from support.waiting import eventually

SHEET = """staff_number,name,department,rota_position,zones,skills,active
T1,王师傅,engineering,2,city;suburb,boiler;general,true
T2,李师傅,engineering,1,city,boiler,
"""
UNKNOWN = UUID(int=7)
CERTIFICATES = "staff_number,code,valid_from,valid_until\nT1,gas_fitter,2039-01-01,2040-03-31\n"


async def upload(
    room: ControlRoom, path: str, sheet: str, *, mode: str = "apply", encoding: str = "utf-8", status: int = 200
) -> dict[str, object]:
    async with room.client() as client:
        answer = await client.post(
            f"{path}?mode={mode}", content=sheet.encode(encoding), headers={"Content-Type": "text/csv"}
        )
    assert answer.status_code == status, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_dry_run_says_what_an_import_would_do_and_writes_nothing(room: ControlRoom) -> None:
    dry = await upload(room, "/v1/technicians/import", SHEET, mode="dry_run")
    assert (dry["created"], dry["applied"]) == (2, False)
    assert (await room.get("/v1/technicians"))["items"] == []
    applied = await upload(room, "/v1/technicians/import", SHEET, encoding="gb18030")
    assert (applied["created"], applied["applied"]) == (2, True)
    again = await upload(room, "/v1/technicians/import", SHEET.replace("boiler,\n", "boiler;general,\n"))
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 1, 1)


async def test_an_import_with_a_wrong_line_says_what_would_be_right_and_writes_nothing(room: ControlRoom) -> None:
    wrong_lines = SHEET + "T3,X,engineerin,x,city,boiler,true\nT4,Y,moon,1,city,boiler,true\n"
    report = await upload(room, "/v1/technicians/import", wrong_lines, mode="dry_run")
    assert (report["applied"], report["failed"]) == (False, 2)
    wrong = {failure["line"]: failure["expected"] for failure in report["failures"]}  # type: ignore[attr-defined]
    assert "integer" in wrong[4]
    assert "engineering, production" in wrong[5]
    await upload(room, "/v1/technicians/import", wrong_lines, status=422)
    assert (await room.get("/v1/technicians"))["items"] == []


async def test_certificates_come_from_a_spreadsheet_and_those_that_end_soon_are_listed(room: ControlRoom) -> None:
    await upload(room, "/v1/technicians/import", SHEET)
    assert (await upload(room, "/v1/certificates/import", CERTIFICATES))["created"] == 1
    assert (await upload(room, "/v1/certificates/import", CERTIFICATES))["unchanged"] == 1
    unknown = await upload(room, "/v1/certificates/import", CERTIFICATES.replace("T1", "T9"), status=422)
    assert "T9" in str(unknown["errors"])
    ending = await room.get("/v1/certificates?ends_before=2040-04-01")
    assert [one["code"] for one in ending["items"]] == ["gas_fitter"]
    assert (await room.get("/v1/certificates?ends_before=2040-03-31"))["items"] == []


async def test_technicians_are_found_by_skill_zone_name_and_whether_they_are_free(room: ControlRoom) -> None:
    free = await room.add_technician("T1", skills=["water_heater"])
    asked = await room.add_technician("T2", zones=["city"])
    away = await room.add_technician("T3", zones=["suburb"])
    absence = {"away_from": START.isoformat(), "until": "2040-04-01T00:00:00Z", "reason": "training"}
    await room.post(f"/v1/technicians/{away}/absences", absence)
    await room.hear(cleared())

    async def found(query: str) -> set[str]:
        return {one["id"] for one in (await room.get(f"/v1/technicians?{query}"))["items"]}

    assert await found("skill=boiler") == {str(asked), str(away)}
    assert await found("zone=city") == {str(free), str(asked)}
    assert await found("search=t3") == {str(away)}
    assert await found("free=true") == {str(free)}
    absent = await room.get("/v1/absences?at=2040-03-10T00:00:00Z")
    assert [one["technician_id"] for one in absent["items"]] == [str(away)]


async def test_long_lists_come_in_pages(room: ControlRoom) -> None:
    await room.hear(*(cleared(number=number) for number in range(5)))
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = await room.get(f"/v1/work-orders?limit=2{cursor}")
        seen += [one["number"] for one in page["items"]]
        cursor = f"&cursor={page['next']}" if page.get("next") else ""
    assert seen == [f"W{number}7" for number in (4, 3, 2, 1, 0)]
    assert not cursor


async def test_a_technician_is_changed_on_the_version_that_was_seen(room: ControlRoom) -> None:
    technician = await room.add_technician("T1")
    path = f"/v1/technicians/{technician}"
    record = {"staff_number": "T1", "name": "New", "department": "production", "zones": ["city"], "skills": []}
    async with room.client() as client:
        assert (await client.put(path, json=record)).status_code == 428
        assert (await client.put(path, json=record, headers={"If-Match": '"9"'})).status_code == 412
        changed = await client.put(path, json=record, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
        other = record | {"staff_number": "T2"}
        assert (await client.put(path, json=other, headers={"If-Match": '"2"'})).status_code == 409
    audit = await room.get("/v1/audit?action=technician_changed", role="auditor")
    assert [one["actor_id"] for one in audit["items"]] == ["D1"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/technicians", {"staff_number": "T1"}, 422),
        ("/v1/technicians", {"staff_number": "T1", "unknown": 1}, 422),
        (
            f"/v1/technicians/{UNKNOWN}/certificates",
            {"code": "x", "valid_from": "2040-01-01", "valid_until": "2041-01-01"},
            404,
        ),
        (f"/v1/technicians/{UNKNOWN}/absences", {"away_from": "now", "until": "then", "reason": "leave"}, 422),
        (f"/v1/work-orders/{UNKNOWN}/visits", {}, 422),
        (f"/v1/offers/{UNKNOWN}/acceptance", None, 404),
        ("/v1/offers/not-an-id/acceptance", None, 422),
        (f"/v1/visits/{UNKNOWN}/arrival", None, 404),
    ],
)
async def test_bad_input_is_refused_with_what_would_be_right(
    room: ControlRoom, path: str, body: dict[str, object] | None, status: int
) -> None:
    answer = await room.post(path, body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.json()["expected"]


async def test_an_unknown_code_is_refused_with_the_known_ones(room: ControlRoom) -> None:
    record = {"staff_number": "T1", "name": "T", "department": "engineering", "zones": ["city"], "skills": ["boilers"]}
    answer = await room.post("/v1/technicians", record)
    assert answer.status_code == 422
    assert "air_conditioner, boiler" in answer.json()["expected"]
    assert (await room.get("/v1/codes"))["departments"]["engineering"]["zh-CN"] == "工程科"


async def test_a_certificate_or_absence_that_ends_before_it_begins_is_refused(room: ControlRoom) -> None:
    technician = await room.add_technician("T1")
    backwards = {"code": "electrician", "valid_from": "2040-02-01", "valid_until": "2040-01-01"}
    assert (await room.post(f"/v1/technicians/{technician}/certificates", backwards)).status_code == 422
    empty = {"away_from": START.isoformat(), "until": START.isoformat(), "reason": "leave"}
    assert (await room.post(f"/v1/technicians/{technician}/absences", empty)).status_code == 422
    same = {"code": "gas_fitter", "valid_from": "2039-01-01", "valid_until": "2041-01-01"}
    assert (await room.post(f"/v1/technicians/{technician}/certificates", same)).status_code == 409


async def test_who_may_not_is_told_which_scope_is_missing(room: ControlRoom) -> None:
    answer = await room.post("/v1/technicians", {}, role="technician")
    assert answer.status_code == 403
    assert "technicians:write" in answer.json()["expected"]


async def test_an_import_waits_for_a_change_under_way_and_goes_on_from_it(room: ControlRoom) -> None:
    await room.add_technician("T1")
    async with room.client() as client, room.database.sessions() as other:
        await other.execute(text("UPDATE technician SET version = version + 1, name = 'Renamed'"))
        sheet = "staff_number,name,department,zones,skills\nT1,Imported,engineering,city,boiler\n"
        headers = {"Content-Type": "text/csv", "Idempotency-Key": uuid4().hex}
        path = "/v1/technicians/import?mode=apply"
        importing = asyncio.create_task(client.post(path, content=sheet.encode(), headers=headers))
        await eventually(lambda: someone_waits_for_a_lock(room))
        await other.commit()
        answer = await importing
    assert answer.status_code == 200, answer.text
    assert [dict(row) for row in await room.rows("SELECT name, version FROM technician")] == [
        {"name": "Imported", "version": 3}
    ]


async def someone_waits_for_a_lock(room: ControlRoom) -> bool:
    waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await room.rows(waits))
