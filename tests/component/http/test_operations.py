"""What whoever runs a service sees of it: readiness, metrics, logs, outages, documents."""

import asyncio
import logging
from io import BytesIO
from uuid import UUID

import pytest
import structlog
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.health import Check
from shared.http.problems import PROBLEM_MEDIA_TYPE
from support.logs import logged, logging_as_a_process
from support.shop import Shop, ShopKeys, ShopTime, open_shop
from testkit.servers.postgres import EmbeddedPostgres, Postgres

LAMP = {"name": "canary 13800138000", "watts": 40}
LAMP_AGAIN = text(
    "INSERT INTO lamp (id, name, watts, version, created_at) SELECT gen_random_uuid(), name, 1, 1, now() FROM lamp"
)
KEY = {"Idempotency-Key": "the-first-key"}


async def test_a_service_is_ready_when_every_check_passes(database_url: str, keys: ShopKeys, time: ShopTime) -> None:
    async def good() -> str | None:
        return None

    async def bad() -> str | None:
        return "queue shop.on_case_cleared has no consumer"

    async def broken() -> str | None:
        raise ConnectionRefusedError

    async with (
        open_shop(database_url, keys=keys, time=time, checks={"database": good}) as shop,
        shop.stranger() as client,
    ):
        assert (await client.get("/healthz")).json() == {"status": "live"}
        assert (await client.get("/readyz")).status_code == 200
    checks: dict[str, Check] = {"database": good, "consumers": bad, "migrations": broken}
    async with open_shop(database_url, keys=keys, time=time, checks=checks) as shop, shop.stranger() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": {"ok": True, "problem": None},
        "consumers": {"ok": False, "problem": "queue shop.on_case_cleared has no consumer"},
        "migrations": {"ok": False, "problem": "ConnectionRefusedError"},
    }


async def test_a_check_that_hangs_fails_after_its_time(
    database_url: str, keys: ShopKeys, time: ShopTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.health.CHECK_SECONDS", 0.05)

    async def hanging() -> str | None:
        await asyncio.Event().wait()
        return None

    async with (
        open_shop(database_url, keys=keys, time=time, checks={"broker": hanging}) as shop,
        shop.stranger() as client,
    ):
        assert (await client.get("/readyz")).status_code == 503


async def test_a_form_that_cannot_be_read_is_the_callers_fault_and_no_error_in_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with logging_as_a_process(), pytest.raises(FormParserError):
        parse_form({"Content-Type": b"multipart/form-data"}, BytesIO(b"x"), None, None)
    assert capsys.readouterr().out == ""


async def test_metrics_count_requests_by_the_template_of_their_route(shop: Shop) -> None:
    async with shop.machine() as client:
        made = await client.post("/v1/lamps", json=LAMP, headers=KEY)
        await client.get(made.headers["location"])
        await client.get("/nowhere/secret-token")
        metrics = (await client.get("/metrics")).text
    assert 'method="GET",route="/v1/lamps/{lamp_id}",service="shop",status="200"' in metrics
    assert 'route="-",service="shop",status="404"' in metrics
    assert "secret-token" not in metrics


async def test_a_request_is_one_log_line_without_address_or_data(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    given = "0192f0c1-2345-7000-8000-123456789abc"
    with logging_as_a_process():
        async with shop.machine() as client:
            answer = await client.post(
                "/v1/lamps?token=secret-token", json=LAMP, headers={**KEY, "X-Correlation-ID": given}
            )
    written = [line for line in logged(capsys) if line["event"] == "request"]
    assert len(written) == 1
    assert answer.headers["x-correlation-id"] == given == written[0]["correlation_id"]
    assert (written[0]["route"], written[0]["status"], written[0]["service"]) == ("/v1/lamps", 422, "shop")
    assert "secret-token" not in str(written)


async def test_a_correlation_id_that_is_none_is_replaced(shop: Shop) -> None:
    async with shop.stranger() as client:
        answer = await client.get("/healthz", headers={"X-Correlation-ID": "'; drop table"})
    assert UUID(answer.headers["x-correlation-id"]).version == 7


async def test_a_bug_is_logged_with_its_place_and_without_its_values(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_as_a_process():
        async with shop.machine() as client:
            made = await client.post("/v1/lamps", json=LAMP, headers=KEY)
            await client.post(f"{made.headers['location']}/break", params={"how": "badly"})
    everything = logged(capsys)
    failed = next(line for line in everything if line["event"] == "request failed")
    assert failed["correlation_id"]
    assert "post_break" in str(failed["exception"])
    assert "ValueError" in str(failed["exception"])
    assert "13800138000" not in str(everything)


async def test_what_libraries_log_keeps_its_first_line_only(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_as_a_process():
        logging.getLogger("library").error("it failed\nfuture: ValueError('13800138000')")
    assert [line["event"] for line in logged(capsys)] == ["it failed"]


async def test_a_database_error_is_logged_by_its_code_and_constraint(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    log = structlog.stdlib.get_logger("test")
    async with shop.machine() as client:
        await client.post("/v1/lamps", json=LAMP, headers=KEY)
    with logging_as_a_process():
        async with shop.database.sessions() as session:
            try:
                await session.execute(LAMP_AGAIN)
            except IntegrityError:
                log.exception("not stored")
    written = str(logged(capsys))
    assert "SQLSTATE 23505, constraint lamp_name_key" in written
    assert "13800138000" not in written


async def test_an_outage_is_a_503_that_says_when_to_come_back(postgres: Postgres, shop: Shop) -> None:
    if not isinstance(postgres, EmbeddedPostgres):
        pytest.skip("a server that is not ours is not stopped")
    async with shop.machine() as client:
        assert (await client.get("/v1/lamps")).status_code == 200
        postgres.crash()
        try:
            answers = [await client.post("/v1/lamps", json=LAMP, headers=KEY) for _ in range(3)]
        finally:
            postgres.restart()
        for answer in answers:
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE
        assert (await client.post("/v1/lamps", json=LAMP, headers=KEY)).status_code == 201
    assert await shop.count() == 1


async def test_a_pool_that_is_empty_is_a_503(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.database.engine.pool, "_timeout", 0.05)
    held = [await shop.database.engine.connect() for _ in range(4)]
    try:
        async with shop.machine() as client:
            assert (await client.get("/v1/lamps")).status_code == 503
    finally:
        for connection in held:
            await connection.close()


async def test_every_refusal_in_the_document_is_a_problem(shop: Shop) -> None:
    async with shop.stranger() as client:
        document = (await client.get("/openapi.json")).json()
    operation = document["paths"]["/v1/lamps"]["post"]
    assert {"400", "401", "403", "409", "413", "415", "422", "428", "503"} <= set(operation["responses"])
    for status in ("400", "422", "428"):
        assert list(operation["responses"][status]["content"]) == [PROBLEM_MEDIA_TYPE]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]
