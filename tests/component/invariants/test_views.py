"""The views of the invariants are empty where all is well, and each shows the corruption that it is there for."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from shared.database import database
from shared.invariants.command import check_command
from shared.invariants.watch import LOOK_SECONDS, InvariantWatch
from support.corrupting import Corruptor, corrupting
from testkit.checker.violations import first_id
from testkit.servers.postgres import Postgres
from testkit.suite import SERVICES

A, B, C, D = (UUID(int=first_id(datetime.now(UTC)).int + number) for number in range(1, 5))

type Corruption = Callable[[Corruptor], Awaitable[None]]
type Corrupted = tuple[str, str, Corruption, str]
"""The service, the invariant, what is done to its rows, and part of what its view says then."""


def row(table: str, **given: object) -> Corruption:
    return lambda database: database.insert(table, **given)


def statement(sql: str) -> Corruption:
    return lambda database: database.execute(sql)


def both(*corruptions: Corruption) -> Corruption:
    async def corrupt(database: Corruptor) -> None:
        for one in corruptions:
            await one(database)

    return corrupt


CALL = both(
    row("call", id=A, source_id=B, provider_call_id="7"),
    row("repair_case", id=C, number="1", state="cleared", call_id=A, registered_by=B, opened_at="2026-01-01"),
)
KNOWN = both(
    row("outbox_subject", subject=f"case/{C}"),
    row("outbox_subject", subject=f"case/{D}"),
)

CORRUPTIONS: list[Corrupted] = [
    *(
        (
            service,
            "I4",
            row("outbox", event_id=C, type="a.b.v1", causation_id=B),
            f"a.b.v1 {C} comes of {B}, which was never heard",
        )
        for service in SERVICES
    ),
    *(
        (
            service,
            "I5",
            row("inbox", consumer="a.on_case_closed", event_id=A, type="intake.case_cleared.v1"),
            f"a.on_case_closed {A} was heard by a handler of other events than intake.case_cleared.v1",
        )
        for service in SERVICES
    ),
    *(
        (
            service,
            "I6",
            statement("ALTER TABLE inbox DROP CONSTRAINT inbox_pkey"),
            "index inbox_pkey is gone or not valid: nothing refuses a second one",
        )
        for service in SERVICES
    ),
    *(
        (
            service,
            "I8",
            row("outbox", event_id=A, type="a.b.v1", time="(now() - interval '2 minutes')"),
            "in the outbox",
        )
        for service in SERVICES
    ),
    *(
        (service, "I1", row("outbox_subject", subject=f"{kind}/{A}"), f"{kind}/{A} was announced and is not there")
        for service, kinds in {
            "intake": ("case", "call"),
            "dispatch": ("work_order",),
            "parts": ("parts_request", "deposit", "action_item", "supplier_case", "tool_loan", "store_work"),
            "feedback": ("revisit", "survey", "dissatisfaction"),
            "notifier": ("message", "escalation", "staff"),
        }.items()
        for kind in kinds
    ),
    *(
        (service, "I4", row("deadline", data=f'{{"{name}": "{A}"}}'), "that there is not")
        for service, names in {
            "intake": ("call_id", "quote_id", "clock_id"),
            "dispatch": ("offer_id", "work_order_id", "clock_id"),
            "parts": ("request_id", "deposit_id", "action_item_id", "loan_id", "clock_id"),
            "feedback": ("revisit_id", "survey_id"),
            "notifier": ("message_id", "escalation_id"),
        }.items()
        for name in names
    ),
    (
        "intake",
        "I2",
        both(CALL, KNOWN, row("repair_case", id=D, number="2", state="cleared", call_id=A, registered_by=B)),
        f"call {A} has opened 2 cases by itself",
    ),
    ("intake", "I2", statement("ALTER TABLE idempotent_answer DROP CONSTRAINT idempotent_answer_pkey"), "is gone"),
    (
        "intake",
        "I4",
        row("story", case_id=C, event_id=B),
        f"story {C} {B} tells of an event that was neither said nor heard",
    ),
    ("intake", "I10", CALL, f"case/{C} is there and was never announced"),
    (
        "intake",
        "I10",
        both(row("repair_case", id=C, number="A-7", state="lost"), KNOWN),
        "case A-7 is lost, which is neither open, closed nor cancelled",
    ),
    ("dispatch", "I4", row("offer", id=A, state="pending"), f"offer {A} is open and nothing ends it"),
    ("dispatch", "I10", row("work_order", id=A), f"work_order/{A} is there and was never announced"),
    (
        "dispatch",
        "I10",
        both(
            row("known_case", case_id=C, cancelled_at="(now())"),
            row("work_order", id=A, case_id=C, number="W-7", state="assigned"),
        ),
        "work order W-7 is assigned although its case was cancelled",
    ),
    (
        "dispatch",
        "I11",
        both(
            statement("ALTER TABLE visit DROP CONSTRAINT visit_no_technician_in_two_places"),
            *(
                row("visit", id=visit, technician_id=C, work_order_id=visit, state="agreed", ends_at="(now() + '1h')")
                for visit in (A, B)
            ),
        ),
        f"technician {C} is in visit {A} and in visit {B}",
    ),
    (
        "dispatch",
        "I11",
        statement("ALTER TABLE visit DROP CONSTRAINT visit_no_technician_in_two_places"),
        "index visit_no_technician_in_two_places is gone",
    ),
    (
        "parts",
        "I4",
        both(
            row("parts_request", id=A, state="released"),
            row(
                "request_line",
                request_id=A,
                part_code="PCB",
                asked=2,
                reserved=1,
                issued=0,
                returned=0,
                fitted=0,
                lost=0,
            ),
        ),
        f"parts request {A} is released and still keeps PCB",
    ),
    (
        "parts",
        "I10",
        row("stock", part_code="PCB", on_hand=3, reserved=0, issued=0),
        "stock of PCB is not the sum of its movements",
    ),
    (
        "parts",
        "I10",
        row(
            "stock_movement",
            part_code="PCB",
            kind="receipt",
            on_hand=3,
            reserved=0,
            issued=0,
            location="main",
            department="aftersales",
        ),
        "stock of PCB is not the sum of its movements",
    ),
    (
        "parts",
        "I10",
        row("shelf", part_code="PCB", location="main", on_hand=3, movements=0),
        "PCB at main is not the sum of its movements",
    ),
    (
        "parts",
        "I10",
        both(
            row("part", part_code="PCB", is_serial=True),
            row("shelf", part_code="PCB", location="main", on_hand=1, movements=1),
            row("serial_number", part_code="PCB", serial="SN-1", location="van", away=None),
        ),
        "PCB at van has other serial numbers than pieces",
    ),
    (
        "parts",
        "I10",
        both(
            row("part", part_code="PCB", is_serial=True),
            row("shelf", part_code="PCB", location="main", on_hand=1, movements=1),
        ),
        "PCB at main has other serial numbers than pieces",
    ),
    (
        "parts",
        "I10",
        row("stock_account", part_code="PCB", department="aftersales", pieces=3, value="9.00"),
        "PCB of aftersales is not worth what moved",
    ),
    (
        "parts",
        "I10",
        row("stock", part_code="PCB", on_hand=3, reserved=1, issued=0),
        "stock of PCB is reserved or out for nobody",
    ),
    (
        "parts",
        "I10",
        both(
            statement("ALTER TABLE deposit DROP CONSTRAINT deposit_taken_check"),
            row("deposit", id=A, state="held", paid_at=None),
        ),
        f"deposit {A} was taken and is held",
    ),
    (
        "parts",
        "I10",
        both(
            row("purchase_order", id=A, kind="self_purchase", destination="store", state="placed"),
            row("purchase_line", order_id=A, part_code="PCB", ordered=5, received=3),
        ),
        f"PCB of purchase order {A} came otherwise than the ledger says",
    ),
    *(
        (
            "feedback",
            "I4",
            both(row("served_order", id=A), row(table, id=B, order_id=A)),
            f"{table} {B} is about an order that nobody signed for",
        )
        for table in ("revisit", "survey")
    ),
    *(
        (
            "notifier",
            "I4",
            row(table, id=B, event_id=C, **ended),
            f"{table} {B} is about {C}, which was never heard",
        )
        for table, ended in {"message": {"state": "due"}, "escalation": {"state": "open"}}.items()
    ),
    (
        "notifier",
        "I6",
        both(*(row("message", id=id_, event_id=C, route="r", state="due", staff_number="S1") for id_ in (A, B))),
        f"r about {C} was written 2 times to one person",
    ),
    (
        "notifier",
        "I6",
        both(*(row("escalation", id=id_, event_id=C, route="r", state="open") for id_ in (A, B))),
        f"r about {C} was raised 2 times",
    ),
    ("notifier", "I10", row("staff_member", id=A), f"staff/{A} is there and was never announced"),
]


@pytest.mark.parametrize(
    "corrupted",
    CORRUPTIONS,
    ids=[f"{service}-{invariant}-{number}" for number, (service, invariant, *_) in enumerate(CORRUPTIONS)],
)
async def test_a_corrupted_row_is_shown_by_the_view_of_its_invariant(
    postgres: Postgres, schemas: dict[str, str], corrupted: Corrupted
) -> None:
    service, invariant, corrupt, complaint = corrupted
    async with corrupting(postgres, database=schemas[service].rpartition("/")[2]) as opened:
        assert await opened.violated() == {}
        await corrupt(opened)
        found = await opened.violated()
        assert any(complaint in one for one in found.get(invariant, [])), found


async def test_what_was_forgotten_is_no_violation_whatever_older_one_is_still_there(
    postgres: Postgres, schemas: dict[str, str]
) -> None:
    replayed_late, forgotten, last_forgotten, unheard = A, B, C, D
    async with corrupting(postgres, database=schemas["notifier"].rpartition("/")[2]) as opened:
        await opened.insert("forgotten", place="inbox", last_event_id=last_forgotten)
        await opened.insert(
            "inbox", consumer="a.on_case_cleared", event_id=replayed_late, type="intake.case_cleared.v1"
        )
        for event_id in (replayed_late, forgotten, last_forgotten):
            await opened.insert("message", id=event_id, event_id=event_id, state="due")
            await opened.insert("outbox", event_id=event_id, subject=event_id, causation_id=event_id)
        assert await opened.violated() == {}
        await opened.insert("message", id=unheard, event_id=unheard, state="due")
        assert await opened.violated() == {"I4": [f"message {unheard} is about {unheard}, which was never heard"]}


@pytest.mark.parametrize("place", ["inbox", "outbox"])
async def test_a_story_of_what_either_has_forgotten_is_no_violation(
    postgres: Postgres, schemas: dict[str, str], place: str
) -> None:
    async with corrupting(postgres, database=schemas["intake"].rpartition("/")[2]) as opened:
        await opened.insert("forgotten", place=place, last_event_id=B)
        await opened.insert("story", case_id=C, event_id=B)
        assert await opened.violated() == {}
        await opened.insert("story", case_id=C, event_id=D)
        assert set(await opened.violated()) == {"I4"}


async def test_an_event_that_waits_for_less_than_a_minute_of_business_time_is_no_violation(
    postgres: Postgres, schemas: dict[str, str]
) -> None:
    async with corrupting(postgres, database=schemas["parts"].rpartition("/")[2]) as opened:
        await opened.insert("outbox", event_id=A, time="(now() + interval '1 day')")
        assert await opened.violated() == {}
        await opened.insert("test_clock", id=1, offset="2 days")
        assert set(await opened.violated()) == {"I8"}


@asynccontextmanager
async def lost_order(url: str) -> AsyncIterator[None]:
    """Dispatch has announced a work order, and there is none, within the block."""
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO outbox_subject VALUES ($1, 1)", f"work_order/{A}")
    try:
        yield
    finally:
        await connection.execute("DELETE FROM outbox_subject")
        await connection.close()


def check(url: str, *arguments: str) -> int:
    return check_command(arguments, service="dispatch", database=database(url, service="dispatch"))


async def test_check_says_what_it_looked_at_and_fails_where_something_is_violated(
    schemas: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    url = schemas["dispatch"]
    assert await asyncio.to_thread(check, url) == 0
    assert capsys.readouterr().out == "dispatch: looked at I1, I4, I5, I6, I8, I10, I11: every one holds\n"
    async with lost_order(url):
        assert await asyncio.to_thread(check, url, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["violations"] == [
        {"invariant": "I1", "about": f"work_order/{A}", "says": "was announced and is not there"}
    ]
    assert found["checked"] == ["I1", "I4", "I5", "I6", "I8", "I10", "I11"]


async def test_check_without_a_schema_is_a_fault_of_configuration(
    postgres: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    url = await postgres.create_database("never_migrated", owner="never_migrated", password="x")
    assert await asyncio.to_thread(check, url) == 78
    assert "migrate" in capsys.readouterr().err
    await postgres.drop_database("never_migrated")


async def test_the_gauge_shows_how_many_rows_violate_each_invariant(schemas: dict[str, str]) -> None:
    opened, registry = database(schemas["dispatch"], service="tests"), CollectorRegistry()
    watch = InvariantWatch(opened, service="dispatch", registry=registry)

    def shown(invariant: str) -> float | None:
        return registry.get_sample_value("invariant_violations", {"service": "dispatch", "invariant": invariant})

    assert await watch.step() == LOOK_SECONDS
    assert (shown("I1"), shown("I11"), shown("I2")) == (0, 0, None)
    async with lost_order(schemas["dispatch"]):
        await watch.step()
        assert (shown("I1"), shown("I11")) == (1, 0)
    assert registry.get_sample_value("invariants_unread", {"service": "dispatch"}) == 0
    await opened.close()


async def test_a_view_that_cannot_be_read_is_named_and_spoils_no_other(
    postgres: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    url = await postgres.create_database("slow_views", owner="slow_views", password="x")
    connection = await asyncpg.connect(url)
    fails = (
        "CREATE VIEW invariant_i4 AS SELECT 'a' AS about, 'b' AS says FROM generate_series(0, 1) AS n WHERE 1 / n > 0"
    )
    await connection.execute(fails)
    await connection.execute("CREATE VIEW invariant_i8 AS SELECT 'an event' AS about, 'lies here' AS says")
    await connection.close()
    assert await asyncio.to_thread(check, url) == 1
    assert capsys.readouterr().out.splitlines() == [
        "I8  an event  lies here",
        "I4  took too long to read",
        "dispatch: looked at I4, I8: not all hold",
    ]
    opened, registry = database(url, service="tests"), CollectorRegistry()
    await InvariantWatch(opened, service="dispatch", registry=registry).step()
    assert registry.get_sample_value("invariants_unread", {"service": "dispatch"}) == 1
    assert registry.get_sample_value("invariant_violations", {"service": "dispatch", "invariant": "I8"}) == 1
    await opened.close()
    await postgres.drop_database("slow_views")
