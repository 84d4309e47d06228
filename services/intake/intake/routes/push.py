"""What contact centres call. No bearer token: every push proves itself with its source's secret."""

from ipaddress import ip_address, ip_network
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from intake.office import Office
from intake.push.adapters import ADAPTERS, Adapter
from intake.push.reading import Push
from intake.queries import sources
from intake.routes.desk import Desk
from intake.tables import PushSourceRow
from intake.use_cases.receive_call import receive_call
from intake.use_cases.set_up_source import secrets_of
from shared.actor import Actor
from shared.http.bodies import raw_body
from shared.http.edge import Edge, edge_of
from shared.http.problems import Forbidden, NotAuthenticated, NotFound, problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import Cause

router = router_under("/v1/push", tag="push")

type AtTheEdge = Annotated[Edge, Depends(edge_of)]


@router.post("/{adapter}/{source_id}", response_class=Response, responses=problem_responses(404))
async def post_push(adapter: str, source_id: UUID, request: Request, edge: AtTheEdge, office: Desk) -> Response:
    """A push that is signed in its headers. 2xx: stored, now or before; 503: not stored, send it again."""
    return await _take(request, adapter=adapter, source_id=source_id, token="", edge=edge, office=office)


@router.get("/{adapter}/{source_id}", response_class=Response, responses=problem_responses(404))
async def get_push(adapter: str, source_id: UUID, request: Request, edge: AtTheEdge, office: Desk) -> Response:
    """The same for vendors that may be set to GET, with the fields in the query."""
    return await _take(request, adapter=adapter, source_id=source_id, token="", edge=edge, office=office)


@router.post("/zammad/{source_id}/{token}", response_class=Response, responses=problem_responses(404))
async def post_drop_in(source_id: UUID, token: str, request: Request, edge: AtTheEdge, office: Desk) -> Response:
    """The Zammad CTI path: its last part is the secret, which is all that such an exchange can prove itself with."""
    return await _take(request, adapter="zammad", source_id=source_id, token=token, edge=edge, office=office)


async def _take(request: Request, *, adapter: str, source_id: UUID, token: str, edge: Edge, office: Office) -> Response:
    """Prove, read, store, commit, answer: in this order."""
    cause = Cause(actor=Actor(kind="source", id=str(source_id), role="source"))
    async with edge.works.begin(cause) as work:
        source = await sources.find(work.session, source_id=source_id)
        now = work.now
    vendor = ADAPTERS.get(adapter)
    if source is None or vendor is None or source.adapter != adapter:
        raise NotFound("there is no such push source", expected="the push_url of a source of GET /v1/push-sources")
    push = Push(
        method=request.method,
        url=_called(request, source=source),
        query=request.url.query,
        headers=dict(request.headers),
        body=raw_body(request),
        token=token,
        received_at=now,
    )
    await _prove(request, push=push, vendor=vendor, source=source, cause=cause, edge=edge, office=office)
    reading = vendor.read(push)
    raw = (push.body or push.query.encode()).decode("utf-8", "surrogateescape")
    async with edge.works.begin(cause) as work:
        await receive_call(work, reading=reading, raw=raw, source=source, office=office)
        await work.commit()
    return Response(vendor.answer, media_type=vendor.answer_type)


async def _prove(
    request: Request, *, push: Push, vendor: Adapter, source: PushSourceRow, cause: Cause, edge: Edge, office: Office
) -> None:
    """Raises NotAuthenticated or Forbidden, and leaves a trace in the audit log."""
    subject = f"push_source/{source.id}"
    peer = request.client.host if request.client else ""
    if source.networks and not _within(peer, networks=source.networks):
        await office.audit.record_alone(edge.works, cause=cause, action="push_from_elsewhere", subject=subject)
        raise Forbidden("this address may not push for this source", expected="an address of the source's networks")
    if not vendor.authentic(push, secrets_of(source, office=office)):
        await office.audit.record_alone(edge.works, cause=cause, action="push_forged", subject=subject)
        raise NotAuthenticated(
            "the push does not prove that it comes from this source",
            expected="the signature, or the token in the path, made with an active secret of the source",
            headers={"WWW-Authenticate": 'Signature realm="push"'},
        )


def _called(request: Request, *, source: PushSourceRow) -> str:
    """The URL as the vendor called it: the configured base and not whatever Host a proxy sent."""
    raw_path = request.scope.get("raw_path")
    path = raw_path.decode("ascii", "replace") if isinstance(raw_path, bytes) else request.url.path
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{source.public_base.rstrip('/')}{path}{query}"


def _within(peer: str, *, networks: list[str]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in ip_network(network) for network in networks)
