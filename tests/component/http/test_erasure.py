"""What a service destroys of an erased customer stays destroyed, whatever comes in which order."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, MetaData, Table, Text, Uuid, delete, insert, select

from shared.actor import Actor
from shared.database import database
from shared.erasure import Erasures, erasure_table, is_erased
from shared.erasure_command import erasures_command
from shared.http.idempotency import Answers
from shared.messaging.unit_of_work import Cause, UnitOfWork, Works
from shared.security.encryption import KeyRing
from support.shop import ANSWERS, DELIVERY, Shop, ShopKeys

METADATA = MetaData()
ERASED = erasure_table(METADATA)
LETTER = Table("letter", METADATA, Column("customer_id", Uuid, nullable=False), Column("words", Text, nullable=False))
CAUSE = Cause(actor=Actor(kind="system", id="shop", role="consumer"))
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def forget(work: UnitOfWork, *, customer_id: UUID) -> None:
    await work.session.execute(delete(LETTER).where(LETTER.c.customer_id == customer_id))


async def write(work: UnitOfWork, customer_id: UUID) -> None:
    """Keep a letter, unless its writer is erased."""
    if not await is_erased(work, customer_id=customer_id, table=ERASED):
        await work.session.execute(insert(LETTER).values(customer_id=customer_id, words="the lamp is broken"))


@pytest.fixture
async def erasures(shop: Shop, keys: ShopKeys) -> Erasures:
    async with shop.database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    answers = Answers(ANSWERS, keys=KeyRing.parse(keys.ring_text), index=keys.index)
    return Erasures(table=ERASED, answers=answers, forget=forget)


async def erase(shop: Shop, erasures: Erasures, customer_id: UUID, *, at: datetime = AT) -> bool:
    async with shop.works.begin(CAUSE) as work:
        is_new = await erasures.erase(work, customer_id=customer_id, erased_at=at)
        await work.commit()
        return is_new


async def post_letter(shop: Shop, customer_id: UUID) -> None:
    async with shop.works.begin(CAUSE) as work:
        await write(work, customer_id)
        await work.commit()


async def test_words_are_destroyed_and_later_ones_are_not_kept(shop: Shop, erasures: Erasures) -> None:
    erased, other = uuid4(), uuid4()
    for customer in (erased, other):
        await post_letter(shop, customer)
    assert await erase(shop, erasures, erased)
    await post_letter(shop, erased)
    async with shop.database.sessions() as session:
        assert (await session.scalars(select(LETTER.c.customer_id))).all() == [other]


async def test_an_erasure_is_noted_once_and_the_first_instant_counts(shop: Shop, erasures: Erasures) -> None:
    customer = uuid4()
    later = AT.replace(year=2027)
    assert [await erase(shop, erasures, customer, at=at) for at in (AT, later)] == [True, False]
    async with shop.works.begin(CAUSE) as work:
        assert [(one.customer_id, one.erased_at) for one in await erasures.known(work)] == [(customer, AT)]


async def test_words_that_are_just_being_stored_are_waited_for_and_destroyed(shop: Shop, erasures: Erasures) -> None:
    customer = uuid4()
    async with shop.works.begin(CAUSE) as work:
        await write(work, customer)
        await work.session.flush()
        erasing = asyncio.create_task(erase(shop, erasures, customer))
        done, _ = await asyncio.wait({erasing}, timeout=0.3)
        assert not done
        await work.commit()
    assert await erasing
    async with shop.database.sessions() as session:
        assert (await session.scalars(select(LETTER.c.words))).all() == []


async def test_stored_answers_that_mention_him_are_destroyed_and_not_given_again(
    shop: Shop, erasures: Erasures
) -> None:
    customer = uuid4()
    about_him = {"name": f"lamp of {customer}", "watts": 40}
    of_another = {"name": "lamp of another", "watts": 40}
    async with shop.machine() as client:
        for key, lamp in (("the-first-key", about_him), ("another-key", of_another)):
            await client.post("/v1/lamps", json=lamp, headers={"Idempotency-Key": key})
        await erase(shop, erasures, customer)
        again = await client.post("/v1/lamps", json=about_him, headers={"Idempotency-Key": "the-first-key"})
        same = await client.post("/v1/lamps", json=of_another, headers={"Idempotency-Key": "another-key"})
    assert (again.status_code, same.status_code) == (410, 201)
    assert "destroyed" in again.json()["detail"]
    assert await shop.count() == 2


type Operator = Callable[..., Awaitable[int]]


@pytest.fixture
def operator(shop: Shop, erasures: Erasures, database_url: str) -> Operator:
    """Runs `erasures …` with an event loop and a pool of its own, as its process has."""

    async def run(*arguments: str) -> int:
        def command() -> int:
            own = database(database_url, service="shop")
            works = Works(own.sessions, tables=DELIVERY, time=shop.time, policy_version="none", wake=lambda: None)
            return erasures_command(arguments, database=own, works=works, erasures=erasures)

        return await asyncio.to_thread(command)

    return run


async def test_what_list_prints_apply_erases_in_an_older_copy(
    shop: Shop, erasures: Erasures, operator: Operator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    customer, kept = uuid4(), uuid4()
    await erase(shop, erasures, customer)
    assert await operator("list") == 0
    listed = capsys.readouterr().out
    assert [json.loads(line) for line in listed.splitlines()] == [
        {"customer_id": str(customer), "erased_at": "2026-03-02T09:00:00Z"}
    ]
    file = tmp_path / "erased.jsonl"
    file.write_text(listed)
    async with shop.database.engine.begin() as connection:  # the copy that was restored knows nothing of it
        await connection.execute(delete(ERASED))
    for one in (customer, kept):
        await post_letter(shop, one)
    outcomes = [(await operator("apply", str(file), "--yes"), capsys.readouterr().out) for _ in range(2)]
    assert outcomes == [
        (0, "1 erasures applied, 1 of them were not known here\n"),
        (0, "1 erasures applied, 0 of them were not known here\n"),
    ]
    async with shop.database.sessions() as session:
        assert (await session.scalars(select(LETTER.c.customer_id))).all() == [kept]
        assert (await session.scalars(select(ERASED.c.customer_id))).all() == [customer]


async def test_nothing_is_erased_that_nobody_confirmed(
    shop: Shop, operator: Operator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    customer = uuid4()
    await post_letter(shop, customer)
    file = tmp_path / "erased.jsonl"
    file.write_text(json.dumps({"customer_id": str(customer), "erased_at": AT.isoformat()}))
    assert await operator("apply", str(file)) == 2
    assert "--yes" in capsys.readouterr().err
    assert (await shop.count(LETTER), await shop.count(ERASED)) == (1, 0)
    assert await operator("apply", str(file), "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"applied": 1, "new": 1}
    assert (await shop.count(LETTER), await shop.count(ERASED)) == (0, 1)


async def test_apply_reads_standard_input(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = json.dumps({"customer_id": str(uuid4()), "erased_at": AT.isoformat()})
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{line}\n"))
    assert await operator("apply", "-", "--yes") == 0
    assert capsys.readouterr().out == "1 erasures applied, 1 of them were not known here\n"


@pytest.mark.parametrize("line", ["", "somebody", '{"customer_id": "x", "erased_at": "2026-03-02T09:00:00Z"}'])
async def test_a_file_with_a_line_that_is_no_erasure_changes_nothing(
    line: str, shop: Shop, operator: Operator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good = json.dumps({"customer_id": str(uuid4()), "erased_at": AT.isoformat()})
    file = tmp_path / "erased.jsonl"
    file.write_text(f"{good}\n{line}\n")
    assert await operator("apply", str(file), "--yes") == 1
    assert "line 2 is no erasure" in capsys.readouterr().err
    assert await shop.count(ERASED) == 0


async def test_a_file_that_is_not_there_is_one_line(
    operator: Operator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert await operator("apply", str(tmp_path / "none")) == 1
    assert capsys.readouterr().err.startswith("erasures apply: ")
