"""The events that the services exchange: documented, readable for years, never broken by accident."""

import json
from pathlib import Path

import pytest

from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.contracts.envelope import Envelope, Event
from testkit.published.__main__ import documents, rendered, write
from testkit.published.schemas import Schema, breaking_changes, schema_of

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/contract/golden"
EVERY_EVENT = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)


@pytest.mark.parametrize("place", documents(), ids=str)
def test_a_committed_document_is_what_the_code_says(place: Path) -> None:
    assert (ROOT / place).read_text() == rendered(documents()[place]()), "run 'make generate'"


def test_no_document_is_left_of_an_event_that_is_gone() -> None:
    folders = {ROOT / place.parent for place in documents()}
    assert {path.relative_to(ROOT) for folder in folders for path in folder.iterdir()} == set(documents())


@EVERY_EVENT
def test_a_committed_golden_message_is_still_understood(event: type[Event]) -> None:
    message = json.loads((GOLDEN / f"{event.TYPE}.json").read_text())
    headers = {name.removeprefix("cloudEvents_"): value for name, value in message["headers"].items()}
    assert event.model_validate(message["body"]).model_dump(mode="json") == message["body"]
    assert Envelope.model_validate(headers).type == event.TYPE


@EVERY_EVENT
def test_a_field_that_a_reader_does_not_know_is_no_obstacle(event: type[Event]) -> None:
    body = json.loads((GOLDEN / f"{event.TYPE}.json").read_text())["body"]
    assert event.model_validate({**body, "from_a_later_version": 1}) == event.model_validate(body)


@EVERY_EVENT
def test_every_field_of_an_event_is_named_without_contact_data(event: type[Event]) -> None:
    forbidden = {"name", "phone", "address", "number", "text", "comment", "description"}
    assert not forbidden & set(event.model_fields)


def test_every_subscription_names_an_event_that_somebody_else_says() -> None:
    for service, events in SUBSCRIPTIONS.items():
        assert all(EVENTS[event.TYPE] is event for event in events)
        assert not [event.TYPE for event in events if event.TYPE.startswith(f"{service}.")]


def changed(schema: Schema, **fields: Schema) -> Schema:
    properties = schema["properties"]
    assert isinstance(properties, dict)
    return {**schema, "properties": {**properties, **fields}}


SCHEMA = schema_of(EVENTS["intake.case_cancelled.v1"])


def test_a_new_optional_field_keeps_the_version() -> None:
    assert breaking_changes(SCHEMA, changed(SCHEMA, note={"type": "string"})) == []


def test_other_words_keep_the_version() -> None:
    assert breaking_changes(SCHEMA, {**SCHEMA, "description": "said differently"}) == []


def test_a_field_that_is_taken_away_breaks_the_version() -> None:
    kept = {name: field for name, field in dict(SCHEMA["properties"]).items() if name != "reason"}  # type: ignore[arg-type]
    assert breaking_changes(SCHEMA, {**SCHEMA, "properties": kept}) == ["/reason: the field is gone"]


def test_a_field_of_another_type_breaks_the_version() -> None:
    assert breaking_changes(SCHEMA, changed(SCHEMA, reason={"type": "integer"})) == [
        "/reason:type: was 'string', is 'integer'"
    ]


def test_a_new_required_field_breaks_the_version() -> None:
    demanding = {**changed(SCHEMA, note={"type": "string"}), "required": [*SCHEMA["required"], "note"]}  # type: ignore[misc]
    assert [change.split(":")[0] for change in breaking_changes(SCHEMA, demanding)] == ["/note"]


def test_another_choice_of_words_in_an_enumeration_breaks_the_version() -> None:
    cleared = schema_of(EVENTS["intake.case_cleared.v1"])
    narrower = changed(cleared, basis={"type": "string", "enum": ["warranty"]})
    assert breaking_changes(cleared, narrower)


def test_generating_refuses_to_overwrite_a_published_schema_with_one_that_breaks_it(tmp_path: Path) -> None:
    published = changed(SCHEMA, once={"type": "string"})
    place = Path("docs/schemas/intake.case_cancelled.v1.json")
    assert write({place: lambda: published}, root=tmp_path) == []
    assert write({place: lambda: SCHEMA}, root=tmp_path) == [f"{place.name}: /once: the field is gone"]
    assert (tmp_path / place).read_text() == rendered(published)
