"""Contact centres push calls, in any order, some twice, some forged."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, text
from twilio.request_validator import RequestValidator

from intake.tables import METADATA
from shared.contracts.intake import CallEnded, CallReceived
from shared.database import SERVER_TIMEOUTS
from support.front_desk import (
    TWILIO_SECRET,
    ZAMMAD_SECRET,
    FrontDesk,
    open_front_desk,
    twilio_source,
    zammad_source,
)
from support.waiting import eventually
from testkit.contact_centre import TwilioCentre, ZammadCentre
from testkit.servers.postgres import Postgres

CALLER = "13800138000"


async def zammad(desk: FrontDesk) -> str:
    """The drop-in path of a source."""
    source = await desk.create("/v1/push-sources", zammad_source())
    return f"/v1/push/zammad/{source['id']}/{ZAMMAD_SECRET}"


async def twilio(desk: FrontDesk) -> str:
    """The callback address of a source."""
    return str((await desk.create("/v1/push-sources", twilio_source()))["push_url"])


async def sign_and_send(
    desk: FrontDesk, url: str, event: dict[str, str], *, secret: str = TWILIO_SECRET
) -> httpx.Response:
    signature = RequestValidator(secret).compute_signature(url, event)
    path = httpx.URL(url).raw_path.decode()
    return await desk.stranger().post(path, data=event, headers={"X-Twilio-Signature": signature})


async def only_call(desk: FrontDesk) -> dict[str, object]:
    calls = (await desk.client().get("/v1/calls")).json()["items"]
    assert len(calls) == 1
    found: dict[str, object] = calls[0]
    return found


@pytest.mark.promise("R04")
async def test_a_call_is_one_whole_call_in_every_order_with_every_push_three_times(desk: FrontDesk) -> None:
    path = await zammad(desk)
    for number, order in enumerate(itertools.permutations(ZammadCentre.call("c", caller=CALLER))):
        for push in order * 3:
            answer = await desk.stranger().post(path, json={**push, "callId": f"c-{number}"})
            assert (answer.status_code, answer.json()) == (200, {})
    calls = (await desk.client().get("/v1/calls", params={"number": "+86 138 0013 8000"})).json()["items"]
    assert len(calls) == 6
    parts = ("state", "direction", "customer_label", "queue", "agents", "outcome", "cause")
    assert {json.dumps({part: call[part] for part in parts}) for call in calls} == {
        json.dumps(
            {
                "state": "ended",
                "direction": "in",
                "customer_label": "138****8000",
                "queue": "repairs",
                "agents": ["Li Na"],
                "outcome": "answered",
                "cause": "normalClearing",
            }
        )
    }
    assert len(await desk.said(CallReceived)) == len(await desk.said(CallEnded)) == 6
    assert await desk.count("call_event") == 18
    assert await desk.count("repair_case") == 0, "a call opens no case by itself"


async def test_pushes_that_arrive_at_the_same_moment_make_one_call(desk: FrontDesk) -> None:
    path = await zammad(desk)
    pushes = ZammadCentre.call("c", caller=CALLER) * 5
    answers = await asyncio.gather(*(desk.stranger().post(path, json=dict(push)) for push in pushes))
    assert {answer.status_code for answer in answers} == {200}
    assert (await only_call(desk))["outcome"] == "answered"
    assert [event.TYPE for event in await desk.said()] == [CallReceived.TYPE, CallEnded.TYPE]


@pytest.fixture
async def impatient(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FrontDesk]:
    """A desk that waits for a lock no longer than a moment."""
    monkeypatch.setitem(SERVER_TIMEOUTS, "lock_timeout", "300ms")
    async with open_front_desk(postgres, home=tmp_path) as opened:
        yield opened


async def test_of_pushes_that_arrive_together_each_is_answered_for_itself(impatient: FrontDesk) -> None:
    path = await zammad(impatient)
    forged = path.replace(ZAMMAD_SECRET, "forged")
    pushes = [(path, f"good-{number}", 200) for number in range(10)]
    pushes += [(forged, "forged", 401), (path, "", 422), (path, "locked", 503)]
    pushes += [(path, f"more-{number}", 200) for number in range(10)]
    assert (await impatient.stranger().post(path, json={"event": "newCall", "callId": "locked"})).status_code == 200
    async with impatient.database.sessions() as session:
        await session.execute(
            select(METADATA.tables["call"].c.id).with_for_update()
        )  # as somebody does who erases its customer
        answers = await asyncio.gather(
            *(impatient.stranger().post(to, json={"event": "newCall", "callId": call}) for to, call, _ in pushes)
        )
    assert [answer.status_code for answer in answers] == [status for _, _, status in pushes]
    async with impatient.database.sessions() as session:
        stored = set(await session.scalars(select(METADATA.tables["call"].c.provider_call_id)))
    assert stored == {call for _, call, status in pushes if status == 200} | {"locked"}
    assert await impatient.count("call_event") == len(stored)


async def test_twilio_pushes_signed_by_its_own_library_make_a_call(desk: FrontDesk) -> None:
    url = await twilio(desk)
    centre = TwilioCentre(client=httpx.Client(), url=url, auth_token=TWILIO_SECRET)
    for push in reversed(centre.call("CA1", caller="+8613800138000")):
        assert (await sign_and_send(desk, url, dict(push))).status_code == 200
    call = await only_call(desk)
    assert (call["state"], call["outcome"], call["customer_label"]) == ("ended", "answered", "138****8000")


async def test_twilio_may_sign_a_get(desk: FrontDesk) -> None:
    url = f"{await twilio(desk)}?{urlencode({'CallSid': 'CA1', 'CallStatus': 'ringing', 'From': CALLER})}"
    signature = RequestValidator(TWILIO_SECRET).compute_signature(url, {})
    path = httpx.URL(url).raw_path.decode()
    assert (await desk.stranger().get(path, headers={"X-Twilio-Signature": signature})).status_code == 200
    assert (await only_call(desk))["state"] == "ringing"


async def test_a_forged_signature_leaves_a_trace_in_the_audit_log_only(desk: FrontDesk) -> None:
    url = await twilio(desk)
    event = {"CallSid": "CA1", "CallStatus": "ringing"}
    answer = await sign_and_send(desk, url, event, secret="somebody else's")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert await desk.count("call") == await desk.count("call_event") == 0
    assert await desk.said() == []
    assert (await desk.audited())[-1] == "push_forged"
    forged = (await desk.client("auditor").get("/v1/audit", params={"action": "push_forged"})).json()["items"]
    assert [(entry["actor_kind"], entry["subject"].split("/")[0]) for entry in forged] == [("source", "push_source")]


async def test_a_zammad_push_proves_itself_by_path_basic_or_hmac_and_not_without(desk: FrontDesk) -> None:
    path = (await zammad(desk)).rsplit("/", 1)[0]
    body = json.dumps({"event": "newCall", "callId": "c"}).encode()
    basic = base64.b64encode(f"push:{ZAMMAD_SECRET}".encode()).decode()
    hub = hmac.new(ZAMMAD_SECRET.encode(), body, hashlib.sha256).hexdigest()
    for headers, status in (
        ({"Authorization": f"Basic {basic}"}, 200),
        ({"X-Hub-Signature-256": f"sha256={hub}"}, 200),
        ({"X-Hub-Signature-256": f"sha256={hub[::-1]}"}, 401),
        ({"Authorization": "Basic cHVzaDp3cm9uZw=="}, 401),
        ({}, 401),
    ):
        answer = await desk.stranger().post(path, content=body, headers={**headers, "Content-Type": "application/json"})
        assert answer.status_code == status
    assert (await desk.stranger().post(f"{path}/wrong-secret", content=body)).status_code == 401


async def test_while_a_secret_is_rotated_both_are_good_and_then_only_two(desk: FrontDesk) -> None:
    source = await desk.create("/v1/push-sources", twilio_source())
    path, url = f"/v1/push-sources/{source['id']}/secret", str(source["push_url"])
    event = {"CallSid": "CA1", "CallStatus": "ringing"}
    for version, secret in enumerate(("twilio-secret-2", "twilio-secret-3"), start=1):
        changed = await desk.change(path, {"secret": secret}, version=version, role="admin")
        assert changed.status_code == 200
        assert secret not in changed.text
        assert (await sign_and_send(desk, url, event, secret=secret)).status_code == 200
        assert (await sign_and_send(desk, url, event, secret=f"twilio-secret-{version}")).status_code == 200
    assert (await sign_and_send(desk, url, event, secret=TWILIO_SECRET)).status_code == 401


async def test_a_source_may_be_limited_to_its_networks(desk: FrontDesk) -> None:
    elsewhere = await desk.create("/v1/push-sources", zammad_source() | {"networks": ["198.51.100.0/24"]})
    near = await desk.create("/v1/push-sources", zammad_source("near") | {"networks": ["203.0.113.0/24"]})
    push = {"event": "newCall", "callId": "c"}
    for source, status in ((elsewhere, 403), (near, 200)):
        answer = await desk.stranger().post(f"/v1/push/zammad/{source['id']}/{ZAMMAD_SECRET}", json=push)
        assert answer.status_code == status
    assert (await desk.audited())[-1] == "push_from_elsewhere"


@pytest.mark.parametrize(
    "fields",
    [
        {"event": "newCall", "from": "anonymous"},
        {"event": "newCall", "from": "95598"},
        {"event": "newCall", "from": "8001", "direction": "out"},
        {"event": "newCall", "from": "0" * 200},
        {"event": "newCall", "from": "\u0000\ud800 13800138000", "unknown": {"deep": [1, None]}},
        {"event": "hangup", "cause": "never heard of"},
        {"event": "conference", "from": ["a", "b"]},
        {"from": None},
    ],
)
async def test_nothing_that_a_real_call_may_contain_is_refused(desk: FrontDesk, fields: dict[str, object]) -> None:
    path = await zammad(desk)
    content = json.dumps({"callId": "c", **fields})
    answer = await desk.stranger().post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    await only_call(desk)


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 422), (b"[]", 422), (b"{}", 422), (b'{"callId": ""}', 422), (b"x" * 300_000, 413)],
)
async def test_what_is_no_push_is_refused_and_changes_nothing(desk: FrontDesk, content: bytes, status: int) -> None:
    path = await zammad(desk)
    answer = await desk.stranger().post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["expected"]
    assert await desk.count("call") == 0


async def test_an_unknown_source_is_not_found(desk: FrontDesk) -> None:
    path = await zammad(desk)
    source_id = path.split("/")[4]
    for wrong in (f"/v1/push/zammad/{uuid4()}/x", f"/v1/push/twilio/{source_id}", f"/v1/push/carrier/{source_id}"):
        assert (await desk.stranger().post(wrong, json={"callId": "c"})).status_code == 404


async def test_an_anonymous_caller_cannot_be_searched_for(desk: FrontDesk) -> None:
    path = await zammad(desk)
    for call_id, caller in (("a", "anonymous"), ("b", "95598"), ("c", CALLER)):
        await desk.stranger().post(path, json={"event": "newCall", "callId": call_id, "from": caller})
    expected = {"anonymous": [], "95598": ["b"], "138 0013 8000": ["c"], "13900139000": []}
    for number, call_ids in expected.items():
        found = (await desk.client().get("/v1/calls", params={"number": number})).json()["items"]
        assert [call["provider_call_id"] for call in found] == call_ids


async def test_no_number_stands_in_the_database_in_plain_text(desk: FrontDesk) -> None:
    path = await zammad(desk)
    await desk.stranger().post(
        path, json={"event": "newCall", "callId": "c", "from": CALLER, "note": "canary-sentence"}
    )
    async with desk.database.engine.connect() as connection:
        for table in ("call", "call_event", "outbox", "audit_entry", "story"):
            rows = await connection.exec_driver_sql(f'SELECT t::text FROM "{table}" t')  # noqa: S608
            for row in rows.scalars():
                assert CALLER not in row
                assert "canary" not in row
                assert CALLER.encode().hex() not in row


async def test_a_call_that_fell_silent_ends_and_a_late_hangup_tells_how(working_desk: FrontDesk) -> None:
    desk = working_desk
    path = await zammad(desk)
    rings, _, hangs_up = ZammadCentre.call("c", caller=CALLER)
    await desk.stranger().post(path, json=dict(rings))
    await desk.advance(timedelta(hours=4, minutes=1))
    await eventually(lambda: desk.said(CallEnded))
    call = await only_call(desk)
    assert (call["state"], call["outcome"]) == ("ended", "unknown")
    await desk.stranger().post(path, json=dict(hangs_up))
    call = await only_call(desk)
    assert (call["state"], call["outcome"]) == ("ended", "answered")
    assert len(await desk.said(CallEnded)) == 1


async def test_pushes_are_kept_as_they_came_for_thirty_days_and_their_repetitions_known_for_ever(
    desk: FrontDesk,
) -> None:
    path = await zammad(desk)
    first, second, last = ZammadCentre.call("c", caller=CALLER)
    await desk.stranger().post(path, json=first)
    await desk.stranger().post(path, json=second)
    await desk.advance(timedelta(days=30, minutes=1))
    await desk.stranger().post(path, json=last)
    before = await only_call(desk)
    await desk.service.worker.start()
    await eventually(lambda: kept_as_they_came(desk, count=1))
    await desk.service.worker.stop()
    shown = (await desk.stranger().get("/metrics")).text
    assert 'retention_rows_removed_total{kind="raw_push",service="intake"} 2.0' in shown
    for push in (second, first, last):
        assert (await desk.stranger().post(path, json=push)).status_code == 200
    assert await desk.count("call_event") == 3
    assert await only_call(desk) == before


async def kept_as_they_came(desk: FrontDesk, *, count: int) -> bool:
    async with desk.database.sessions() as session:
        found = await session.scalar(text("SELECT count(*) FROM call_event WHERE raw <> ''"))
    return bool(found == count)
