"""Several who do something to one service at the same time, made to meet at the rows that they all need."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
from sqlalchemy import text

from support.service_room import ServiceRoom
from support.waiting import eventually

type Deed = Callable[[], Awaitable[httpx.Response]]


async def at_once(room: ServiceRoom, *deeds: Deed, over: str) -> list[tuple[int, str]]:
    """Begin them all while somebody holds the row that they are about; the status and problem of each, sorted.

    `over`: the table, all of whose rows are held until every one of them waits.
    """

    async def all_wait() -> bool:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return len(await room.rows(waiting)) == len(deeds)

    async with room.database.sessions() as session, session.begin():
        await session.execute(text(f'SELECT 1 FROM "{over}" FOR UPDATE'))  # noqa: S608  # a name of this file
        begun = [asyncio.ensure_future(deed()) for deed in deeds]
        await eventually(all_wait)
    answers = [await one for one in begun]
    return sorted((one.status_code, one.json().get("type", "").removeprefix("/problems/")) for one in answers)
