"""What the HTTP side of a service is wired with, found again by its dependencies."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from shared.http.idempotency import Answers
from shared.messaging.unit_of_work import Works
from shared.security.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Built once in `app.py`: where transactions come from, who callers are, what was answered before."""

    works: Works
    tokens: Tokens
    answers: Answers


def edge_of(connection: HTTPConnection) -> Edge:
    """The edge of the application that serves this request."""
    edge = connection.app.state.edge
    if not isinstance(edge, Edge):
        raise TypeError("create_api was not given an Edge")
    return edge
