"""Whatever arrives, the caller is told what was wrong and what would be right, and nothing changes."""

import json
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from shared.http.problems import PROBLEM_MEDIA_TYPE
from support.shop import Shop

SOME_ID = UUID(int=7)
KEY = {"Idempotency-Key": "the-first-key"}
LAMP = {"name": "reading lamp", "watts": 40}
JSON = {**KEY, "Content-Type": "application/json"}


async def refusal(shop: Shop, content: bytes, *, headers: dict[str, str] = JSON, status: int) -> dict[str, object]:
    """The problem that a POST of `content` gets."""
    async with shop.machine() as client:
        answer = await client.post("/v1/lamps", content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE
    assert await shop.count() == 0
    problem: dict[str, object] = answer.json()
    assert problem["expected"]
    assert problem["correlation_id"] == answer.headers["x-correlation-id"]
    return problem


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"name": "a"',
        b"\xff\xfe\xfd",
        b'{"name": "\xc3(", "watts": 1}',
        b'{"watts": ' + b"9" * 5000 + b"}",
        b'{"notes": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"",
    ],
    ids=["brace", "cut", "binary", "bad-utf8", "endless-number", "bottomless", "empty"],
)
async def test_a_body_that_is_no_json_is_refused(shop: Shop, content: bytes) -> None:
    await refusal(shop, content, status=422 if content == b"" else 400)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "a"}, "/watts"),
        ({**LAMP, "watts": "many"}, "/watts"),
        ({**LAMP, "colour": "red"}, "/colour"),
        ({**LAMP, "socket": {"kind": "E99"}}, "/socket/kind"),
        ({**LAMP, "socket": {"kind": "E14", "amps": 3}}, "/socket/amps"),
        ({**LAMP, "name": "a\x00b"}, ""),
        ({**LAMP, "name": "half \ud800 pair"}, ""),
        ({**LAMP, "notes": {"a": "\x00"}}, ""),
        ({**LAMP, "notes": {"\x00": "a"}}, ""),
        ([LAMP], ""),
        ("a lamp", ""),
        (None, ""),
    ],
)
async def test_a_value_that_is_not_acceptable_is_named(shop: Shop, body: object, pointer: str) -> None:
    problem = await refusal(shop, json.dumps(body).encode(), status=422)
    assert problem["type"] == "/problems/invalid-input"
    errors = problem["errors"]
    assert isinstance(errors, list)
    assert pointer in [error["pointer"] for error in errors]
    assert all(error["expected"] for error in errors)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-1e999", b"1e400"])
async def test_numbers_that_are_none_are_refused(shop: Shop, number: bytes) -> None:
    await refusal(shop, b'{"name": "a", "watts": 1, "notes": {"a": ' + number + b"}}", status=422)


@pytest.mark.parametrize("watts", [2**31, 2**63, 10**300, -(2**40)])
async def test_a_number_that_no_column_holds_is_refused(shop: Shop, watts: int) -> None:
    await refusal(shop, json.dumps({**LAMP, "watts": watts}).encode(), status=422)


async def test_an_unknown_field_is_answered_with_the_fields_that_exist(shop: Shop) -> None:
    problem = await refusal(shop, json.dumps({**LAMP, "socket": {"kind": "E14", "amps": 3}}).encode(), status=422)
    assert problem["errors"] == [
        {"in": "body", "pointer": "/socket/amps", "given": 3, "expected": "one of the fields kind, volts"}
    ]


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data", "nonsense", ""])
async def test_a_body_of_another_kind_is_refused(shop: Shop, content_type: str) -> None:
    problem = await refusal(shop, json.dumps(LAMP).encode(), headers={**KEY, "Content-Type": content_type}, status=415)
    assert problem["expected"] == "Content-Type: application/json"


async def test_a_form_route_takes_forms_only(shop: Shop) -> None:
    async with shop.stranger() as client:
        assert (await client.post("/v1/forms", data={"number": "7"})).json() == {"number": 7}
        assert (await client.post("/v1/forms", json={"number": 7})).status_code == 415
        assert (await client.post("/v1/forms", data={"number": "x"})).status_code == 422


async def test_a_body_is_too_large_by_its_announcement(shop: Shop) -> None:
    await refusal(shop, b" " * (256 * 1024 + 1), status=413)


