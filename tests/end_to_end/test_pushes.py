"""Contact centres push calls: in every order, some twice, some forged, with whatever a real call may contain."""

from collections.abc import Callable, Sequence
from itertools import permutations
from uuid import uuid4

import httpx
import pytest

from shared.contracts import intake
from support.calls import twilio, zammad
from support.company import Company
from support.footprint import Footprint
from testkit.clients import Person, items, text
from testkit.contact_centre import NOT_THE_SECRET, Push, ZammadCentre

WHOLE = ("state", "outcome", "direction", "customer_label", "queue", "agents", "cause")


def calls_in_every_order(push: Callable[[Push], httpx.Response], make: Callable[[int], list[Push]]) -> None:
    """Every order of the pushes of a call is a call of its own; each push comes three times."""
    for number, order in enumerate(permutations(range(3))):
        events = make(number)
        for turn in (*order, *reversed(order), *order):
            assert push(events[turn]).status_code == httpx.codes.OK


def require_whole(company: Company, *, number: str, expected: Sequence[object], count: int) -> None:
    found = items(company.agent.read("/v1/calls", number=number))
    assert len(found) == count
    for call in found:
        assert [call[part] for part in WHOLE] == list(expected)
    company.time.settle()
    ids = {call["id"] for call in found}
    for event in (intake.CallReceived, intake.CallEnded):
        said = [one.event.call_id for one in company.watcher.heard if isinstance(one.event, event)]
        assert sorted(str(one) for one in said if str(one) in ids) == sorted(str(one) for one in ids)


def test_a_zammad_call_is_one_whole_call_in_every_order_with_duplicates(company: Company) -> None:
    number, centre = company.number(), zammad(company)
    calls_in_every_order(centre.push, lambda turn: ZammadCentre.call(f"c-{number}-{turn}", caller=number))
    label = f"{number[:3]}****{number[-4:]}"
    expected = ("ended", "answered", "in", label, "repairs", ["Li Na"], "normalClearing")
    require_whole(company, number=number, expected=expected, count=6)


def test_a_twilio_call_is_one_whole_call_in_every_order_with_duplicates(company: Company) -> None:
    number, centre = company.number(), twilio(company)
    calls_in_every_order(centre.push, lambda turn: centre.call(f"CA{number}{turn}", caller=f"+86{number}"))
    label = f"{number[:3]}****{number[-4:]}"
    expected: Sequence[object] = ("ended", "answered", "in", label, "", [], "completed")
    require_whole(company, number=number, expected=expected, count=6)


CALLERS = ["95598", "", "1" * 300, "+86 (0)21/6339-0000", "sip:201@pbx.example", "\u202e电话\x00"]
HIDDEN = "anonymous"


@pytest.mark.parametrize("caller", [*CALLERS, HIDDEN])
def test_a_caller_of_any_kind_is_a_call(company: Company, caller: str) -> None:
    centre, call_id = zammad(company), f"odd-{uuid4().hex}"
    for event in ZammadCentre.call(call_id, caller=caller):
        assert centre.push(event).status_code == httpx.codes.OK
    (call,) = [one for one in items(company.agent.read("/v1/calls")) if one["provider_call_id"] == call_id]
    assert (call["state"], call["outcome"]) == ("ended", "answered")
    assert (call["customer_label"] == caller) == (caller == HIDDEN)


def traces(company: Company, *, source_id: str) -> list[str]:
    auditor = Person(company.clients.of("intake", role="auditor"))
    return [text(one, "action") for one in items(auditor.read("/v1/audit", subject=f"push_source/{source_id}"))]


def test_a_forged_push_is_refused_and_leaves_a_trace_in_the_audit_log_only(company: Company) -> None:
    centre = twilio(company)
    source_id = httpx.URL(centre.url).path.rpartition("/")[2]
    event = centre.call(f"CA{uuid4().hex}", caller="+8613900139000")[0]
    company.time.settle()
    with Footprint(company.suite) as footprint:
        before = footprint.take()
        refused = [
            centre.forge(event),
            centre.client.post(httpx.URL(centre.url).path, data=dict(event)),
            centre.client.post(httpx.URL(centre.url).path, data=dict(event), headers={"X-Twilio-Signature": "=?="}),
        ]
        after = footprint.take()
    assert {answer.status_code for answer in refused} == {httpx.codes.UNAUTHORIZED}
    assert all(answer.json()["expected"] for answer in refused)
    assert {table for table in after if after[table] != before[table]} == {"intake.audit_entry"}
    assert traces(company, source_id=source_id).count("push_forged") == len(refused)


def test_a_token_in_the_path_that_is_wrong_is_refused(company: Company) -> None:
    centre = zammad(company)
    answer = centre.forge(ZammadCentre.call("never", caller="13900139000")[0])
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert NOT_THE_SECRET not in answer.text
    assert "push_forged" in traces(company, source_id=centre.path.split("/")[4])
    assert not [one for one in items(company.agent.read("/v1/calls")) if one["provider_call_id"] == "never"]


UNREADABLE = [
    (b"{", "application/json"),
    (b"[1]", "application/json"),
    (b'{"event": "newCall", "from": "1"}', "application/json"),
    (b"from=1", "application/x-www-form-urlencoded"),
]


@pytest.mark.parametrize(("content", "kind"), UNREADABLE)
def test_a_push_that_names_no_call_is_refused_for_good(company: Company, content: bytes, kind: str) -> None:
    centre = zammad(company)
    company.time.settle()
    with Footprint(company.suite) as footprint:
        before = footprint.take()
        answer = centre.client.post(centre.path, content=content, headers={"Content-Type": kind})
        assert footprint.take() == before
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert answer.json()["expected"]
