"""A tiny service with one kind of thing in it, to try what the HTTP side of every service does."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI, Form, Request
from prometheus_client import CollectorRegistry
from pydantic import BaseModel, Field
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text, Uuid, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from shared.audit import AuditLog, audit_guards, audit_tables
from shared.csv_import import ImportMode, RowOutcome, import_sheet, read_sheet
from shared.database import Database, database
from shared.health import Check
from shared.http.api import create_api
from shared.http.bodies import Body, sheet_body
from shared.http.calls import Call, acting, changing, creating, reading, shown
from shared.http.edge import Edge
from shared.http.idempotency import Answers, answer_table
from shared.http.paging import Asked, Page, Place, after, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.messaging.tables import delivery_tables
from shared.messaging.unit_of_work import UnitOfWork, Works
from shared.observability.metrics import ClientMetrics
from shared.observability.tracing import tracing_to
from shared.refusals import IllegalTransition, NotAllowed, Refusal, Unknown, require_version
from shared.security.blind_index import BlindIndex
from shared.security.encryption import KeyRing, new_key
from shared.security.tokens import LocalKey, Tokens, create_key_file, mint_token
from testkit.servers.postgres import Postgres

METADATA = MetaData()
DELIVERY = delivery_tables(METADATA)
ANSWERS = answer_table(METADATA)
AUDIT = audit_tables(METADATA)
LAMP = Table(
    "lamp",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("watts", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)


class ShopTime:
    """Business time that a test sets."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    async def catch_up(self, session: AsyncSession) -> None:
        """Nothing to learn from elsewhere."""

    def advance(self, by: timedelta) -> None:
        self._now += by


class Socket(Body):
    kind: Literal["E14", "E27"]
    volts: int = Field(default=230, ge=12, le=400)


class NewLamp(Body):
    name: str = Field(min_length=1, max_length=200)
    watts: int
    socket: Socket | None = None
    notes: dict[str, str | float] = Field(default_factory=dict)


class LampRow(Body):
    name: str = Field(min_length=1)
    watts: int = Field(ge=1, le=1000)


class LampView(BaseModel):
    id: UUID
    name: str
    watts: int
    version: int


router = router_under("/v1", tag="lamps")


@router.post("/lamps", status_code=201, response_model=LampView, responses=problem_responses(409, 428))
async def post_lamp(body: NewLamp, call: Annotated[Call, creating("cases:write")]) -> Response:
    async with call.work() as work:
        lamp = await add_lamp(work, name=body.name, watts=body.watts)
        return await call.commit(work, lamp, status=201, version=1, location=f"/v1/lamps/{lamp.id}")


@router.get("/lamps")
async def get_lamps(asked: Asked, call: Annotated[Call, reading("cases:read")]) -> Page[LampView]:
    async with call.work() as work:
        rows = await work.session.execute(
            select(LAMP)
            .where(*after(asked.after, at=LAMP.c.created_at, id_=LAMP.c.id))
            .order_by(LAMP.c.created_at.desc(), LAMP.c.id.desc())
            .limit(asked.limit + 1)
        )
        return page_of(rows.all(), asked=asked, view=lamp_view, place=lambda row: Place(at=row.created_at, id=row.id))


@router.get("/lamps/{lamp_id}", response_model=LampView, responses=problem_responses(404))
async def get_lamp(lamp_id: UUID, call: Annotated[Call, reading("cases:read")]) -> Response:
    async with call.work() as work:
        lamp = await find_lamp(work, lamp_id)
        return shown(lamp, version=lamp.version)


@router.patch("/lamps/{lamp_id}", response_model=LampView, responses=problem_responses(404, 412, 428))
async def patch_lamp(lamp_id: UUID, body: Socket, call: Annotated[Call, changing("cases:write")]) -> Response:
    async with call.work() as work:
        lamp = await find_lamp(work, lamp_id)
        require_version(lamp.version, expected=call.expected_version)
        changed = lamp.model_copy(update={"watts": body.volts, "version": lamp.version + 1})
        await work.session.execute(
            update(LAMP).where(LAMP.c.id == lamp_id).values(watts=changed.watts, version=changed.version)
        )
        return await call.commit(work, changed, version=changed.version)


@router.post("/lamps/{lamp_id}/break", status_code=204, responses=problem_responses(404, 409))
async def post_break(lamp_id: UUID, how: str, call: Annotated[Call, acting("cases:write")]) -> Response:
    async with call.work() as work:
        await find_lamp(work, lamp_id)
        match how:
            case "softly":
                raise IllegalTransition("lamp_is_lit", detail="a lit lamp cannot be broken", expected="switch it off")
            case "secretly":
                raise NotAllowed("not_yours", detail="it is somebody else's lamp", expected="its owner asks")
            case "wrongly":
                raise Refusal("no_such_way", detail="nobody breaks a lamp that way", expected="softly")
            case "badly":
                raise ValueError(f"the number 13800138000 and {how}")
            case _:
                return await call.commit(work)


