"""What happens at the same time: the last piece goes once, a deposit is paid once, the ledger stays true."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from parts.domain.ledger import Kind
from parts.use_cases.move_stock import Move, move_stock
from shared.actor import Actor
from shared.contracts.dispatch import PartsRequested
from shared.contracts.parts import DepositPaid, DepositRefunded, DepositWaived, PartsIssued, PartsReserved, PartsShort
from shared.messaging.unit_of_work import Cause
from support.parts_news import BOARD, FAN, cancelled, needs, requested, started
from support.parts_store import PartsStore
from support.waiting import eventually


async def test_the_last_piece_goes_to_one_of_200_who_ask_at_once(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=1)
    asked = [requested() for _ in range(200)]
    at_once = asyncio.Semaphore(12)  # as many as there are connections for

    async def hear(one: PartsRequested) -> None:
        async with at_once:
            await store.hear(one)

    await asyncio.gather(*(hear(one) for one in asked))
    assert len(await store.said(PartsReserved)) == 1
    assert len(await store.said(PartsShort)) == 199
    assert await store.stock(BOARD) == (1, 1, 0)


async def test_requests_that_want_the_same_parts_in_another_order_do_not_stop_one_another(store: PartsStore) -> None:
    for code in (BOARD, FAN):
        await store.part(code, on_hand=8)
    there, back = needs(PCB_77=1, FAN_3=1), needs(FAN_3=1, PCB_77=1)
    asked = [requested(lines=there if number % 2 else back) for number in range(8)]
    await asyncio.gather(*(store.hear(one) for one in asked))
    await asyncio.gather(*(store.hear(cancelled(one)) for one in asked))
    assert await store.stock(BOARD) == (8, 0, 0)
    assert await store.stock(FAN) == (8, 0, 0)


async def test_the_first_postings_of_all_make_one_storeroom_and_do_not_stop_one_another(store: PartsStore) -> None:
    for code in (BOARD, FAN):
        await store.part(code)
    assert await store.rows("SELECT code FROM location") == []
    receipts = [
        {"part_code": code, "quantity": 1, "reference": f"DN-{number}"} for number in range(4) for code in (BOARD, FAN)
    ]
    posted = await asyncio.gather(*(store.post("/v1/stock/receipts", one) for one in receipts))
    assert [one.status_code for one in posted] == [201] * 8
    assert [row["code"] for row in await store.rows("SELECT code FROM location")] == ["main"]
    assert (await store.stock(BOARD), await store.stock(FAN)) == ((4, 0, 0), (4, 0, 0))


async def test_the_same_request_heard_by_several_at_once_is_kept_once(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=5)
    asked = requested()
    await asyncio.gather(*(store.hear(asked) for _ in range(4)))
    assert await store.stock(BOARD) == (5, 1, 0)
    assert len(await store.said(PartsReserved)) == 1


async def test_a_deposit_paid_twice_and_called_off_at_once_is_paid_at_most_once(store: PartsStore) -> None:
    asked = await store.short()

    async def all_wait() -> bool:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return len(await store.rows(waiting)) == 3

    async with store.database.sessions() as session, session.begin():
        await session.execute(text("SELECT 1 FROM known_work_order FOR UPDATE"))
        paying = [asyncio.create_task(store.pay(asked)) for _ in range(2)]
        calling_off = asyncio.create_task(store.hear(cancelled(asked)))
        await eventually(all_wait)
    answers = await asyncio.gather(*paying)
    await calling_off
    paid = [answer.status_code for answer in answers].count(200)
    assert paid <= 1
    assert len(await store.said(DepositPaid)) == len(await store.said(DepositRefunded)) == paid
    assert len(await store.said(DepositWaived)) == 1 - paid
    assert await store.state(asked) == ("released", "cancelled", "refunded" if paid else "waived")


async def test_what_is_reserved_is_issued_once_by_two_storekeepers(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=5)
    asked = requested(lines=needs(PCB_77=2))
    await store.hear(asked, started(asked))
    answers = await asyncio.gather(*(store.issue(asked) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert len(await store.said(PartsIssued)) == 1
    assert await store.stock(BOARD) == (3, 0, 2)


@pytest.mark.rule("R324")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_movement SET on_hand = on_hand + 1",
        "DELETE FROM stock_movement",
        "TRUNCATE stock_movement",
    ],
)
async def test_the_database_itself_refuses_to_rewrite_the_ledger(store: PartsStore, statement: str) -> None:
    await store.part(BOARD, on_hand=5)
    async with store.database.sessions() as session:
        with pytest.raises(DBAPIError, match="append-only"):
            await session.execute(text(statement))
    assert await store.stock(BOARD) == (5, 0, 0)


@pytest.mark.parametrize(
    "change",
    ["on_hand = -1", "reserved = 6", "reserved = -1", "issued = -1"],
    ids=lambda change: change.replace(" ", ""),
)
async def test_the_database_itself_refuses_stock_below_nothing(store: PartsStore, change: str) -> None:
    await store.part(BOARD, on_hand=5)
    async with store.database.sessions() as session:
        with pytest.raises(IntegrityError, match="stock_not_negative_check"):
            await session.execute(text(f"UPDATE stock SET {change}"))  # noqa: S608  # our own parameters


async def test_the_database_itself_keeps_a_line_of_the_ledger_to_its_kind(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=5)
    wrong = (
        "INSERT INTO stock_movement"
        " (id, part_code, kind, on_hand, reserved, issued, location, department, value, reference, at, by)"
        " SELECT gen_random_uuid(), part_code, 'receipt', -1, 0, 0, location, department, 0, 'x', at, by"
        " FROM stock_movement"
    )
    async with store.database.sessions() as session:
        with pytest.raises(IntegrityError, match="stock_movement_kind_check"):
            await session.execute(text(wrong))


async def test_whose_account_a_place_is_cannot_change_while_pieces_are_being_brought_there(store: PartsStore) -> None:
    await store.part(BOARD, on_hand=1)
    async with store.works.begin(Cause(actor=Actor(kind="person", id="S1", role="storekeeper"))) as work:
        move = Move(part_code=BOARD, kind=Kind.RECEIPT, pieces=1, reference="DN-2")
        await move_stock(work, moves=[move], desk=store.service.api.state.desk)
        free = await store.rows("SELECT code FROM location WHERE code = 'main' FOR NO KEY UPDATE SKIP LOCKED")
        assert free == [], "whoever changes a place waits for it"
        await work.commit()
    assert await store.rows("SELECT code FROM location WHERE code = 'main' FOR NO KEY UPDATE SKIP LOCKED")
