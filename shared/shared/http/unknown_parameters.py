"""Query parameters that no route declares are refused: a filter that is misspelt must not show everything."""

from fastapi import Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute

from shared.http.invalid_input import SHOWN_CHARACTERS, SHOWN_ERRORS
from shared.http.problems import FieldError, InvalidInput

TAKES_ANYTHING = ("/v1/push/", "/survey/", "/acknowledge/", "/healthz", "/readyz", "/metrics")
"""Beginnings of routes that refuse nothing: what contact centres, probes and messengers add is theirs to choose."""


async def refuse_unknown_parameters(request: Request) -> None:
    """A dependency of every route. Raises InvalidInput, which names the unknown parameters and the known ones."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute) or route.path.startswith(TAKES_ANYTHING):
        return
    known = known_parameters(route)
    unknown = [name for name in request.query_params if name not in known]
    if not unknown:
        return
    names = [name[:SHOWN_CHARACTERS] for name in unknown[:SHOWN_ERRORS]]
    expected = f"one of the parameters {', '.join(known)}" if known else "no query parameters"
    raise InvalidInput(
        f"unknown query parameters: {', '.join(names[:5])}",
        expected=expected,
        errors=[FieldError(where="query", pointer=name, expected=expected) for name in names],
    )


def known_parameters(route: APIRoute) -> list[str]:
    """The names of the query parameters of a route and of all that it depends on."""
    declared = get_flat_params(route.dependant)
    return sorted({field.alias for field in declared if isinstance(field.field_info, params.Query)})
