"""What the operator's commands that work on the database have in common."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolIsExhausted

from shared.database import Database, is_outage, refusal
from shared.migrations import require_not_contracted


def run_on[Result](database: Database, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Do `work` in an event loop of its own and close the database; one line and exit code 1 where it is away.

    Raises `DatabaseRefuses`, and `SchemaContracted` where this build is too old for the schema.
    """
    return asyncio.run(_run_on(database, work))


async def _run_on[Result](database: Database, work: Callable[[Database], Awaitable[Result]]) -> Result:
    try:
        await require_not_contracted(database)
        return await work(database)
    except (DBAPIError, PoolIsExhausted, OSError) as error:
        refused = refusal(error) if isinstance(error, DBAPIError) else None
        if refused is not None:  # it may not do what only the database's owner may
            raise refused from error
        if is_outage(error):
            raise SystemExit("the database does not answer; nothing was changed that was not reported") from None
        raise
    finally:
        await database.close()
