"""Who may call, on which version of a thing, and for what."""

import time as real_time
from uuid import uuid4

import pytest
from sqlalchemy import select

from shared.security.tokens import create_key_file, mint_token
from support.shop import AUDIT, Shop

LAMP = {"name": "reading lamp", "watts": 40}
KEY = {"Idempotency-Key": "the-first-key"}


async def test_a_request_without_a_token_is_told_how_to_show_one(shop: Shop) -> None:
    async with shop.stranger() as client:
        answer = await client.get("/v1/lamps")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="aftersales"'
    assert answer.json()["type"] == "/problems/not-authenticated"


@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "e30.e30.", "W10.e30.e30", "eyJhbGciOiJub25lIn0.e30.", "5.5.5", "é", "[" * 5000, "WyI" * 2000],
)
async def test_what_is_no_token_is_called_malformed(shop: Shop, token: str) -> None:
    async with shop.stranger({"Authorization": b"Bearer " + token.encode("latin-1")}) as client:  # type: ignore[dict-item]
        answer = await client.get("/v1/lamps")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_an_expired_token_is_called_expired(shop: Shop) -> None:
    token = mint_token(shop.key_file, subject="s", role="agent", issuer="tests", audience="shop", lifetime_seconds=-60)
    async with shop.stranger({"Authorization": f"Bearer {token}"}) as client:
        answer = await client.get("/v1/lamps")
    assert (answer.status_code, answer.json()["detail"]) == (401, "the token is expired")


@pytest.mark.parametrize(("issuer", "audience"), [("others", "shop"), ("tests", "bank")])
async def test_a_token_for_somebody_else_is_refused(shop: Shop, issuer: str, audience: str) -> None:
    token = mint_token(shop.key_file, subject="s", role="agent", issuer=issuer, audience=audience)
    async with shop.stranger({"Authorization": f"Bearer {token}"}) as client:
        assert (await client.get("/v1/lamps")).status_code == 401


async def test_a_token_of_another_key_is_refused(shop: Shop) -> None:
    forged = create_key_file(shop.key_file.with_name("forged.json"))
    token = mint_token(forged, subject="s", role="agent", issuer="tests", audience="shop")
    async with shop.stranger({"Authorization": f"Bearer {token}"}) as client:
        answer = await client.get("/v1/lamps")
    assert (answer.status_code, answer.json()["detail"]) == (401, "the signature does not fit")


async def test_tokens_live_on_real_time(shop: Shop) -> None:
    token = mint_token(shop.key_file, subject="s", role="agent", issuer="tests", audience="shop", lifetime_seconds=60)
    assert shop.time.now().timestamp() < real_time.time() - 3600
    async with shop.stranger({"Authorization": f"Bearer {token}"}) as client:
        assert (await client.get("/v1/lamps")).status_code == 200


async def test_a_role_without_the_scope_is_told_which_one_is_needed(shop: Shop) -> None:
    async with shop.client("technician") as client:
        answer = await client.post("/v1/lamps", json=LAMP, headers=KEY)
    assert answer.status_code == 403
    assert "cases:write" in answer.json()["expected"]
    assert await shop.count() == 0


async def test_a_scope_claim_narrows_a_person_and_never_widens_him(shop: Shop) -> None:
    async with shop.client("agent", scope="cases:read audit:read") as client:
        assert (await client.get("/v1/lamps")).status_code == 200
        assert (await client.post("/v1/lamps", json=LAMP, headers=KEY)).status_code == 403


async def test_an_unknown_role_and_a_machine_without_scopes_may_do_nothing(shop: Shop) -> None:
    for role in ("king", "machine"):
        async with shop.client(role) as client:
            assert (await client.get("/v1/lamps")).status_code == 403


async def test_a_change_needs_the_version_that_it_was_decided_on(shop: Shop) -> None:
    async with shop.machine() as client:
        made = await client.post("/v1/lamps", json=LAMP, headers=KEY)
        address = made.headers["location"]
        assert (await client.get(address)).headers["etag"] == '"1"'
        change = {"kind": "E14", "volts": 100}
        missing = await client.patch(address, json=change)
        changed = await client.patch(address, json=change, headers={"If-Match": '"1"'})
        stale = await client.patch(address, json=change, headers={"If-Match": '"1"'})
        unreadable = await client.patch(address, json=change, headers={"If-Match": "one"})
        whatever = await client.patch(address, json=change, headers={"If-Match": "*"})
    assert (missing.status_code, missing.json()["type"]) == (428, "/problems/precondition-missing")
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale-version")
    assert '"2"' in stale.json()["expected"]
    assert unreadable.status_code == 400
    assert (whatever.status_code, whatever.headers["etag"]) == (200, '"3"')


async def test_a_change_sent_again_with_its_key_is_answered_again_though_its_version_is_old(shop: Shop) -> None:
    async with shop.machine() as client:
        address = (await client.post("/v1/lamps", json=LAMP, headers=KEY)).headers["location"]
        headers = {"If-Match": '"1"', "Idempotency-Key": "the-second-key"}
        first = await client.patch(address, json={"kind": "E14"}, headers=headers)
        again = await client.patch(address, json={"kind": "E14"}, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content


async def test_contact_data_is_read_for_a_purpose_and_the_audit_log_says_so(shop: Shop) -> None:
    address = f"/v1/lamps/{uuid4()}/owner"
    async with shop.machine() as client:
        without = await client.get(address)
        wordy = await client.get(address, headers={"X-Purpose": "because Li Lei 13800138000 asked"})
        by_header = await client.get(address, headers={"X-Purpose": "visit_preparation"})
        by_query = await client.get(address, params={"purpose": "callback"})
    assert [one.status_code for one in (without, wordy, by_header, by_query)] == [422, 422, 200, 200]
    async with shop.database.sessions() as session:
        rows = (await session.execute(select(AUDIT.entry).order_by(AUDIT.entry.c.id))).all()
    assert [(row.actor_id, row.action, row.purpose) for row in rows] == [
        ("robot", "contact_read", "visit_preparation"),
        ("robot", "contact_read", "callback"),
    ]


async def test_pages_follow_one_another_without_gap_or_repetition(shop: Shop) -> None:
    async with shop.machine() as client:
        for n in range(7):
            await client.post(
                "/v1/lamps", json={"name": f"{n}", "watts": n}, headers={"Idempotency-Key": f"key-no-{n}"}
            )
        seen, cursor = [], None
        while True:
            parameters = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/v1/lamps", params=parameters)).json()
            seen += [item["name"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "f" * 32, "Zm9v!", "😀"])
async def test_a_cursor_that_no_page_gave_is_refused(shop: Shop, cursor: str) -> None:
    async with shop.machine() as client:
        answer = await client.get("/v1/lamps", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many", "1e9"])
async def test_a_page_has_between_1_and_200_rows(shop: Shop, limit: str) -> None:
    async with shop.machine() as client:
        answer = await client.get("/v1/lamps", params={"limit": limit})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "limit")
