"""The kit that faults are made with: each fault is what it says, and ends where it is ended."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from shared.messaging.broker import passing_connection
from support.forked import ForkedProcess
from support.proxy import Proxy, proxy
from support.waiting import patiently
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.postgres import EmbeddedPostgres, Postgres
from testkit.servers.rabbitmq import PrivateRabbitMQ, RabbitMQ


@asynccontextmanager
async def echo() -> AsyncIterator[tuple[str, list[bytes]]]:
    """The address of a server that sends everything back, and what reached it."""
    reached: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1024):
            reached.append(data)
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", reached


async def call(between: Proxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(between.url.rpartition(":")[2]))


async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, text: bytes) -> bytes:
    writer.write(text)
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await reader.readexactly(len(text))


async def test_latency_makes_everything_late_from_now_on() -> None:
    async with echo() as (address, _), proxy(address) as between:
        line = await call(between)
        await say(*line, text=b"soon")
        between.latency = 0.2
        before = time.monotonic()
        await say(*line, text=b"late")
        assert time.monotonic() - before >= 0.4  # there and back


async def test_a_black_hole_keeps_the_connection_and_passes_on_nothing_until_it_ends() -> None:
    async with echo() as (address, reached), proxy(address) as between:
        reader, writer = await call(between)
        await say(reader, writer, text=b"before")
        between.freeze()
        writer.write(b"lost?")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reader.read(1)
        assert reached == [b"before"]
        between.thaw()
        assert await reader.readexactly(5) == b"lost?"


async def test_a_reset_breaks_every_connection_and_the_next_one_is_accepted() -> None:
    async with echo() as (address, _), proxy(address) as between:
        reader, writer = await call(between)
        await say(reader, writer, text=b"before")
        between.reset()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        assert await say(*await call(between), text=b"again") == b"again"
        assert between.accepted == 2


async def test_a_connection_breaks_after_so_many_bytes() -> None:
    async with echo() as (address, reached), proxy(address) as between:
        reader, writer = await call(between)
        between.cut_after(7)
        await say(reader, writer, text=b"1234")
        writer.write(b"56789")
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(5)
        again = await call(between)
        await say(*again, text=b"whole again")
        assert b"".join(reached) == b"1234567whole again"


def count_for_ever(file: str) -> None:
    """Touch a file again and again."""
    while True:
        Path(file).write_text(str(time.monotonic_ns()))
        time.sleep(0.005)


def test_a_frozen_process_does_nothing_until_it_is_thawed_and_a_killed_one_nothing_more(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    process = ForkedProcess(
        count_for_ever, str(counter), name="counter", log=tmp_path / "log", environment=dict(os.environ)
    )
    patiently(counter.exists)
    process.freeze()
    patiently(lambda: Path(f"/proc/{process.pid}/stat").read_text().split()[2] == "T")
    stood = counter.read_text()
    time.sleep(0.1)
    assert counter.read_text() == stood
    process.thaw()
    patiently(lambda: counter.read_text() not in {"", stood})
    assert process.alive
    process.kill()
    assert process.exit_code == -signal.SIGKILL


async def test_a_frozen_database_keeps_its_connections_and_answers_once_it_is_thawed(postgres: Postgres) -> None:
    if not isinstance(postgres, EmbeddedPostgres):
        pytest.skip("only a server of our own can be frozen")
    connection = await asyncpg.connect(postgres.url)
    postgres.freeze()
    try:
        asked = asyncio.create_task(connection.fetchval("SELECT 7"))
        done, _ = await asyncio.wait({asked}, timeout=0.2)
        assert not done
    finally:
        postgres.thaw()
    assert await asked == 7
    await connection.close()


async def test_a_frozen_broker_keeps_its_connections_and_confirms_once_it_is_thawed(rabbitmq: RabbitMQ) -> None:
    if not isinstance(rabbitmq, PrivateRabbitMQ):
        pytest.skip("only a broker of our own can be frozen")
    async with passing_connection(rabbitmq.url, name="tests") as connection:
        channel = await connection.channel()
        rabbitmq.freeze()
        try:
            asked = asyncio.create_task(channel.declare_queue(exclusive=True))
            done, _ = await asyncio.wait({asked}, timeout=0.2)
            assert not done
        finally:
            rabbitmq.thaw()
        assert (await asked).name