@router.get("/lamps/{lamp_id}/owner", responses=problem_responses(404))
async def get_owner(lamp_id: UUID, call: Annotated[Call, reading("contacts:read")]) -> dict[str, str]:
    async with call.work() as work:
        await AuditLog(AUDIT).record(work, action="contact_read", subject=f"lamp/{lamp_id}", purpose=call.purpose)
        await work.commit()
        return {"owner": "somebody"}


@router.post("/forms")
async def post_form(number: Annotated[int, Form()]) -> dict[str, int]:
    return {"number": number}


@router.post("/lamps/import", responses=problem_responses(428))
async def post_import(mode: ImportMode, request: Request, call: Annotated[Call, creating("cases:write")]) -> Response:
    sheet = read_sheet(sheet_body(request), row=LampRow, key=lambda row: row.name)
    async with call.work() as work:

        async def put(row: LampRow) -> RowOutcome:
            await add_lamp(work, name=row.name, watts=row.watts)
            return RowOutcome.CREATED

        return await call.commit_import(work, await import_sheet(sheet, mode=mode, put=put))


async def add_lamp(work: UnitOfWork, *, name: str, watts: int) -> LampView:
    lamp = LampView(id=work.new_id(), name=name, watts=watts, version=1)
    await work.session.execute(insert(LAMP).values(**lamp.model_dump(), created_at=work.now))
    return lamp


async def find_lamp(work: UnitOfWork, lamp_id: UUID) -> LampView:
    row = (await work.session.execute(select(LAMP).where(LAMP.c.id == lamp_id).with_for_update())).one_or_none()
    if row is None:
        raise Unknown("unknown_lamp", detail=f"there is no lamp {lamp_id}", expected="the id of a lamp")
    return lamp_view(row)


def lamp_view(row: object) -> LampView:
    return LampView.model_validate(row, from_attributes=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One replica of the service, its clock, and clients of it."""

    api: FastAPI
    database: Database
    works: Works
    time: ShopTime
    registry: CollectorRegistry
    key_file: Path

    def client(self, role: str = "admin", *, scope: str | None = None, subject: str = "somebody") -> httpx.AsyncClient:
        """A client that shows a token; a machine's token with every scope unless told otherwise."""
        token = mint_token(self.key_file, subject=subject, role=role, issuer="tests", audience="shop", scope=scope)
        return self.stranger(headers={"Authorization": f"Bearer {token}"})

    def machine(self, *, subject: str = "robot") -> httpx.AsyncClient:
        """A client that may do everything."""
        return self.client("machine", scope="cases:read cases:write contacts:read", subject=subject)

    def stranger(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        """A client without a token."""
        transport = httpx.ASGITransport(self.api)
        return httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers)

    async def count(self, table: Table = LAMP) -> int:
        """Rows in the database."""
        async with self.database.sessions() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopKeys:
    """What replicas share."""

    key_file: Path
    ring_text: str
    index: BlindIndex


def shop_keys(home: Path) -> ShopKeys:
    """Fresh keys."""
    return ShopKeys(
        key_file=create_key_file(home / "jwt.json"),
        ring_text=f"a:{new_key()}",
        index=BlindIndex.parse(new_key()),
    )


async def shop_database(postgres: Postgres) -> str:
    """An empty database with the service's tables."""
    name = f"shop_{uuid4().hex}"
    url = await postgres.create_database(name, owner=name, password="shop")
    new = database(url, service="shop")
    async with new.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        for statement in audit_guards():
            await connection.execute(text(statement))
    await new.close()
    return url


@asynccontextmanager
async def open_shop(
    url: str, *, keys: ShopKeys, time: ShopTime, checks: Mapping[str, Check] | None = None
) -> AsyncIterator[Shop]:
    """A replica on the database at `url`."""
    own = database(url, service="shop", pool_size=4, pool_overflow=0)
    registry = CollectorRegistry()
    works = Works(own.sessions, tables=DELIVERY, time=time, policy_version="none", wake=lambda: None)
    api = create_api(
        "shop",
        summary="Sells lamps.",
        edge=Edge(
            works=works,
            tokens=Tokens(LocalKey(keys.key_file), issuer="tests", audience="shop"),
            answers=Answers(ANSWERS, keys=KeyRing.parse(keys.ring_text), index=keys.index),
        ),
        routers=[router],
        checks=checks or {},
        tracing=tracing_to(None, service="shop"),
        registry=registry,
        clients=ClientMetrics(registry, service="shop"),
    )
    try:
        yield Shop(api=api, database=own, works=works, time=time, registry=registry, key_file=keys.key_file)
    finally:
        await own.close()
