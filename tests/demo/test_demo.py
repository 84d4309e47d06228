"""What a newcomer sees first."""

import json
import subprocess
import sys

import pytest

from testkit.demo.steps import STEPS

MEMORY_LIMIT_MB = 180


@pytest.mark.timeout(900)
def test_the_demo_shows_every_step_and_each_service_stays_small() -> None:
    demo = subprocess.run(
        [sys.executable, "-m", "testkit.demo", "--json"], capture_output=True, text=True, check=False, timeout=880
    )
    assert demo.returncode == 0, demo.stderr[-3000:]
    told = json.loads(demo.stdout)
    assert told["ok"]
    assert {step["step"] for step in told["steps"]} == set(STEPS)
    assert all(used < MEMORY_LIMIT_MB for used in told["memory_mb"].values()), told["memory_mb"]
    assert [
        kind for kind in ("calls", "cases", "work_orders", "stock", "deposits", "surveys", "mails") if not told[kind]
    ] == []
    assert {deposit["state"] for deposit in told["deposits"]} == {"refunded"}
    assert all(line["reserved"] == "0" for line in told["stock"])
    (happy,) = [case["customer"] for case in told["cases"] if case["state"] == "closed"]
    (unhappy,) = [case["customer"] for case in told["cases"] if case["state"] == "reopened"]
    answered = [survey["customer"] for survey in told["surveys"] if survey["state"] == "answered"]
    assert sorted(answered) == sorted([happy, unhappy])
