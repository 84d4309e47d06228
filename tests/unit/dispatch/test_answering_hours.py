"""When technicians have had their time to answer, under the profile `standard`."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.policy import DispatchPolicy
from shared.contracts.facts import Urgency
from shared.policy import load_policy
from testkit.suite import policy_file

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICY = load_policy(DispatchPolicy, policy_file("dispatch", profile="standard")).policy
EVENING = datetime(2026, 3, 4, 17, 25, tzinfo=SHANGHAI)
MINUTES = timedelta(minutes=10)


def test_an_offer_of_the_evening_may_be_answered_in_the_morning() -> None:
    ends = POLICY.answered_after(EVENING, duration=MINUTES, urgency=Urgency.URGENT)
    assert ends == datetime(2026, 3, 5, 8, 35, tzinfo=SHANGHAI)


def test_an_emergency_is_answered_at_any_hour() -> None:
    assert POLICY.answered_after(EVENING, duration=MINUTES, urgency=Urgency.EMERGENCY) == EVENING + MINUTES
