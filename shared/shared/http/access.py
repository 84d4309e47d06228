"""Who is calling and whether he may: the bearer token of a request and the scope that a route asks for."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.http.edge import edge_of
from shared.http.problems import Forbidden, NotAuthenticated
from shared.security.roles import SCOPES, Scope
from shared.security.tokens import Principal

bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="a JWT with role and, for machines, scopes")


async def principal(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Principal:
    """Who calls. Raises NotAuthenticated."""
    if credentials is None:
        raise NotAuthenticated(
            "the request has no bearer token",
            expected="Authorization: Bearer <token>",
            headers={"WWW-Authenticate": 'Bearer realm="aftersales"'},
        )
    return await edge_of(request).tokens.read(credentials.credentials)


def with_scope(scope: Scope) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency: the caller, if `scope` is one of his. Raises Forbidden naming it. OpenAPI names the scope too."""
    if scope not in SCOPES:
        raise ValueError(f"{scope!r} is not a scope; one of {', '.join(sorted(SCOPES))}")

    async def permitted(caller: Annotated[Principal, Security(principal, scopes=[scope])]) -> Principal:
        if scope not in caller.scopes:
            raise Forbidden(
                f"the role {caller.actor.role!r} of this token does not have the scope {scope}",
                expected=f"a token whose role or scope claim gives {scope}",
            )
        return caller

    return permitted
