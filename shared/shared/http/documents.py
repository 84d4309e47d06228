"""What the OpenAPI document says about refusals: every one is a problem, under its own media type."""

from collections.abc import Mapping

from fastapi import FastAPI

from shared.http.problems import PROBLEM_MEDIA_TYPE, problem_responses

COMMON = problem_responses(400, 401, 403, 408, 413, 415, 422, 431, 503)
"""What every route may answer."""

FIRST_REFUSAL = 400
PROBLEM = "#/components/schemas/ProblemDocument"


def document_problems(api: FastAPI) -> None:
    """Have the document of `api` name the media type of problems, which FastAPI takes from the route's own answers."""
    generate = api.openapi

    def with_problems() -> dict[str, object]:
        if api.openapi_schema is None:
            document = generate()
            for path in document.get("paths", {}).values():
                for operation in path.values():
                    _rename(operation["responses"])
        return api.openapi_schema or {}

    api.openapi = with_problems  # type: ignore[method-assign]  # the way that FastAPI documents


def _rename(responses: Mapping[str, dict[str, dict[str, dict[str, dict[str, str]]]]]) -> None:
    for status, response in responses.items():
        content = response.get("content", {})
        if not status.isdecimal() or int(status) < FIRST_REFUSAL:
            continue
        for media_type, described in list(content.items()):
            # the refusals of a page come under the type of the page
            if media_type == "application/json" or described.get("schema", {}).get("$ref") == PROBLEM:
                content[PROBLEM_MEDIA_TYPE] = content.pop(media_type)
