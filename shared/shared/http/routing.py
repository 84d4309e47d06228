"""Routers whose routes are finished when they are declared: an application takes them as they are."""

from fastapi import APIRouter, Depends

from shared.http.documents import COMMON
from shared.http.unknown_parameters import refuse_unknown_parameters


def router_under(prefix: str, *, tag: str) -> APIRouter:
    """A router for paths that begin with `prefix` (`/v1/cases`), listed under `tag` in the OpenAPI document.

    Its routes refuse unknown parameters, and their documentation names the problems that any route may answer.
    """
    return APIRouter(prefix=prefix, tags=[tag], responses=COMMON, dependencies=[Depends(refuse_unknown_parameters)])
