"""Whether the process lives and whether it can work: `/healthz` for restarts, `/readyz` for traffic."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

CHECK_SECONDS = 3.0

type Check = Callable[[], Awaitable[str | None]]
"""Says what is wrong, or None where all is well. An outage that it raises counts as wrong."""


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class CheckResult(BaseModel):
    """One condition of readiness."""

    ok: bool
    problem: Annotated[str | None, Field(description="what is wrong")] = None


class Readiness(BaseModel):
    """Whether the service can work now, and what keeps it from it."""

    ready: bool
    checks: dict[str, CheckResult]


def health_router(checks: Mapping[str, Check]) -> APIRouter:
    """`/healthz`, and `/readyz` that runs all checks at once with three seconds for each."""
    router = APIRouter(tags=["operations"])

    @router.get("/healthz")
    async def get_health() -> Live:
        return Live()

    @router.get("/readyz", responses={503: {"model": Readiness, "description": "a check fails"}})
    async def get_readiness(response: Response) -> Readiness:
        readiness = await readiness_of(checks)
        response.status_code = 200 if readiness.ready else 503
        response.headers["Cache-Control"] = "no-store"
        return readiness

    return router


async def readiness_of(checks: Mapping[str, Check]) -> Readiness:
    """The result of every check, all run at the same time."""
    results = await asyncio.gather(*(_result(check) for check in checks.values()))
    return Readiness(ready=all(result.ok for result in results), checks=dict(zip(checks, results, strict=True)))


async def _result(check: Check) -> CheckResult:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            problem = await check()
    except TimeoutError:
        problem = f"no answer within {CHECK_SECONDS:.0f} s"
    except Exception as error:  # noqa: BLE001  # the edge: a check that breaks is a service that is not ready
        problem = type(error).__name__
    return CheckResult(ok=problem is None, problem=problem)
