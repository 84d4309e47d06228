"""Any request that the OpenAPI documents allow, and many that they do not: never a 500, only documented answers."""

import json
from collections.abc import Iterator
from uuid import uuid4
from zlib import crc32

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.security.roles import ROLES
from support.company import Company
from support.one_of_everything import ids_of
from support.operations import DOCUMENTS
from testkit.suite import SERVICES

EXAMPLES = 6
"""For each operation, shared among the roles that may use it; more find nothing but take minutes."""

type AnyCase = Case
type AnyOperation = APIOperation
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def scope_of(document: dict[str, object]) -> str | None:
    """The scope that an operation asks for, as its document says; None where it asks for no token."""
    match document.get("security"):
        case [{"HTTPBearer": [str(scope)]}]:
            return scope
        case _:
            return None


def scopes_of(service: str) -> set[str]:
    """All scopes that the operations of a service ask for."""
    paths = json.loads((DOCUMENTS / f"{service}.json").read_text())["paths"]
    found = {scope_of(described) for methods in paths.values() for described in methods.values()}
    return {scope for scope in found if scope is not None}


def roles_with(scope: str) -> list[str]:
    return sorted(role for role, scopes in ROLES.items() if scope in scopes)


ROLES_AT = [(service, role) for service in SERVICES for role in sorted(ROLES) if ROLES[role] & scopes_of(service)]


@pytest.fixture(scope="module")
def ids(whole_company: Company) -> Iterator[dict[str, str]]:
    """One of everything, which these requests may change."""
    whole_company.start()
    yield ids_of(whole_company)
    whole_company.leave()


def known_at(service: str, ids: dict[str, str]) -> dict[str, str]:
    """The ids, and the token of the service's own page where it has one."""
    return {name.removeprefix(f"{service}_") if name.endswith("_token") else name: one for name, one in ids.items()}


def operations_of(service: str) -> list[AnyOperation]:
    schema = schemathesis.openapi.from_dict(json.loads((DOCUMENTS / f"{service}.json").read_text()))
    return [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]


def try_out(
    operation: AnyOperation, *, examples: int, by: str, url: str, session: requests.Session, ids: dict[str, str]
) -> None:
    """Send it so often, right and wrong, half of the time about things that are there. `by` says which examples."""
    positive, negative = (
        operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    )

    @seed(crc32(by.encode()))
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=positive | negative, known=st.booleans())
    def ask(case: AnyCase, known: bool) -> None:  # noqa: FBT001  # drawn by Hypothesis
        if known:
            case.path_parameters.update({name: ids[name] for name in case.path_parameters if name in ids})
            case.headers.update({"Idempotency-Key": uuid4().hex, "If-Match": "*"})
        answer = case.call(base_url=url, session=session)
        case.validate_response(answer, checks=CHECKS)

    ask()


@pytest.mark.parametrize(("service", "role"), ROLES_AT)
def test_any_request_gets_a_documented_answer(
    whole_company: Company, ids: dict[str, str], service: str, role: str
) -> None:
    suite = whole_company.suite
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {suite.token(role)}"
        for operation in operations_of(service):
            scope = scope_of(operation.definition.raw)
            if scope is not None and scope in ROLES[role]:
                examples = max(1, EXAMPLES // len(roles_with(scope)))
                url = suite.services[service].url
                try_out(operation, examples=examples, by=role, url=url, session=session, ids=known_at(service, ids))


@pytest.mark.parametrize("service", SERVICES)
def test_any_request_of_nobody_in_particular_gets_a_documented_answer(
    whole_company: Company, ids: dict[str, str], service: str
) -> None:
    with requests.Session() as session:
        for operation in operations_of(service):
            is_open = scope_of(operation.definition.raw) is None
            url = whole_company.suite.services[service].url
            try_out(
                operation,
                examples=EXAMPLES if is_open else 1,
                by="",
                url=url,
                session=session,
                ids=known_at(service, ids),
            )


def test_every_operation_has_a_role_that_may_use_it() -> None:
    assert [scope for service in SERVICES for scope in scopes_of(service) if not roles_with(scope)] == []
