"""Well-formed and wrong all the same: by role, by state, by what the business allows."""

from datetime import timedelta
from uuid import uuid4

import pytest

from support.operations import operation
from support.scene import Scene, require_refused
from testkit.clients import Json, text

ROLES = [
    ("technician", "POST /v1/cases"),
    ("dispatcher", "POST /v1/cases"),
    ("agent", "POST /v1/units"),
    ("agent", "POST /v1/push-sources"),
    ("agent", "POST /v1/approvals/{approval_id}/decision"),
    ("dispatcher", "GET /v1/customers/{customer_id}/contact"),
    ("auditor", "GET /v1/customers/{customer_id}/contact"),
    ("admin", "GET /v1/audit"),
    ("auditor", "POST /v1/cases/{case_id}/cancellation"),
    ("agent", "POST /v1/technicians"),
    ("agent", "POST /v1/work-orders/{order_id}/visits"),
    ("technician", "POST /v1/technicians"),
    ("technician", "POST /v1/work-orders/{order_id}/assignment"),
    ("marketing_vp", "POST /v1/offers/{offer_id}/acceptance"),
]


@pytest.mark.parametrize(("role", "what"), ROLES)
def test_a_role_does_only_what_is_its_own(scene: Scene, role: str, what: str) -> None:
    one = operation(what)
    token = scene.company.suite.token(role)
    require_refused(scene, scene.ask(one, token=token), status=403, one=one)


ILLEGAL = [
    ("POST /v1/approvals/{approval_id}/decision", 403, "marketing_vp"),
    ("POST /v1/offers/{offer_id}/acceptance", 409, "pending"),
    ("POST /v1/offers/{offer_id}/refusal", 409, "pending"),
    ("POST /v1/work-orders/{order_id}/assignment", 409, "one of: reschedule, arrive, cancel"),
    ("POST /v1/work-orders/{order_id}/visits", 409, "one of: reschedule, arrive, cancel"),
    ("POST /v1/visits/{visit_id}/return", 409, "one of: move, arrive, release"),
]


@pytest.mark.parametrize(("what", "status", "possible"), ILLEGAL)
def test_a_step_that_does_not_lead_on_is_refused_with_those_that_do(
    scene: Scene, what: str, status: int, possible: str
) -> None:
    one = operation(what)
    problem = require_refused(scene, scene.ask(one), status=status, one=one)
    assert possible in str(problem["expected"])


NUMBERS = ["anonymous", "95598", "110", "", "1" * 40, "+999999999999", "13800138000 转 8", "call me", "🤙"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_nobody_can_call_back_is_refused_at_the_desk(scene: Scene, number: str) -> None:
    one = operation("POST /v1/cases")
    form = scene.company.form(scene_unit(scene), customer={"name": "客户", "phones": [number]})
    require_refused(scene, scene.ask(one, body=form), status=422, one=one)


def scene_unit(scene: Scene) -> str:
    """The serial number of a unit that is there already."""
    unit = scene.company.agent.read(f"/v1/units/{scene.ids['unit_id']}")
    return text(unit, "serial_number")


WRONG_FORMS: list[tuple[dict[str, Json], str]] = [
    ({"serial_number": "nobody-has-this"}, "POST /v1/units"),
    ({"problem_code": "bored"}, "no_heat"),
    ({"urgency": "yesterday"}, "emergency"),
    ({"call_id": str(uuid4())}, "GET /v1/calls"),
    ({"customer_id": str(uuid4())}, "exactly one of customer_id and customer"),
    ({"parts": [{"part_code": "PCB", "quantity": 0}]}, "greater than or equal to 1"),
    ({"required_by": "2001-01-01T00:00:00Z"}, "a time after"),
    ({"required_by": "2001-01-01T00:00:00"}, "timezone"),
    ({"description": ""}, "at least 1 character"),
    ({"description": "x" * 2001}, "at most 2000 characters"),
    ({"description": "a\x00b"}, "NUL"),
    ({"site": {"district": "X H", "address": "一号"}}, "pattern"),
]


@pytest.mark.parametrize(("wrong", "expected"), WRONG_FORMS, ids=[next(iter(wrong)) for wrong, _ in WRONG_FORMS])
def test_a_form_with_a_wrong_value_is_refused_and_says_what_would_be_right(
    scene: Scene, wrong: dict[str, Json], expected: str
) -> None:
    one = operation("POST /v1/cases")
    form = scene.company.form(scene_unit(scene)) | wrong
    problem = require_refused(scene, scene.ask(one, body=form), status=422, one=one)
    assert expected in str(problem["expected"])


def test_a_customer_that_nobody_knows_is_not_found(scene: Scene) -> None:
    one = operation("POST /v1/cases")
    form = {name: value for name, value in scene.company.form(scene_unit(scene)).items() if name != "customer"}
    require_refused(scene, scene.ask(one, body={**form, "customer_id": str(uuid4())}), status=404, one=one)


VISITS: list[tuple[timedelta, timedelta, str]] = [
    (timedelta(hours=1), timedelta(hours=1), "starts_at before ends_at"),
    (timedelta(hours=1), timedelta(hours=1, minutes=5), "between"),
    (timedelta(hours=1), timedelta(hours=10), "between"),
    (timedelta(hours=-3), timedelta(hours=-2), "after"),
    (timedelta(days=61), timedelta(days=61, hours=1), "not later than"),
]


@pytest.mark.parametrize(("since", "until", "expected"), VISITS)
def test_a_window_that_cannot_be_agreed_is_refused(
    scene: Scene, since: timedelta, until: timedelta, expected: str
) -> None:
    one = operation("POST /v1/visits/{visit_id}/reschedule")
    now = scene.company.time.now()
    window: dict[str, Json] = {"starts_at": (now + since).isoformat(), "ends_at": (now + until).isoformat()}
    window |= {"agreed_at": (now - timedelta(minutes=1)).isoformat(), "reason": "customer"}
    problem = require_refused(scene, scene.ask(one, body=window), status=422, one=one)
    assert expected in str(problem["expected"])
