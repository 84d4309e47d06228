"""What the vendors' pushes tell, whatever their encoding."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from intake.domain.calls import CallEventKind, call_of
from intake.push import twilio, zammad
from intake.push.reading import Push
from shared.refusals import Refusal

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def push(body: bytes = b"", content_type: str = JSON, *, method: str = "POST", query: str = "") -> Push:
    return Push(
        method=method,
        url="https://push.example/v1/push/zammad/1",
        query=query,
        headers={"content-type": content_type},
        body=body,
        token="",
        received_at=NOW,
    )


def in_json(**fields: object) -> Push:
    return push(json.dumps(fields).encode())


NEW_CALL = {"event": "newCall", "from": "13800138000", "to": "95598", "direction": "in", "callId": "c-1"}


def test_json_urlencoded_and_multipart_tell_the_same() -> None:
    multipart = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in NEW_CALL.items()
    )
    readings = [
        zammad.read(in_json(**NEW_CALL)),
        zammad.read(push(urlencode(NEW_CALL).encode(), FORM)),
        zammad.read(push(f"{multipart}--x--\r\n".encode(), "multipart/form-data; boundary=x")),
    ]
    assert readings[0].call_id == "c-1"
    assert readings[0].event.caller == "13800138000"
    assert readings == [readings[0]] * 3


@pytest.mark.parametrize(
    "content_type", ["", "text/json", "Text/JSON; charset=utf-8", "text/plain", FORM, "application/octet-stream"]
)
@pytest.mark.parametrize("indent", ["", "\r\n ", "\ufeff"])
def test_json_is_known_by_its_brace_whatever_it_is_called(content_type: str, indent: str) -> None:
    body = (indent + json.dumps(NEW_CALL | {"user": "李娜"}, ensure_ascii=False)).encode()
    reading = zammad.read(push(body, content_type))
    assert (reading.call_id, reading.event.caller) == ("c-1", "13800138000")


@pytest.mark.parametrize("charset", ["gb18030", '"GBK"', "utf-16", "utf-8", "no-such-charset", "hex", "idna"])
def test_a_text_is_read_in_the_charset_that_it_names(charset: str) -> None:
    readable = charset.strip('"') if charset in {"gb18030", '"GBK"', "utf-16"} else "utf-8"
    called = {"event": "answer", "callId": "c-1", "user": "李娜"}
    in_text = json.dumps(called, ensure_ascii=False).encode(readable)
    assert zammad.read(push(in_text, f"{JSON}; charset={charset}")).event.agents == ("李娜",)
    if readable != "utf-16":
        form = urlencode(called, encoding=readable).encode()
        assert zammad.read(push(form, f"{FORM}; charset={charset}")).event.agents == ("李娜",)


def test_bytes_of_another_charset_and_line_breaks_do_not_lose_the_call() -> None:
    body = b'{"event": "answer", "callId": "c-1", "user": "M\xfcller\n"}'
    assert zammad.read(push(body)).event.agents == ("M\ufffdller",)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"event": "newCall"}, CallEventKind.RINGING),
        ({"event": "newCall", "queue": "repairs"}, CallEventKind.QUEUED),
        ({"event": "answer"}, CallEventKind.ANSWERED),
        ({"event": "hangup", "cause": "normalClearing"}, CallEventKind.ENDED),
        ({"event": "hangup", "cause": "forwarded"}, CallEventKind.TRANSFERRED),
        ({"event": "hangup", "cause": "something new"}, CallEventKind.ENDED),
        ({"event": "dtmf", "dtmf": "1"}, CallEventKind.DATA),
        ({"event": "fax"}, CallEventKind.DATA),
        ({}, CallEventKind.DATA),
    ],
)
def test_zammad_events_have_their_place(fields: dict[str, str], kind: CallEventKind) -> None:
    assert zammad.read(in_json(callId="c-1", **fields)).event.kind is kind


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [("normalClearing", "answered"), ("cancel", "missed"), ("noAnswer", "missed"), ("busy", "failed"),
     ("congestion", "failed"), ("notFound", "failed"), ("", "unknown")],
)  # fmt: skip
def test_zammad_causes_have_their_outcome(cause: str, outcome: str) -> None:
    assert zammad.read(in_json(event="hangup", callId="c-1", cause=cause)).event.outcome == outcome


def test_a_repetition_has_the_same_key_and_another_push_has_not() -> None:
    keys = [
        zammad.read(in_json(callId="c-1", **fields)).event.key
        for fields in (
            {"event": "newCall"},
            {"event": "newCall", "from": "anonymous"},
            {"event": "answer", "user": ["li", "wang"], "answeringNumber": "8001"},
            {"event": "answer", "user": "li", "answeringNumber": "8002"},
            {"event": "hangup", "cause": "forwarded"},
            {"event": "hangup", "cause": "normalClearing"},
            {"event": "dtmf", "dtmf": "1"},
            {"event": "dtmf", "dtmf": "2"},
        )
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == len(keys) - 1


def test_a_call_id_written_as_a_number_keeps_every_digit() -> None:
    body = b'{"event": "newCall", "callId": 2881652030727.7990, "from": 13800138000}'
    reading = zammad.read(push(body))
    assert (reading.call_id, reading.event.caller) == ("2881652030727.7990", "13800138000")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"text"', b"[" * 200_000, b"\xff\xfe", b"", b'{"event": "newCall"}', b'{"callId": ""}']
)
def test_what_is_not_a_push_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        zammad.read(push(body))


@settings(max_examples=150)
@given(st.dictionaries(
    st.sampled_from(["event", "from", "to", "direction", "user", "user[]", "queue", "cause", "answeringNumber", "x"]),
    st.text(max_size=30) | st.none() | st.integers() | st.booleans() | st.lists(st.text(max_size=5), max_size=3),
))  # fmt: skip
def test_nothing_that_names_its_call_is_refused(fields: dict[str, object]) -> None:
    event = zammad.read(in_json(**fields, callId="c-1")).event
    assert "\x00" not in event.caller + event.called + event.queue + event.cause + "".join(event.agents)
    assert call_of([event]).state.label


URL = "https://push.example/v1/push/twilio/1"
TWILIO = {
    "CallSid": "CA1",
    "CallStatus": "ringing",
    "From": "+8613800138000",
    "To": "+864008888",
    "Direction": "inbound",
    "SequenceNumber": "0",
    "Timestamp": "Mon, 02 Mar 2026 03:59:58 +0000",
}


def in_form(**fields: str) -> Push:
    return push(urlencode(TWILIO | fields).encode(), FORM)


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [("queued", "ringing", "unknown"), ("initiated", "ringing", "unknown"), ("ringing", "ringing", "unknown"),
     ("in-progress", "answered", "unknown"), ("completed", "ended", "answered"), ("busy", "ended", "failed"),
     ("failed", "ended", "failed"), ("no-answer", "ended", "missed"), ("canceled", "ended", "missed"),
     ("teleported", "data", "unknown")],
)  # fmt: skip
def test_twilio_statuses_have_their_place(status: str, kind: str, outcome: str) -> None:
    event = twilio.read(in_form(CallStatus=status)).event
    assert (event.kind, event.outcome) == (kind, outcome)


def test_twilio_says_itself_when_it_happened() -> None:
    assert twilio.read(in_form()).event.occurred_at == datetime(2026, 3, 2, 3, 59, 58, tzinfo=UTC)
    for odd in ("", "yesterday", "Mon, 99 Foo 10000 99:99:99 +9999"):
        assert twilio.read(in_form(Timestamp=odd)).event.occurred_at == NOW


def test_twilio_repeats_under_its_signed_sequence_number() -> None:
    assert twilio.read(in_form(SequenceNumber="7")).event.key == "CA1|7"
    assert twilio.read(in_form(SequenceNumber="")).event.key == "CA1|ringing"


def test_twilio_may_ask_with_get() -> None:
    reading = twilio.read(push(method="GET", query=urlencode(TWILIO)))
    assert (reading.call_id, reading.event.direction) == ("CA1", "in")


@pytest.mark.parametrize("content_type", [JSON, "", "multipart/form-data; boundary=x", "text/plain"])
def test_twilio_signs_no_body_with_the_address_alone(content_type: str) -> None:
    signature = RequestValidator("secret").compute_signature(URL, {})
    forged = replace(push(b'{"CallSid": "CA1"}', content_type), url=URL)
    signed = replace(forged, headers={**forged.headers, "x-twilio-signature": signature})
    assert not twilio.authentic(signed, ["secret"])
    assert twilio.authentic(replace(signed, body=b""), ["secret"])


def test_twilio_forms_are_known_however_their_type_is_written() -> None:
    signature = RequestValidator("secret").compute_signature(URL, TWILIO)
    form = push(urlencode(TWILIO).encode(), "Application/X-WWW-Form-Urlencoded; charset=UTF-8")
    sent = replace(form, url=URL, headers={**form.headers, "x-twilio-signature": signature})
    assert twilio.authentic(sent, ["secret"])
