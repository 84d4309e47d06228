"""Where stock lies and in whose account, what is brought elsewhere, and what is counted."""

from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from support.at_once import at_once
from support.parts_news import BOARD, FAN, needs, requested, started
from support.parts_store import STANDARD, PartsStore, open_parts_store
from support.service_room import Json
from testkit.servers.postgres import Postgres

PLACES = (
    "code,kind,name_zh,name_en,department,staff_number\n"
    "van-7,van,七号车,Van 7,aftersales,T07\n"
    "bay,warehouse,钣喷库,Bodyshop store,bodywork,\n"
    "point-2,service_point,二号网点,Point 2,aftersales,\n"
)


async def upload(store: PartsStore, path: str, sheet: str, *, mode: str = "apply") -> httpx.Response:
    async with store.client("admin", subject="A1") as client:
        return await client.post(f"{path}?mode={mode}", content=sheet.encode(), headers={"Content-Type": "text/csv"})


async def places(store: PartsStore) -> None:
    """A van and a service point of after-sales, a storeroom of another department."""
    assert (await upload(store, "/v1/locations/import", PLACES)).json()["created"] == 3


async def bring(
    store: PartsStore, pieces: int, *, to: str, source: str = "main", part_code: str = BOARD
) -> httpx.Response:
    body = {"part_code": part_code, "quantity": pieces, "source": source, "destination": to}
    return await store.post("/v1/stock/transfers", body)


async def lying(store: PartsStore, part_code: str = BOARD) -> dict[str, int]:
    found = await store.get(f"/v1/parts/{part_code}/stock")
    return {one["location"]: one["on_hand"] for one in found["places"] if one["on_hand"]}


async def worth(store: PartsStore) -> dict[str, tuple[int, str]]:
    """Every department's pieces and their value; no book contradicts another."""
    assert await store.rows("SELECT * FROM invariant_i10") == []
    found = (await store.get("/v1/stock/accounts"))["accounts"]
    return {one["department"]: (one["pieces"], one["value"]) for one in found}


async def opened(store: PartsStore, location: str = "main") -> Json:
    answer = await store.post("/v1/stock-takes", {"location": location})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def count(store: PartsStore, take: Json, **counted: int) -> httpx.Response:
    lines = [{"part_code": code.replace("_", "-"), "counted": pieces} for code, pieces in counted.items()]
    return await store.post(f"/v1/stock-takes/{take['id']}/counts", {"lines": lines})


async def posted(store: PartsStore, take: Json) -> httpx.Response:
    return await store.post(f"/v1/stock-takes/{take['id']}/posting", {"reason": "stocktake"})


async def test_places_come_from_a_spreadsheet_and_a_technician_sees_what_his_van_carries(store: PartsStore) -> None:
    assert (await upload(store, "/v1/locations/import", PLACES, mode="dry_run")).json()["created"] == 3
    await places(store)
    again = (await upload(store, "/v1/locations/import", PLACES.replace("Van 7", "Van seven"))).json()
    assert (again["changed"], again["unchanged"]) == (1, 2)
    wrong = await upload(store, "/v1/locations/import", PLACES.replace(",T07", ",").replace("bodywork", "circus"))
    assert [one["pointer"] for one in wrong.json()["errors"]] == ["/2/", "/3/"]
    await store.part(BOARD, on_hand=5)
    assert (await bring(store, 2, to="van-7")).status_code == 201
    [van] = (await store.get("/v1/locations?staff_number=T07", role="technician"))["items"]
    carried = await store.get(f"/v1/locations/{van['code']}/stock", role="technician")
    assert [(one["part_code"], one["on_hand"]) for one in carried["items"]] == [(BOARD, 2)]
    assert (await store.post("/v1/locations", {**LOCATION, "code": "van-7"})).status_code == 409
    assert (await store.post("/v1/locations", LOCATION, role="technician")).status_code == 403


LOCATION = {"code": "shed", "kind": "warehouse", "name_zh": "棚", "name_en": "Shed", "department": "aftersales"}


async def test_what_is_brought_elsewhere_is_there_and_nowhere_else_and_never_more_than_lay_there(
    store: PartsStore,
) -> None:
    await places(store)
    await store.part(BOARD, on_hand=5)
    assert (await bring(store, 2, to="van-7")).status_code == 201
    assert await lying(store) == {"main": 3, "van-7": 2}
    assert await store.stock(BOARD) == (5, 0, 0)
    refused = await bring(store, 4, to="van-7")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-at-location")
    assert "van-7 (2)" in refused.json()["expected"]
    for body in ({"to": "main"}, {"to": "nowhere"}):
        assert (await bring(store, 1, **body)).status_code in {404, 422}
    assert await lying(store) == {"main": 3, "van-7": 2}
    lines = (await store.get("/v1/stock/movements?kind=transfer"))["items"]
    assert sorted((one["location"], one["on_hand"]) for one in lines) == [("main", -2), ("van-7", 2)]
    assert len({one["reference"] for one in lines}) == 1
    await worth(store)


