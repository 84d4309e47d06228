"""What is done together is answered after the commit; what fails concerns whom it concerns, and nobody else."""

import asyncio
from collections.abc import Sequence

import pytest
from asyncpg.exceptions import (
    DeadlockDetectedError,
    LockNotAvailableError,
    PostgresError,
    QueryCanceledError,
    SerializationError,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolIsExhausted

from shared.database import is_away
from shared.gathering import BrokenOff, Gathering
from testkit.patience import PATIENCE_SECONDS

BAD = "bad"


def refused_by_the_server(what: type[PostgresError]) -> DBAPIError:
    return DBAPIError("SELECT", {}, what("refused"))


OF_ONE = [ValueError("a bug"), *map(refused_by_the_server, (LockNotAvailableError, DeadlockDetectedError))]
OF_ONE.append(refused_by_the_server(SerializationError))
OF_ALL = [ConnectionRefusedError(), TimeoutError(), PoolIsExhausted(), refused_by_the_server(QueryCanceledError)]


class Desk:
    """Takes items together, and fails where the bad one is among them: the first time like this, then like that."""

    def __init__(self, *failures: Exception) -> None:
        self.groups: list[list[str]] = []
        self._failures = list(failures)
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.begun = asyncio.Event()

    async def take(self, items: Sequence[str]) -> Sequence[str | Exception]:
        self.groups.append(list(items))
        self.begun.set()
        await self.may_commit.wait()
        if BAD in items and self._failures:
            raise self._failures.pop(0) if len(self._failures) > 1 else self._failures[0]
        return [PermissionError(item) if item == "forged" else item.upper() for item in items]


async def answers(gathering: Gathering[str, str], *items: str) -> list[str | BaseException]:
    return list(await asyncio.gather(*map(gathering.add, items), return_exceptions=True))


async def test_what_arrives_together_is_done_together_and_each_has_its_own_answer() -> None:
    desk = Desk()
    first, forged, last = await answers(Gathering(desk.take, within=0, at_most=100), "a", "forged", "b")
    assert (first, last) == ("A", "B")
    assert isinstance(forged, PermissionError)
    assert desk.groups == [["a", "forged", "b"]]


@pytest.mark.parametrize("failure", OF_ONE, ids=repr)
async def test_what_fails_by_itself_is_refused_alone(failure: Exception) -> None:
    desk = Desk(failure)
    assert await answers(Gathering(desk.take, within=0, at_most=100), "a", BAD, "b") == ["A", failure, "B"]
    assert desk.groups == [["a", BAD, "b"], ["a"], [BAD], ["b"]]


@pytest.mark.parametrize("failure", OF_ALL, ids=repr)
async def test_a_server_that_is_away_or_overloaded_is_asked_once_for_all(failure: Exception) -> None:
    desk = Desk(failure)
    assert await answers(Gathering(desk.take, within=0, at_most=100), "a", BAD, "b") == [failure] * 3
    assert desk.groups == [["a", BAD, "b"]]


async def test_a_server_that_goes_away_while_they_are_tried_alone_is_asked_no_more() -> None:
    away = ConnectionRefusedError()
    desk = Desk(ValueError("a bug"), away)
    assert await answers(Gathering(desk.take, within=0, at_most=100), "a", BAD, "b") == ["A", away, away]
    assert desk.groups == [["a", BAD, "b"], ["a"], [BAD]]


async def test_nobody_is_answered_before_the_commit() -> None:
    desk = Desk()
    desk.may_commit.clear()
    waiting = asyncio.gather(*map(Gathering(desk.take, within=0, at_most=100).add, ("a", "b")))
    await desk.begun.wait()
    await asyncio.sleep(0)
    assert not waiting.done()
    desk.may_commit.set()
    assert await waiting == ["A", "B"]


async def test_what_arrives_meanwhile_is_done_together_afterwards() -> None:
    desk = Desk()
    desk.may_commit.clear()
    gathering = Gathering(desk.take, within=0, at_most=100)
    first = asyncio.ensure_future(gathering.add("a"))
    await desk.begun.wait()
    later = asyncio.gather(*map(gathering.add, ("b", "c")))
    await asyncio.sleep(0)
    desk.may_commit.set()
    assert [await first, *await later] == ["A", "B", "C"]
    assert desk.groups == [["a"], ["b", "c"]]
    assert await gathering.add("d") == "D"


async def test_whoever_has_left_is_not_tried_alone() -> None:
    desk = Desk(ValueError("a bug"))
    desk.may_commit.clear()
    gathering = Gathering(desk.take, within=0, at_most=100)
    leaving, bad, staying = (asyncio.ensure_future(gathering.add(item)) for item in ("a", BAD, "b"))
    await desk.begun.wait()
    leaving.cancel()
    await asyncio.wait([leaving])
    desk.may_commit.set()
    assert await staying == "B"
    assert isinstance(bad.exception(), ValueError)
    assert desk.groups == [["a", BAD, "b"], [BAD], ["b"]]


async def test_what_is_of_all_is_for_the_caller_to_say() -> None:
    slow = refused_by_the_server(QueryCanceledError)
    gathering = Gathering(Desk(slow).take, within=0, at_most=100, of_all=is_away)
    assert await answers(gathering, "a", BAD, "b") == ["A", slow, "B"]


async def test_whoever_waits_is_told_where_the_work_is_cancelled_and_may_come_again() -> None:
    first, *meanwhile = "a", "b", "c"
    cancelled: list[Sequence[str]] = []
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def take(items: Sequence[str]) -> Sequence[str]:
        if not cancelled:
            cancelled.append(items)
            begun.set()
            await may_end.wait()
            raise asyncio.CancelledError
        return items

    gathering = Gathering(take, within=0, at_most=100)
    taken = asyncio.ensure_future(gathering.add(first))
    await begun.wait()
    waiting = asyncio.ensure_future(answers(gathering, *meanwhile))
    await asyncio.sleep(0)
    may_end.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        told = [*await asyncio.gather(taken, return_exceptions=True), *await waiting]
        assert [type(answer) for answer in told] == [BrokenOff] * 3
        assert await gathering.add("again") == "again"


async def test_a_bug_that_answers_too_few_leaves_nobody_waiting_and_nothing_stuck() -> None:
    async def forget_one(items: Sequence[str]) -> Sequence[str]:
        return items[1:]

    gathering = Gathering(forget_one, within=0, at_most=100)
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(2):
            [answer] = await answers(gathering, "a")
            assert isinstance(answer, ValueError)
