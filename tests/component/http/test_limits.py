"""Too much of everything: the service stays as small as it is, serves who is no trouble, and loses nothing."""

import asyncio
import os
import resource
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from shared.database import driver_url
from shared.http.reception import BODY_LIMIT, ROOM, SMALL
from shared.observability.metrics import LetGo
from shared.security.tokens import mint_token
from support.forked import as_copy
from support.front_desk import IN_WARRANTY, FrontDesk, open_front_desk, repair, unit
from support.insisting import Insisting
from support.narrow_disk import CannotMount, NarrowDisk, narrow_disk
from support.slow_clients import Client, Told, clients, head
from support.waiting import eventually
from testkit.patience import PATIENCE_SECONDS
from testkit.servers.ports import free_port
from testkit.servers.postgres import Postgres
from testkit.service_process import ServiceProcess

GROWN = 1.5
"""How many times as much memory a service may have during a fault as it had before the first one."""
FILES = 4096
CROWD = 1000
MANY = 8
"""Clients who send ten megabytes each: were only one kind of them kept, the service would have grown too much."""
DEAF = 20
"""Clients who ask and never read: each may keep one answer waiting."""
CASES = "/v1/cases"
JSON = {"Content-Type": "application/json", "Idempotency-Key": "large"}
MEGABYTE = 1024 * 1024
FORGET_THE_PEAK = "5"
"""What is written to `clear_refs`: proc(5)."""
POOL = 15
"""Connections to the database at most."""
WAITING = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """One intake process, an agent who insists, and one who takes what he is told."""

    desk: FrontDesk
    process: ServiceProcess
    agent: Insisting
    client: httpx.AsyncClient
    token: str
    small_mb: float
    few_files: int

    async def register(self, *, key: str | None = None) -> httpx.Response:
        """One attempt at a case of somebody new."""
        return await self.client.post(CASES, json=repair(), headers={"Idempotency-Key": key or uuid4().hex})

    async def must_register(self) -> str:
        """The id of a case that is registered at the first attempt."""
        answer = await self.register()
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def stored(self) -> set[str]:
        """The ids of all cases."""
        async with self.desk.database.engine.connect() as connection:
            return {str(row.id) for row in await connection.exec_driver_sql("SELECT id FROM repair_case")}

    @property
    def files(self) -> int:
        """What the process holds open, connections among it."""
        return len(os.listdir(f"/proc/{self.process.process.pid}/fd"))  # noqa: PTH208 - it holds links to nowhere

    @property
    def peak_mb(self) -> float:
        """The most memory that it had since that was forgotten."""
        status = Path(f"/proc/{self.process.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) / 1024

    def forget_peak(self) -> None:
        """The most memory that it had is what it has now."""
        Path(f"/proc/{self.process.process.pid}/clear_refs").write_text(FORGET_THE_PEAK)

    @asynccontextmanager
    async def staying_small(self) -> AsyncIterator[None]:
        """Whatever is done to it meanwhile."""
        self.forget_peak()
        yield
        assert self.peak_mb < self.small_mb * GROWN

    async def let_go(self, reason: LetGo) -> float:
        """How many clients it says that it let go for this reason."""
        said = (await self.client.get("/metrics")).text
        name = f'http_clients_let_go_total{{reason="{reason}",service="intake"}}'
        return float(next(line.split()[1] for line in said.splitlines() if line.startswith(name)))


@asynccontextmanager
async def opened(desk: FrontDesk, *, home: Path, mode: str = "api", client_seconds: int = 30) -> AsyncIterator[Counter]:
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    given = {f"INTAKE_{name.upper()}": str(value) for name, value in desk.settings if value is not None}
    port = free_port()
    given |= {"INTAKE_HTTP_PORT": str(port), "INTAKE_CLIENT_SECONDS": str(client_seconds)}
    process = ServiceProcess(
        name="intake",
        environment={**os.environ, **given},
        log=home / "intake.log",
        port=port,
        mode=mode,
        start_as=as_copy,
    )
    await asyncio.to_thread(process.restart)
    token = mint_token(desk.key_file, subject="li", role="agent", issuer="tests", audience="tests")
    agent = Insisting(process.url, token=token)
    headers = {"Authorization": f"Bearer {token}"}
    limits = httpx.Limits(max_connections=None)
    try:
        async with httpx.AsyncClient(
            base_url=process.url, headers=headers, timeout=PATIENCE_SECONDS, limits=limits
        ) as client:
            cold = Counter(desk=desk, process=process, agent=agent, client=client, token=token, small_mb=0, few_files=0)
            await cold.must_register()
            yield replace(cold, small_mb=process.memory_mb(), few_files=cold.files)
    finally:
        await agent.close()
        await asyncio.to_thread(process.stop)


@pytest.fixture(scope="module", autouse=True)
def many_files() -> Iterator[None]:
    """So that this process may have a crowd of connections."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before, wanted), most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


@pytest.fixture(scope="module")
async def counter(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Counter]:
    """One for all of these: what one test does to it is no trouble to the next."""
    home = tmp_path_factory.mktemp("counter")
    async with open_front_desk(postgres, home=home) as desk, opened(desk, home=home) as found:
        yield found


@pytest.fixture
async def hurried_counter(postgres: Postgres, tmp_path: Path) -> AsyncIterator[Counter]:
    """It gives its clients two seconds for everything."""
    async with (
        open_front_desk(postgres, home=tmp_path) as desk,
        opened(desk, home=tmp_path, client_seconds=2) as found,
    ):
        yield found


@pytest.fixture
def disk(server_home: Path) -> Iterator[NarrowDisk]:
    try:
        with narrow_disk(server_home / f"narrow-{uuid4().hex[:8]}") as made:
            yield made
    except CannotMount as error:
        pytest.skip(str(error))


async def test_bodies_of_ten_megabytes_are_refused_and_never_kept(counter: Counter) -> None:
    announced = [head("POST", CASES, f"Content-Length: {10 * MEGABYTE}")] * MANY
    in_pieces = [head("POST", CASES, "Transfer-Encoding: chunked") + b"a00000\r\n"] * MANY
    async with counter.staying_small(), clients(counter.process.port, count=2 * MANY) as crowd:
        sending = asyncio.gather(
            *(
                client.exchange(beginning + bytes(10 * MEGABYTE))
                for client, beginning in zip(crowd, announced + in_pieces, strict=True)
            )
        )
        registered = [await counter.must_register() for _ in range(5)]
        assert set(await sending) == {"413"}
    assert await counter.stored() >= set(registered)


async def test_a_head_without_end_is_refused_and_never_kept(counter: Counter) -> None:
    endless = b"GET /v1/cases HTTP/1.1\r\nX-Endless: " + b"x" * 10 * MEGABYTE
    numberless = b"GET /v1/cases HTTP/1.1\r\n" + b"X-One-More: x\r\n" * (MEGABYTE // 2)
    async with counter.staying_small(), clients(counter.process.port, count=2 * MANY) as crowd:
        sending = asyncio.gather(
            *(client.exchange(data) for client, data in zip(crowd, [endless, numberless] * MANY, strict=True))
        )
        await counter.must_register()
        assert set(await sending) == {"431"}


async def test_a_thousand_connections_at_once_are_answered_or_asked_to_come_again(counter: Counter) -> None:
    look_up = head("GET", CASES, f"Authorization: Bearer {counter.token}")
    async with counter.staying_small():
        async with clients(counter.process.port, count=CROWD) as crowd:
            await eventually(lambda: held(counter, at_least=counter.few_files + CROWD))
            asking = asyncio.gather(*(client.exchange(look_up) for client in crowd[: CROWD // 2]))
            registered = [await counter.agent.send(CASES, repair(), key=uuid4().hex) for _ in range(5)]
            assert set(await asking) <= {"200", "503 retry"}
        assert await counter.stored() >= {answer.json()["id"] for answer in registered}
        await eventually(lambda: let_go(counter))
    await counter.must_register()


async def test_clients_who_take_too_long_are_let_go_and_nobody_else_waits_for_them(hurried_counter: Counter) -> None:
    counter = hurried_counter
    token = f"Authorization: Bearer {counter.token}"
    body = head("POST", CASES, token, f"Content-Length: {SMALL}") + b"{"
    document = head("GET", "/openapi.json") * 50

    def saying(number: int) -> bytes:
        return document if number < DEAF else (b"", b"GET /v1/ca", body)[(number - DEAF) % 3]

    async with counter.staying_small(), clients(counter.process.port, count=CROWD, saying=saying) as crowd:
        silent, halting, pausing = crowd[DEAF::3], crowd[DEAF + 1 :: 3], crowd[DEAF + 2 :: 3]
        registered = [await counter.must_register() for _ in range(5)]
        assert await ends(silent) == {"0"}
        assert await ends(halting) == {"408"}
        assert await ends(pausing) == {"503 retry"}
        await eventually(lambda: let_go(counter))
        counts = {reason: await counter.let_go(reason) for reason in LetGo}
    assert counts == {
        LetGo.SILENT: len(silent),
        LetGo.SLOW_HEAD: len(halting),
        LetGo.LARGE_HEAD: 0,
        LetGo.SLOW_BODY: len(pausing),
        LetGo.SLOW_READER: DEAF,
    }
    assert await counter.stored() >= set(registered)
    await counter.must_register()


async def test_more_large_bodies_than_there_is_room_for_are_asked_to_come_again(counter: Counter) -> None:
    token = f"Authorization: Bearer {counter.token}"
    large = head("POST", CASES, token, f"Content-Length: {BODY_LIMIT}") + bytes(BODY_LIMIT - 1)
    fitting = ROOM // (BODY_LIMIT - SMALL)
    async with counter.staying_small(), clients(counter.process.port, count=3 * fitting) as crowd:
        waiting = {asyncio.create_task(client.exchange(large)) for client in crowd}
        refused: list[Told] = []
        while len(refused) < len(crowd) - fitting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            refused += [task.result() for task in done]
        assert set(refused) == {"503 retry"}
        await counter.must_register()  # small ones always find room
        for task in waiting:
            task.cancel()
    await eventually(lambda: has_room(counter, body=bytes(BODY_LIMIT)))


async def test_an_exhausted_pool_costs_503_until_it_is_free_and_loses_nothing(counter: Counter) -> None:
    before = await counter.stored()
    keys = [uuid4().hex for _ in range(2 * POOL)]
    async with counter.staying_small():
        holding = await asyncpg.connect(driver_url(counter.desk.database_url))
        async with holding.transaction():
            await holding.execute("LOCK TABLE repair_case IN ACCESS EXCLUSIVE MODE")
            asking = {asyncio.create_task(counter.register(key=key)) for key in keys}
            answered: set[asyncio.Task[httpx.Response]] = set()
            while len(answered) < POOL:
                assert (await counter.client.get("/healthz")).status_code == 200
                answered, _ = await asyncio.wait(asking, timeout=0.5)
            assert {come_again(task.result()) for task in answered} == {"503 retry"}
        await holding.close()
        assert {come_again(answer) for answer in await asyncio.gather(*asking)} <= {"201", "503 retry"}
        answers = await asyncio.gather(*(counter.agent.send(CASES, repair(), key=key) for key in keys))
    assert await counter.stored() == before | {answer.json()["id"] for answer in answers}


async def test_a_full_disk_costs_503_until_there_is_room_and_loses_nothing(
    disk: NarrowDisk, broker_url: str, tmp_path: Path
) -> None:
    async with (
        open_front_desk(disk.server, home=tmp_path, broker_url=broker_url) as desk,
        opened(desk, home=tmp_path, mode="serve") as counter,
    ):
        before = await counter.stored()
        answers: dict[str, str] = {}
        async with counter.staying_small():
            disk.fill()
            while list(answers.values()).count("503 retry") < 10:
                keys = [uuid4().hex for _ in range(5)]
                told = await asyncio.gather(*(counter.register(key=key) for key in keys))
                answers |= dict(zip(keys, map(come_again, told), strict=True))
                assert (await counter.client.get("/healthz")).status_code == 200
            assert set(answers.values()) <= {"201", "503 retry"}
            disk.free()
            stored = await asyncio.gather(*(counter.agent.send(CASES, repair(), key=key) for key in answers))
        assert await counter.stored() == before | {answer.json()["id"] for answer in stored}
        await eventually(lambda: said(counter))


def come_again(answer: httpx.Response) -> Told:
    """The status, and whether it says when to come again."""
    return f"{answer.status_code}{' retry' if 'retry-after' in answer.headers else ''}"


async def ends(group: Sequence[Client]) -> set[Told]:
    """How these clients were let go."""
    return set(await asyncio.gather(*(client.end() for client in group)))


async def held(counter: Counter, *, at_least: int) -> bool:
    """Whether the process has taken so many connections."""
    return counter.files >= at_least


async def let_go(counter: Counter) -> bool:
    """Whether it has as few as at first; it keeps some more to its database."""
    return counter.files <= counter.few_files + POOL


async def has_room(counter: Counter, *, body: bytes) -> bool:
    """Whether a large body is read again, and found to be no JSON."""
    return (await counter.client.post(CASES, content=body, headers=JSON)).status_code == httpx.codes.BAD_REQUEST


async def said(counter: Counter) -> bool:
    """Whether everything that was to be said has been said."""
    async with counter.desk.database.engine.connect() as connection:
        waiting: int = (await connection.exec_driver_sql(WAITING)).scalar_one()
        return waiting == 0
