"""Setting up units and push sources, one by one and from spreadsheets."""

from uuid import uuid4

from support.front_desk import FrontDesk, repair, unit, zammad_source

HEADER = "serial_number,product_family,product_model,sold_on,warranty_months,warranty_ends_on\n"
UNITS = "/v1/units/import"


async def test_units_come_from_a_spreadsheet_after_a_dry_run(desk: FrontDesk) -> None:
    rows = HEADER + "A-1,boiler,B-24,2025-01-31,12,\nA-2,boiler,B-24,2025-01-31,12,2030-06-30\n"
    dry = (await desk.load(UNITS, rows, mode="dry_run")).json()
    assert (dry["applied"], dry["created"], await desk.count("unit")) == (False, 2, 0)
    assert (await desk.load(UNITS, rows)).json()["applied"] is True
    again = (await desk.load(UNITS, rows.replace("2030-06-30", "2031-06-30"))).json()
    assert (again["unchanged"], again["changed"]) == (1, 1)
    found = (await desk.client().get("/v1/units", params={"serial_number": "A-"})).json()["items"]
    assert [(one["serial_number"], one["last_day_of_warranty"]) for one in found] == [
        ("A-2", "2031-06-30"),
        ("A-1", "2026-01-31"),
    ]


async def test_one_bad_row_keeps_all_out_and_says_why(desk: FrontDesk) -> None:
    rows = (
        HEADER
        + "A-1,boiler,B-24,2025-01-31,12,\nA-2,boiler,B-24,2025-02-30,12,\nA-3,boiler,B,2025-01-01,1,2020-01-01\n"
    )
    answer = await desk.load(UNITS, rows, mode="dry_run")
    assert [failure["line"] for failure in answer.json()["failures"]] == [3, 4]
    assert (await desk.load(UNITS, rows)).status_code == 422
    assert await desk.count("unit") == 0


async def test_sources_come_from_a_spreadsheet(desk: FrontDesk) -> None:
    rows = "name,adapter,secret,public_base,country,networks\n"
    rows += "pbx,zammad,secret-number-1,https://push.example,CN,10.0.0.0/8 192.0.2.1\n"
    path = "/v1/push-sources/import"
    assert (await desk.load(path, rows)).json()["created"] == 1
    assert (await desk.load(path, rows)).json()["unchanged"] == 1
    rotated = await desk.load(path, rows.replace("number-1", "number-2"))
    assert rotated.json()["changed"] == 1
    (source,) = (await desk.client("admin").get("/v1/push-sources")).json()["items"]
    assert source["networks"] == ["10.0.0.0/8", "192.0.2.1/32"]
    assert source["has_previous_secret"] is True
    assert "secret-number" not in str(source)


async def test_a_serial_number_is_known_once(desk: FrontDesk) -> None:
    made = await desk.create("/v1/units", unit())
    again = await desk.client("admin").post("/v1/units", json=unit(), headers={"Idempotency-Key": uuid4().hex})
    assert again.status_code == 409
    changed = await desk.client("admin").put(
        f"/v1/units/{made['id']}", json=unit(months=60), headers={"If-Match": '"1"'}
    )
    assert (changed.json()["last_day_of_warranty"], changed.headers["etag"]) == ("2025-01-15", '"2"')


async def test_a_unit_is_found_at_its_customer_once_a_repair_was_registered_there(desk: FrontDesk) -> None:
    made = await desk.create("/v1/units", unit())
    case = await desk.create("/v1/cases", repair(), role="agent")
    found = await desk.client().get("/v1/units", params={"customer_id": str(case["customer_id"])})
    assert [one["id"] for one in found.json()["items"]] == [made["id"]]


async def test_only_those_who_may_set_up(desk: FrontDesk) -> None:
    for path, body in (("/v1/units", unit()), ("/v1/push-sources", zammad_source())):
        answer = await desk.client("agent").post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
        assert answer.status_code == 403
        assert (await desk.stranger().post(path, json=body)).status_code == 401
        assert (await desk.client("admin").post(path, json=body)).status_code == 428


async def test_a_source_that_cannot_be_right_is_refused(desk: FrontDesk) -> None:
    for wrong in (
        {"adapter": "carrier pigeon"},
        {"secret": "short"},
        {"public_base": "ftp://x"},
        {"country": "China"},
        {"networks": ["everywhere"]},
    ):
        answer = await desk.client("admin").post(
            "/v1/push-sources", json=zammad_source() | wrong, headers={"Idempotency-Key": uuid4().hex}
        )
        assert answer.status_code == 422, wrong
    await desk.create("/v1/push-sources", zammad_source())
    taken = await desk.client("admin").post(
        "/v1/push-sources", json=zammad_source(), headers={"Idempotency-Key": uuid4().hex}
    )
    assert taken.status_code == 409