async def test_parts_are_issued_from_where_they_lie(store: PartsStore) -> None:
    await places(store)
    await store.part(BOARD, on_hand=2)
    await bring(store, 2, to="van-7")
    asked = requested()
    await store.hear(asked, started(asked))
    refused = await store.issue(asked)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-at-location")
    assert "van-7 (2)" in refused.json()["expected"]
    await bring(store, 1, source="van-7", to="main")
    assert (await store.issue(asked)).status_code == 201
    assert await lying(store) == {"van-7": 1}
    await worth(store)


@pytest.mark.rule("R324")
async def test_every_department_has_an_account_of_its_own_in_which_pieces_stand_at_what_they_cost(
    store: PartsStore,
) -> None:
    await places(store)
    await store.part(BOARD, price="300.00")
    for reference, cost in (("DN-1", "100.00"), ("DN-2", "200.00")):
        receipt = {"part_code": BOARD, "quantity": 2, "reference": reference, "unit_cost": cost}
        assert (await store.post("/v1/stock/receipts", receipt)).status_code == 201
    assert await worth(store) == {"aftersales": (4, "600.00")}
    await bring(store, 1, to="van-7")
    assert await worth(store) == {"aftersales": (4, "600.00")}, "the van is in the same account"
    await bring(store, 1, to="bay")
    assert await worth(store) == {"aftersales": (3, "450.00"), "bodywork": (1, "150.00")}
    moved = {**LOCATION, "code": "bay", "department": "aftersales"}
    async with store.client() as client:
        kept = await client.put("/v1/locations/bay", json=moved, headers={"If-Match": '"1"'})
    assert (kept.status_code, kept.json()["type"]) == (409, "/problems/location-in-use")


async def test_under_fifo_the_oldest_piece_leaves_first(
    postgres: Postgres, parts_template: str, tmp_path: Path
) -> None:
    policy = tmp_path / "parts.toml"
    policy.write_text(STANDARD.read_text().replace('method = "moving_average"', 'method = "fifo"'))
    async with open_parts_store(postgres, template=parts_template, home=tmp_path, policy=policy) as store:
        await places(store)
        await store.part(BOARD, price="300.00")
        for reference, cost in (("DN-1", "100.00"), ("DN-2", "200.00")):
            receipt = {"part_code": BOARD, "quantity": 2, "reference": reference, "unit_cost": cost}
            await store.post("/v1/stock/receipts", receipt)
        await bring(store, 3, to="bay")
        assert await worth(store) == {"aftersales": (1, "200.00"), "bodywork": (3, "400.00")}


async def test_a_place_is_counted_and_its_differences_are_posted_with_their_reason(store: PartsStore) -> None:
    await places(store)
    await store.part(BOARD, on_hand=5)
    await store.part(FAN, on_hand=2)
    take = await opened(store)
    assert (await store.post("/v1/stock-takes", {"location": "main"})).status_code == 409
    counted = (await count(store, take, PCB_77=3)).json()
    assert [(one["booked"], one["difference"]) for one in counted["counts"]] == [(5, -2)]
    assert counted["uncounted"] == [FAN]
    assert (await count(store, take, FAN_3=4)).status_code == 200
    done = await posted(store, take)
    assert (done.status_code, done.json()["state"], done.json()["reason"]) == (200, "posted", "stocktake")
    assert (await store.stock(BOARD), await store.stock(FAN)) == ((3, 0, 0), (4, 0, 0))
    lines = (await store.get("/v1/stock/movements?kind=adjustment"))["items"]
    assert {one["reference"] for one in lines} == {f"stock_take/{take['id']}"}
    assert await worth(store) == {"aftersales": (7, "1400.00")}
    for late in (await posted(store, take), await count(store, take, FAN_3=1)):
        assert (late.status_code, late.json()["type"]) == (409, "/problems/stock-take-over")
    for wrong in ((-1,), (1.5,), (1, 2)):
        lines = [{"part_code": BOARD, "counted": pieces} for pieces in wrong]
        assert (await store.post(f"/v1/stock-takes/{take['id']}/counts", {"lines": lines})).status_code == 422