async def test_a_body_is_too_large_by_its_bytes(shop: Shop) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 1024

    async with shop.machine() as client:
        answer = await client.post("/v1/lamps", content=endless(), headers=JSON)
    assert "content-length" not in answer.request.headers
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


async def test_a_body_just_within_the_limit_is_read(shop: Shop) -> None:
    content = json.dumps(LAMP).encode()
    async with shop.machine() as client:
        answer = await client.post("/v1/lamps", content=content + b" " * (256 * 1024 - len(content)), headers=JSON)
    assert answer.status_code == 201


async def test_an_unknown_address_and_an_unknown_id_are_different_problems(shop: Shop) -> None:
    async with shop.machine() as client:
        nowhere = await client.get("/v1/lanterns")
        nothing = await client.get(f"/v1/lamps/{uuid4()}")
        no_id = await client.get("/v1/lamps/first")
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, "/problems/not-found")
    assert (nothing.status_code, nothing.json()["type"]) == (404, "/problems/unknown-lamp")
    assert (no_id.status_code, no_id.json()["errors"][0]["in"]) == (422, "path")


async def test_a_slash_too_many_is_an_unknown_address(shop: Shop) -> None:
    async with shop.machine() as client:
        assert (await client.get("/v1/lamps/")).status_code in {404, 422}
        assert (await client.get("/healthz/")).status_code == 404


async def test_an_unknown_method_is_told_all_methods_of_the_address(shop: Shop) -> None:
    async with shop.machine() as client:
        answer = await client.put("/v1/lamps", json=LAMP)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_nul_in_an_address_is_refused(shop: Shop) -> None:
    async with shop.machine() as client:
        for address in ("/v1/lamps?cursor=%00", "/v1/lam%00ps", f"/v1/lamps/{uuid4()}/break?how=a%00"):
            answer = await client.get(address)
            assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed")


@pytest.mark.parametrize(
    ("how", "status", "kind"),
    [("softly", 409, "lamp-is-lit"), ("secretly", 403, "not-yours"), ("wrongly", 422, "no-such-way")],
)
async def test_what_a_domain_refuses_is_a_problem_under_its_own_code(
    shop: Shop, how: str, status: int, kind: str
) -> None:
    async with shop.machine() as client:
        lamp = (await client.post("/v1/lamps", json=LAMP, headers=KEY)).json()
        answer = await client.post(f"/v1/lamps/{lamp['id']}/break", params={"how": how})
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")


async def test_a_bug_is_a_500_that_says_nothing_and_a_log_line_without_the_value(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    async with shop.machine() as client:
        lamp = (await client.post("/v1/lamps", json=LAMP, headers=KEY)).json()
        answer = await client.post(f"/v1/lamps/{lamp['id']}/break", params={"how": "badly"})
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/broken-inside")
    assert "13800138000" not in answer.text


async def test_taking_a_name_that_is_taken_is_a_conflict(shop: Shop) -> None:
    async with shop.machine() as client:
        await client.post("/v1/lamps", json=LAMP, headers=KEY)
        answer = await client.post("/v1/lamps", json=LAMP, headers={"Idempotency-Key": "another-key"})
    assert answer.status_code == 409
    assert await shop.count() == 1


@pytest.mark.parametrize(
    ("path", "unknown", "known"),
    [
        ("/v1/lamps?limt=3", ["limt"], "cursor, limit, purpose"),
        ("/v1/lamps?limit=3&colour=red&colour=blue&LIMIT=1", ["colour", "LIMIT"], "cursor, limit, purpose"),
        (f"/v1/lamps/{SOME_ID}?x=1", ["x"], "purpose"),
        (f"/v1/lamps/{SOME_ID}/owner?purpose=callback&Purpose=a", ["Purpose"], "purpose"),
    ],
)
async def test_an_unknown_query_parameter_is_refused_with_the_known_ones(
    shop: Shop, path: str, unknown: list[str], known: str
) -> None:
    async with shop.client() as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM_MEDIA_TYPE), answer.text
    problem = answer.json()
    assert [(one["in"], one["pointer"]) for one in problem["errors"]] == [("query", name) for name in unknown]
    assert problem["expected"].endswith(known)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"])
async def test_probes_and_documents_may_be_asked_with_any_parameter(shop: Shop, path: str) -> None:
    async with shop.stranger() as client:
        assert (await client.get(f"{path}?cache=off")).status_code == 200
