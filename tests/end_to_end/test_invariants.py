"""After a whole story every invariant holds, as operators see it: in each service, and across all of them."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from uuid import UUID

from shared.database import database
from shared.invariants.command import Findings, find
from support.company import Company
from testkit.check import look_at
from testkit.checker.reading import Library
from testkit.checker.violations import first_id
from testkit.clients import Json, text
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import SERVICES, Suite

CHECKED = {
    "intake": ("I1", "I2", "I4", "I5", "I6", "I8", "I10"),
    "dispatch": ("I1", "I4", "I5", "I6", "I8", "I10", "I11"),
    "parts": ("I1", "I4", "I5", "I6", "I8", "I10"),
    "feedback": ("I1", "I4", "I5", "I6", "I8"),
    "notifier": ("I1", "I4", "I5", "I6", "I8", "I10"),
}


def library(suite: Suite) -> Library:
    return Library(databases={name: suite.database_url(name) for name in SERVICES}, broker_url=suite.broker_url)


async def look(suite: Suite, service: str) -> Findings:
    opened = database(suite.database_url(service), service="tests")
    try:
        return await find(opened, service=service, at_most=20)
    finally:
        await opened.close()


def live_through_a_story(company: Company) -> None:
    technician, part = company.technician(), company.part(on_hand=1)
    line: list[Json] = [{"part_code": part, "quantity": 1}]
    case = company.register(urgency="urgent", parts=line)
    cancelled = company.register()
    cancelled.step("cancellation", {"reason": "customer_withdrew"})
    assert case.assigned() == technician
    company.time.settle()
    begin = company.at(13, 30)
    visit = UUID(text(case.visit(begin), "id"))
    company.time.advance_to(begin)
    technician.work.step(visit, "preparation")
    case.issue(part, to=technician)
    technician.work.go(visit)
    technician.work.finish(visit, order_id=UUID(text(case.order(), "id")), resolution="part_replaced", fitted=line)
    company.time.settle()


def test_every_invariant_holds_after_a_whole_story(company: Company) -> None:
    since = first_id(datetime.now(UTC))
    live_through_a_story(company)
    suite = company.suite
    report = asyncio.run(look_at(library(suite), history=(), since=since, within=PATIENCE_SECONDS))
    assert report.violations == ()
    assert (sum(report.cases.values()), report.cases["cancelled"]) == (2, 1)
    assert report.events > 20
    found = {service: asyncio.run(look(suite, service)) for service in SERVICES}
    assert {service: one.checked for service, one in found.items()} == CHECKED
    assert [violation for one in found.values() for violation in one.violations] == []


def run_check(suite: Suite, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    settings = {f"{name.upper()}_DATABASE_URL": suite.database_url(name) for name in SERVICES}
    settings |= {"CHECK_BROKER_URL": suite.broker_url} | changed
    return subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "testkit.check", *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_check_of_the_suite_is_a_command(company: Company) -> None:
    told = run_check(company.suite, "--json", "--hours", "0.0001", f"--within={PATIENCE_SECONDS}")
    assert told.returncode == 0, told.stdout + told.stderr
    assert json.loads(told.stdout)["violations"] == []
    away = run_check(company.suite, PARTS_DATABASE_URL="postgresql://x:x@127.0.0.1:1/x")
    assert (away.returncode, away.stdout) == (1, "")
    assert "does not answer" in away.stderr


def test_a_service_checks_itself_by_command(company: Company) -> None:
    told = company.suite.run("feedback", "check", "--json")
    assert told.returncode == 0, told.stdout + told.stderr
    assert json.loads(told.stdout)["checked"] == list(CHECKED["feedback"])
