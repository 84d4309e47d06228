"""One HTTP application per service: the same refusals, health, metrics and documents in each."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from shared.health import Check, health_router
from shared.http.calls import response_of
from shared.http.connection import CLIENT_SECONDS
from shared.http.documents import COMMON, document_problems
from shared.http.edge import Edge
from shared.http.idempotency import AnsweredBefore
from shared.http.invalid_input import invalid_request
from shared.http.observed import Observed
from shared.http.outages import database_problem
from shared.http.problems import Malformed, NotFound, Problem, WrongMethod, refused
from shared.http.reception import Reception
from shared.observability.metrics import ClientMetrics, http_requests, metrics_router
from shared.observability.tracing import Tracing
from shared.refusals import Refusal

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

type Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_api(
    service: str,
    *,
    summary: str,
    edge: Edge,
    routers: Sequence[APIRouter],
    checks: Mapping[str, Check],
    tracing: Tracing,
    registry: CollectorRegistry,
    clients: ClientMetrics,
    client_seconds: float = CLIENT_SECONDS,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """The application of `service`, with routers as `router_under` makes them: nothing is added to their routes.

    `checks` decide readiness; `registry` holds the metrics of this process, those of `clients` among them. A body has
    `client_seconds` to arrive.
    """
    api = FastAPI(
        title=f"After-sales: {service}",
        summary=summary,
        version=version("aftersales-shared"),
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        # validation failures and addresses, which it records, hold contact data and tokens: `Observed` traces instead
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    api.state.edge = edge
    for probes in (health_router(checks), metrics_router(registry, service=service, checks=checks)):
        api.include_router(probes, responses=COMMON)
    for router in routers:
        api.router.routes.extend(router.routes)  # as they are: `include_router` would build each once more
    refuse_with_problems(api)
    document_problems(api)
    api.add_middleware(Reception, clients=clients, seconds=client_seconds)
    api.add_middleware(Observed, service=service, tracing=tracing, requests=http_requests(registry))
    return api


def create_probes(service: str, *, checks: Mapping[str, Check], registry: CollectorRegistry) -> FastAPI:
    """The application of a process of `service` that only works: health, readiness and metrics."""
    probes = FastAPI(title=f"{service}: probes", docs_url=None, redoc_url=None, openapi_url=None)
    probes.include_router(health_router(checks))
    probes.include_router(metrics_router(registry, service=service, checks=checks))
    return probes


def refuse_with_problems(api: FastAPI) -> None:
    """The one table from what is raised below to what the caller gets."""
    api.add_exception_handler(Problem, _on_problem)
    api.add_exception_handler(Refusal, _on_refusal)
    api.add_exception_handler(RequestValidationError, _on_invalid)
    api.add_exception_handler(HTTPException, _on_framework)
    api.add_exception_handler(AnsweredBefore, _on_answered_before)
    api.add_exception_handler(SQLAlchemyError, _on_database)
    api.add_exception_handler(OSError, _on_database)


def _answer(request: Request, problem: Problem) -> Response:
    return problem.response(correlation_id=str(request.state.correlation_id))


async def _on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return _answer(request, error)


async def _on_refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return _answer(request, refused(error))


async def _on_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return _answer(request, invalid_request(request, error))


async def _on_answered_before(_: Request, error: Exception) -> Response:
    if not isinstance(error, AnsweredBefore):
        raise error
    return response_of(error.answer)


async def _on_database(request: Request, error: Exception) -> Response:
    problem = database_problem(error)
    if problem is None:
        raise error
    return _answer(request, problem)


async def _on_framework(request: Request, error: Exception) -> Response:
    """What FastAPI itself raises: no route, no such method, a body that cannot be parsed."""
    match getattr(error, "status_code", 500):
        case 404:
            problem: Problem = NotFound("there is no such address", expected="an address that /docs lists")
        case 405:
            allowed = ", ".join(allowed_methods(request))
            problem = WrongMethod(
                f"this address does not know {request.method}", expected=f"one of {allowed}", headers={"Allow": allowed}
            )
        case 400:
            problem = Malformed("the body cannot be read", expected="a JSON document in UTF-8 (RFC 8259)")
        case _:
            raise error
    return _answer(request, problem)


def allowed_methods(request: Request) -> list[str]:
    """All methods that some route has for this address; starlette's own Allow names those of the first route only."""
    routes = request.app.router.routes
    return [
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
