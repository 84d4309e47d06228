"""Setting up from a spreadsheet: all rows or none, and a report that says what would be right."""

import pytest

from support.shop import Shop

CSV = {"Content-Type": "text/csv", "Idempotency-Key": "the-first-sheet"}


async def send(shop: Shop, content: bytes, *, mode: str = "apply") -> tuple[int, dict[str, object]]:
    async with shop.machine() as client:
        answer = await client.post("/v1/lamps/import", params={"mode": mode}, content=content, headers=CSV)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "content",
    [
        "name,watts\r\n台灯,40\r\n落地灯,60\r\n".encode(),
        "﻿watts,name\n40,台灯\n60,落地灯".encode(),
        "name,watts\n台灯,40\n\n ,\n落地灯,60\n".encode("gb18030"),
        'name,watts\n" 台灯 ",40\n"落地,\n灯",60\n'.encode(),
    ],
    ids=["utf-8", "byte-order-mark", "gb18030", "quoted"],
)
async def test_a_good_sheet_is_imported_whole(shop: Shop, content: bytes) -> None:
    status, report = await send(shop, content)
    assert (status, report["applied"], report["rows"], report["created"]) == (200, True, 2, 2)
    assert await shop.count() == 2


@pytest.mark.parametrize(
    ("charset", "name"),
    [("; charset=GBK", "模"), ('; charset="gb2312"', "模"), ("; Charset=utf-8", "ģ"), ("", "ģ")],
)
async def test_the_charset_that_a_sheet_names_goes_before_a_guess(shop: Shop, charset: str, name: str) -> None:
    both = "name,watts\n模,40\n".encode("gbk")
    assert both.decode("utf-8") == "name,watts\nģ,40\n"  # these bytes are text in either charset
    headers = CSV | {"Content-Type": f"text/csv{charset}"}
    async with shop.machine() as client:
        answer = await client.post("/v1/lamps/import", params={"mode": "apply"}, content=both, headers=headers)
        assert answer.status_code == 200, answer.text
        assert [lamp["name"] for lamp in (await client.get("/v1/lamps")).json()["items"]] == [name]


@pytest.mark.parametrize(("charset", "status"), [("big5", 415), ("utf-8", 400)])
async def test_a_sheet_that_is_not_in_the_charset_that_it_names_is_refused(
    shop: Shop, charset: str, status: int
) -> None:
    headers = CSV | {"Content-Type": f"text/csv; charset={charset}"}
    content = "name,watts\n台灯,40\n".encode("gb18030")
    async with shop.machine() as client:
        answer = await client.post("/v1/lamps/import", params={"mode": "apply"}, content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["expected"]


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(shop: Shop) -> None:
    status, report = await send(shop, b"name,watts\na,40\nb,0\n", mode="dry_run")
    assert (status, report["applied"], report["created"], report["failed"]) == (200, False, 1, 1)
    assert report["failures"] == [
        {
            "line": 3,
            "column": "watts",
            "problem": "not acceptable: 0",
            "expected": "greater than or equal to 1",
        }
    ]
    assert await shop.count() == 0


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b"name,watts\na,40\nb,many\n", "/3/watts"),
        (b"name,watts\na,40\nb\n", "/3/"),
        (b'name,watts\n"a\n\n",40\nb,many\n', "/5/watts"),
        (b"name,watts\na,40\na,60\n", "/3/"),
        (b"name,watts\na,40\n,60\n", "/3/name"),
        (b"name,watts\na,40\nb,99999\n", "/3/watts"),
    ],
    ids=["no-number", "too-few-cells", "after-a-long-cell", "twice", "empty", "too-much"],
)
async def test_one_bad_row_keeps_all_out_and_is_named_by_its_line(shop: Shop, content: bytes, pointer: str) -> None:
    status, problem = await send(shop, content)
    assert status == 422
    errors = problem["errors"]
    assert isinstance(errors, list)
    assert [error["pointer"] for error in errors] == [pointer]
    assert await shop.count() == 0


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (b"", 422, "name is missing; watts is missing"),
        (b"name\na\n", 422, "watts is missing"),
        (b"name,watts,colour\na,1,red\n", 422, "colour is unknown"),
        (b"name,watts,name\na,1,b\n", 422, "name stands twice"),
        (b'name,watts\n"a,1\n', 400, "is no CSV"),
        (b"PK\x03\x04\x00\x00\xff\xff", 400, "neither UTF-8 nor GB 18030"),
    ],
)
async def test_what_is_no_such_sheet_is_refused(shop: Shop, content: bytes, status: int, told: str) -> None:
    answered, problem = await send(shop, content)
    assert answered == status
    assert told in str(problem["detail"])


async def test_an_unknown_mode_is_told_the_known_ones(shop: Shop) -> None:
    status, problem = await send(shop, b"name,watts\n", mode="maybe")
    assert status == 422
    assert "'dry_run' or 'apply'" in str(problem["expected"])
