"""What others need of intake, as a real HTTP server: cases and contacts in the documented JSON, or trouble."""

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import override
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

TOKEN = "token-of-the-notifier"


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which are the test runner's."""

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@dataclass
class IntakeStandIn:
    """Knows some customers. `status` is what it answers instead, `asked` who was asked for, with which purpose.

    `cases`: of whom each case is, and at which site; `addresses`: where that is.
    """

    url: str = ""
    emails: dict[UUID, str | None] = field(default_factory=dict)
    cases: dict[UUID, tuple[UUID, UUID]] = field(default_factory=dict)
    addresses: dict[UUID, str] = field(default_factory=dict)
    status: int | None = None
    hangs: asyncio.Event | None = None
    body: bytes | None = None
    asked: list[tuple[UUID, str | None, str | None]] = field(default_factory=list)

    def forget(self) -> None:
        """Know nobody, and answer as usual."""
        self.emails.clear()
        self.cases.clear()
        self.addresses.clear()
        self.asked.clear()
        self.status = self.hangs = self.body = None

    async def answer(self, request: Request, customer_id: UUID) -> Response:
        """GET /v1/customers/{id}/contact."""
        given = request.headers.get("authorization")
        self.asked.append((customer_id, request.query_params.get("purpose"), given))
        if self.hangs is not None:
            await self.hangs.wait()
        if self.status is not None:
            refusal = {"title": "no", "expected": "something else"}
            return JSONResponse(refusal, status_code=self.status, media_type="application/problem+json")
        if self.body is not None:
            return Response(self.body, media_type="application/json")
        if customer_id not in self.emails:
            return JSONResponse({"title": "unknown"}, status_code=404, media_type="application/problem+json")
        return JSONResponse(
            {
                "customer_id": str(customer_id),
                "name": "王小明",
                "phones": ["+8613800138000"],
                "email": self.emails[customer_id],
                "sites": [
                    {"site_id": str(site_id), "district": "海淀区", "address": address}
                    for site_id, address in self.addresses.items()
                ],
            }
        )

    async def show(self, case_id: UUID) -> Response:
        """GET /v1/cases/{id}, as far as anybody looks at it."""
        if case_id not in self.cases:
            return JSONResponse({"title": "unknown"}, status_code=404, media_type="application/problem+json")
        customer_id, site_id = self.cases[case_id]
        return JSONResponse({"id": str(case_id), "customer_id": str(customer_id), "site_id": str(site_id)})

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator["IntakeStandIn"]:
        """On a free port, for as long as the block lasts."""
        intake, api = cls(), FastAPI()
        api.add_api_route("/v1/customers/{customer_id}/contact", intake.answer, response_model=None)
        api.add_api_route("/v1/cases/{case_id}", intake.show, response_model=None)
        server = _Server(uvicorn.Config(api, log_config=None, access_log=False, timeout_graceful_shutdown=1))
        with socket.create_server(("127.0.0.1", 0)) as listening:
            intake.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            try:
                yield intake
            finally:
                if intake.hangs is not None:
                    intake.hangs.set()
                server.should_exit = True
                await serving
