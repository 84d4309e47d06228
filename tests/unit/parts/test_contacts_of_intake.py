"""What parts reads of intake is what intake publishes."""

import json
from pathlib import Path

import pytest

from testkit.published.schemas import Schema

DOCUMENT = Path(__file__).parents[3] / "docs/openapi/intake.json"


def answer_of(path: str) -> Schema:
    """The schema of what a GET answers."""
    document = json.loads(DOCUMENT.read_text())
    answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema: Schema = document["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
    return schema


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("/v1/cases/{case_id}", {"customer_id", "site_id"}),
        ("/v1/customers/{customer_id}/contact", {"name", "phones", "sites"}),
    ],
)
def test_intake_always_says_what_a_notice_needs(path: str, read: set[str]) -> None:
    required = answer_of(path)["required"]
    assert isinstance(required, list)
    assert read <= set(required)
