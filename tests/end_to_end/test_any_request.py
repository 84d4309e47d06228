"""Any request that the OpenAPI documents allow, and many that they do not: never a 500, only documented answers."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from support.company import Company
from support.operations import DOCUMENTS
from support.scene import ids_of

EXAMPLES = 6
"""For each operation and role; more find nothing but take minutes."""

type AnyCase = Case
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ROLES = [
    ("intake", "agent"),
    ("intake", "admin"),
    ("intake", "general_manager"),
    ("dispatch", "dispatcher"),
    ("dispatch", "technician"),
    ("dispatch", "admin"),
]


@pytest.fixture(scope="module")
def ids(whole_company: Company) -> Iterator[dict[str, str]]:
    """One of everything, which these requests may change."""
    whole_company.start()
    yield ids_of(whole_company)
    whole_company.leave()


@pytest.mark.parametrize(("service", "role"), ROLES)
def test_any_request_gets_a_documented_answer(
    whole_company: Company, ids: dict[str, str], service: str, role: str
) -> None:
    suite = whole_company.suite
    schema = schemathesis.openapi.from_dict(json.loads((DOCUMENTS / f"{service}.json").read_text()))
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {suite.token(role)}"
        for operation in (result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)):
            positive, negative = (
                operation.as_strategy(generation_mode=mode)
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
            )

            @seed(1)
            @settings(
                max_examples=EXAMPLES,
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
                answer = case.call(base_url=suite.services[service].url, session=session)
                case.validate_response(answer, checks=CHECKS)

            ask()
