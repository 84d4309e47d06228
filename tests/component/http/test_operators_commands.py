"""`audit verify` and `keys new | rotate`, as an operator runs them."""

import asyncio
import json
from collections.abc import Callable

import pytest

from shared.actor import Actor
from shared.audit import AuditLog
from shared.audit_command import audit_command
from shared.database import Database, database
from shared.messaging.unit_of_work import Cause
from shared.security.encryption import KeyRing, decoded_key, new_key
from shared.security.keys_command import keys_command
from support.shop import ANSWERS, AUDIT, Shop, ShopKeys

CAUSE = Cause(actor=Actor(kind="person", id="li", role="agent"))


async def run(command: Callable[[], int]) -> int:
    """A command has an event loop of its own, as its process has."""
    return await asyncio.to_thread(command)


async def test_audit_verify_reports_what_it_found(
    shop: Shop, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log = AuditLog(AUDIT)
    await log.record_alone(shop.works, cause=CAUSE, action="contact_shown", subject="customer/1")
    async with shop.database.sessions() as session:
        await log.chain(session)
    code = await run(lambda: audit_command(["verify"], database=database(database_url, service="shop"), audit=log))
    report = json.loads(capsys.readouterr().out)
    assert (code, report["chained"], report["unchained"], report["broken"]) == (0, 1, 0, [])
    assert len(report["head"]) == 64


async def test_keys_rotate_moves_everything_to_the_first_key(
    shop: Shop, database_url: str, keys: ShopKeys, capsys: pytest.CaptureFixture[str]
) -> None:
    async with shop.machine() as client:
        await client.post("/v1/lamps", json={"name": "a", "watts": 1}, headers={"Idempotency-Key": "first-key"})
    both = KeyRing.parse(f"b:{new_key()},{keys.ring_text}")

    def rotate(ring: KeyRing) -> int:
        of_shop = database(database_url, service="shop"), ring
        return keys_command(["rotate"], opened=lambda: of_shop, columns=[ANSWERS.c.answer])

    assert await run(lambda: rotate(KeyRing.parse(f"z:{new_key()}"))) == 1
    assert await run(lambda: rotate(both)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "idempotent_answer.answer: 1 values sealed with key b"


def nothing_is_set_yet() -> tuple[Database, KeyRing]:
    raise AssertionError("the settings need a key before they can be read")


def test_keys_new_prints_a_key_before_there_are_any_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert keys_command(["new"], opened=nothing_is_set_yet, columns=[]) == 0
    assert decoded_key(capsys.readouterr().out.strip())


async def test_a_database_that_is_away_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = database("postgresql://shop:shop@127.0.0.1:1/shop", service="shop")
    with pytest.raises(SystemExit, match="the database does not answer"):
        await run(lambda: audit_command(["verify"], database=nowhere, audit=AuditLog(AUDIT)))