async def test_goods_that_move_after_they_were_counted_are_counted_again_and_nothing_is_posted_before(
    store: PartsStore,
) -> None:
    await places(store)
    await store.part(BOARD, on_hand=5)
    await store.part(FAN, on_hand=2)
    take = await opened(store)
    assert (await count(store, take, PCB_77=4, FAN_3=1)).status_code == 200
    await bring(store, 1, to="van-7")
    refused = await posted(store, take)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/moved-since-counted")
    assert BOARD in refused.json()["detail"]
    assert FAN not in refused.json()["detail"]
    assert (await store.stock(BOARD), await store.stock(FAN)) == ((5, 0, 0), (2, 0, 0)), "the ledger is unchanged"
    assert (await count(store, take, PCB_77=3)).status_code == 200
    assert (await posted(store, take)).status_code == 200
    assert await lying(store) == {"main": 3, "van-7": 1}
    await worth(store)


async def test_a_count_below_what_is_reserved_is_refused_and_what_is_abandoned_posts_nothing(
    store: PartsStore,
) -> None:
    await store.part(BOARD, on_hand=2)
    await store.hear(requested(lines=needs(PCB_77=2)))
    take = await opened(store)
    assert (await posted(store, take)).json()["type"] == "/problems/nothing-counted"
    await count(store, take, PCB_77=1)
    assert (await posted(store, take)).json()["type"] == "/problems/stock-too-small"
    assert (await store.post(f"/v1/stock-takes/{take['id']}/abandonment", {})).json()["state"] == "abandoned"
    assert await store.stock(BOARD) == (2, 2, 0)
    assert [one["state"] for one in (await store.get("/v1/stock-takes?location=main"))["items"]] == ["abandoned"]
    await opened(store)


async def test_one_part_that_cannot_be_posted_is_withdrawn_and_the_others_are_posted(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=2)
    await store.part(FAN, on_hand=2)
    await store.hear(requested(lines=needs(PCB_77=2)))
    take = await opened(store)
    await count(store, take, PCB_77=1, FAN_3=1)
    refused = await posted(store, take)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/stock-too-small")
    assert await store.stock(FAN) == (2, 0, 0), "nothing is posted"
    async with store.client() as client:
        path, read = f"/v1/stock-takes/{take['id']}/counts/{BOARD}", {"If-Match": '"2"'}
        without = await client.delete(path, headers=read)
        assert (await client.delete(path, headers=read)).status_code == 412
        again = await client.delete(path, headers={"If-Match": "*"})
    assert (without.status_code, without.json()["uncounted"]) == (200, [BOARD])
    assert [one["part_code"] for one in without.json()["counts"]] == [FAN]
    assert (again.status_code, again.json()["type"]) == (404, "/problems/not-counted")
    assert (await posted(store, take)).status_code == 200
    assert (await store.stock(BOARD), await store.stock(FAN)) == ((2, 2, 0), (1, 0, 0))


@pytest.mark.rule("R333", "R037")
async def test_prices_have_their_department_and_their_day_and_feed_cost_and_claim_orders(store: PartsStore) -> None:
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "300", "purchase_price": "180"}
    assert (await store.post("/v1/parts", {**record, "price_source": "finance"})).status_code == 201
    await store.post("/v1/stock/receipts", {"part_code": BOARD, "quantity": 1, "reference": "DN-1"})
    assert await worth(store) == {"aftersales": (1, "180.00")}
    async with store.client() as client:
        tag = {"If-Match": "*"}
        for wrong in ({"price_source": "canteen"}, {"priced_at": "2090-01-01T00:00:00Z"}):
            assert (await client.put(f"/v1/parts/{BOARD}", json={**record, **wrong}, headers=tag)).status_code == 422
        dearer = {**record, "unit_price": "320"}
        assert (await client.put(f"/v1/parts/{BOARD}", json=dearer, headers=tag)).status_code == 200
    listed = (await store.get(f"/v1/parts/{BOARD}/prices"))["items"]
    assert sorted((one["kind"], Decimal(one["amount"]), one["source"]) for one in listed) == [
        ("purchase", Decimal(180), "finance"),
        ("sale", Decimal(300), "finance"),
        ("sale", Decimal(320), "purchasing"),
    ]
    short = requested(lines=needs(PCB_77=3))
    await store.hear(short)
    assert (await store.claim_of(short))["amount"] == "640.00"


