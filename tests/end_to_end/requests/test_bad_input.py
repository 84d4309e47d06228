"""Whatever is wrong with a request: a documented 4xx that says what would be right, and nothing changes."""

from collections.abc import Mapping
from uuid import uuid4

import pytest

from shared.http.reception import BODY_LIMIT
from shared.security.roles import SCOPES
from support.operations import FORM, JSON_BODY, Operation, operation, operations, unknown_methods
from support.scene import Scene, require_refused

ALL = operations()
SECURED = [one for one in ALL if one.needs_token]
READ_JSON = [one for one in ALL if one.body == JSON_BODY]
WITH_IDS = [one for one in SECURED if one.identifiers]
BAD_IF_MATCH = ["7", '"seven"', '"1", "2"', '"99999999999999999999"']


@pytest.mark.parametrize("one", SECURED, ids=str)
def test_nobody_in_particular_is_refused(scene: Scene, one: Operation) -> None:
    answer = scene.ask(one, token=None)
    require_refused(scene, answer, status=401, one=one)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("one", SECURED, ids=str)
def test_a_token_that_expired_is_refused(scene: Scene, one: Operation) -> None:
    expired = scene.company.suite.token("machine", scope=" ".join(SCOPES), lifetime_seconds=-60)
    problem = require_refused(scene, scene.ask(one, token=expired), status=401, one=one)
    assert "fresh token" in str(problem["expected"])


@pytest.mark.parametrize("one", SECURED, ids=str)
def test_a_role_that_may_not_is_refused_and_told_what_it_lacks(scene: Scene, one: Operation) -> None:
    visitor = scene.company.suite.token("visitor")
    problem = require_refused(scene, scene.ask(one, token=visitor), status=403, one=one)
    assert any(scope in str(problem["expected"]) for scope in SCOPES)


@pytest.mark.parametrize("one", READ_JSON, ids=str)
@pytest.mark.parametrize("body", [b"{", b'{"a": 1,}', b"\xff\xfe{}"], ids=["cut", "comma", "bytes"])
def test_a_body_that_is_no_json_is_refused(scene: Scene, one: Operation, body: bytes) -> None:
    require_refused(scene, scene.ask(one, body=body), status=400, one=one)


@pytest.mark.parametrize("one", [one for one in ALL if one.body], ids=str)
def test_a_body_over_the_limit_is_refused(scene: Scene, one: Operation) -> None:
    problem = require_refused(scene, scene.ask(one, body=b" " * (BODY_LIMIT + 1)), status=413, one=one)
    assert str(BODY_LIMIT) in str(problem["expected"])


@pytest.mark.parametrize("one", READ_JSON, ids=str)
def test_a_field_that_nobody_knows_is_refused_and_the_known_ones_are_named(scene: Scene, one: Operation) -> None:
    right = scene.body(one)
    assert isinstance(right, Mapping)
    problem = require_refused(scene, scene.ask(one, body={**right, "colour": "red"}), status=422, one=one)
    errors = problem["errors"]
    assert isinstance(errors, list)
    (error,) = errors
    assert error["pointer"] == "/colour"
    assert all(name in error["expected"] for name in right)


@pytest.mark.parametrize("one", [one for one in ALL if one.body not in {None, FORM}], ids=str)
def test_a_body_of_another_kind_is_refused(scene: Scene, one: Operation) -> None:
    answer = scene.ask(one, body=b"<case/>", headers={"Content-Type": "application/xml"})
    require_refused(scene, answer, status=415, one=one)


@pytest.mark.parametrize(("one", "method"), unknown_methods(), ids=str)
def test_a_method_that_the_address_does_not_have_is_refused(scene: Scene, one: Operation, method: str) -> None:
    answer = scene.ask(one, method=method)
    require_refused(scene, answer, status=405, one=one)
    assert one.method.upper() in answer.headers["allow"]


@pytest.mark.parametrize("one", WITH_IDS, ids=str)
def test_an_id_that_nothing_has_is_not_found(scene: Scene, one: Operation) -> None:
    unknown = scene.ids | {name: str(uuid4()) for name in one.identifiers}
    require_refused(scene, scene.ask(one, path=one.at(unknown)), status=404, one=one)


@pytest.mark.parametrize("one", WITH_IDS, ids=str)
def test_an_id_that_is_none_is_refused(scene: Scene, one: Operation) -> None:
    odd = scene.ids | dict.fromkeys(one.identifiers, "17")
    require_refused(scene, scene.ask(one, path=one.at(odd)), status=422, one=one)


@pytest.mark.parametrize("one", [one for one in ALL if 428 in one.answers], ids=str)
def test_a_request_without_its_precondition_is_refused(scene: Scene, one: Operation) -> None:
    answer = scene.ask(one, headers={"Idempotency-Key": "", "If-Match": ""})
    require_refused(scene, answer, status=428, one=one)


# nobody can cause a discrepancy from outside: dispatch refuses to fit what was not issued
@pytest.mark.parametrize(
    "one", [one for one in ALL if 412 in one.answers and "discrepancy_id" not in one.identifiers], ids=str
)
def test_a_change_of_a_version_that_is_gone_is_refused(scene: Scene, one: Operation) -> None:
    answer = scene.ask(one, headers={"If-Match": '"987654"'})
    problem = require_refused(scene, answer, status=412, one=one)
    assert "If-Match" in str(problem["expected"])


@pytest.mark.parametrize("tag", BAD_IF_MATCH)
def test_an_if_match_that_is_no_tag_is_refused(scene: Scene, tag: str) -> None:
    one = operation("POST /v1/cases/{case_id}/contact")
    require_refused(scene, scene.ask(one, headers={"If-Match": tag}), status=400, one=one)