@pytest.mark.rule("R326")
async def test_what_runs_low_is_listed_and_what_could_replace_it_is_shown_with_what_there_is(
    store: PartsStore,
) -> None:
    await store.part(FAN, on_hand=2)
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "300", "minimum": 1}
    unknown = await store.post("/v1/parts", {**record, "alternatives": ["NONE-1"]})
    assert (unknown.status_code, unknown.json()["type"]) == (422, "/problems/unknown-alternative")
    assert (await store.post("/v1/parts", {**record, "alternatives": [FAN], "unit": "set"})).status_code == 201
    assert [one["part_code"] for one in (await store.get("/v1/stock?low=true"))["items"]] == [BOARD]
    found = await store.get(f"/v1/parts/{BOARD}/stock")
    assert (found["available"], found["is_low"]) == (0, True)
    assert found["alternatives"] == [{"part_code": FAN, "available": 2}]
    await store.post("/v1/stock/receipts", {"part_code": BOARD, "quantity": 1, "reference": "DN-1"})
    assert (await store.get("/v1/stock?low=true"))["items"] == []


async def test_opening_stock_of_every_place_comes_from_a_spreadsheet(store: PartsStore) -> None:
    await places(store)
    catalogue = "part_code,name_zh,name_en,unit_price,unit,alternatives\nFAN-3,风扇,Fan,35,piece,\n"
    assert (await upload(store, "/v1/parts/import", catalogue + "PCB-77,主板,Board,260,set,FAN-3\n")).is_success
    again = (await upload(store, "/v1/parts/import", catalogue + "PCB-77,主板,Board,260,set,FAN-3\n")).json()
    assert again["unchanged"] == 2
    sheet = "part_code,quantity,reference,location,unit_cost\nPCB-77,2,open-main,,100\nPCB-77,1,open-van,van-7,100\n"
    assert (await upload(store, "/v1/stock/import", sheet)).json()["created"] == 2
    assert await lying(store) == {"main": 2, "van-7": 1}
    assert await worth(store) == {"aftersales": (3, "300.00")}


async def test_what_a_second_sheet_says_of_another_place_cost_or_piece_is_refused_and_not_passed_over(
    store: PartsStore,
) -> None:
    await places(store)
    await store.part(BOARD)
    record = {"part_code": FAN, "name_zh": "风扇", "name_en": "Fan", "unit_price": "35", "is_serial": True}
    assert (await store.post("/v1/parts", record)).status_code == 201
    head = "part_code,quantity,reference,location,unit_cost,serials\n"
    lines = f"{BOARD},2,opening,,100,\n{FAN},1,opening,van-7,30,SN-1\n"
    assert (await upload(store, "/v1/stock/import", head + lines)).json()["created"] == 2
    for same in (lines, f"{BOARD},2,opening,main,,\n"):
        assert (await upload(store, "/v1/stock/import", head + same)).json()["created"] == 0
    for other in (
        f"{BOARD},2,opening,van-7,100,\n",
        f"{BOARD},2,opening,main,90,\n",
        f"{FAN},1,opening,van-7,30,SN-2\n",
    ):
        refused = await upload(store, "/v1/stock/import", head + other)
        assert refused.status_code == 422
        assert "opening already" in refused.text
    assert await lying(store) == {"main": 2}


async def test_a_sheet_of_stock_and_a_sheet_of_places_that_meet_are_both_imported(store: PartsStore) -> None:
    await places(store)
    await store.part(BOARD)
    stock = f"part_code,quantity,reference,location\n{BOARD},1,a,van-7\n{BOARD},1,b,bay\n"
    renamed = "code,kind,name_zh,name_en,department,staff_number\nbay,warehouse,钣喷库,Bay,bodywork,\n"
    both = renamed + "van-7,van,七号车,Van seven,aftersales,T07\n"
    answers = await at_once(
        store,
        lambda: upload(store, "/v1/stock/import", stock),
        lambda: upload(store, "/v1/locations/import", both),
        over="location",
    )
    assert [status for status, _ in answers] == [200, 200]


async def test_a_part_that_is_changed_while_a_sheet_changes_it_is_changed_by_both(store: PartsStore) -> None:
    await store.part(BOARD)
    sheet = f"part_code,name_zh,name_en,unit_price,unit,is_serial\n{BOARD},主板,Board,260,piece,true\n"
    record = {"part_code": BOARD, "name_zh": "主板", "name_en": "Board", "unit_price": "250", "is_serial": True}

    async def change() -> httpx.Response:
        async with store.client() as client:
            return await client.put(f"/v1/parts/{BOARD}", json=record, headers={"If-Match": "*"})

    answers = await at_once(store, lambda: upload(store, "/v1/parts/import", sheet), change, over="part")
    assert [status for status, _ in answers] == [200, 200]
