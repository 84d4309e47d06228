"""What contact centres call. No bearer token: every push proves itself with its source's secret."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from intake.routes.desk import Desk
from intake.routes.switchboard import Arrival, Board
from shared.actor import Actor
from shared.http.bodies import raw_body
from shared.http.edge import Edge, edge_of
from shared.http.problems import Forbidden, NotAuthenticated, problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import Cause
from shared.observability.tracing import current_traceparent, link_to

router = router_under("/v1/push", tag="push")


@router.post("/{adapter}/{source_id}", response_class=Response, responses=problem_responses(404))
async def post_push(*, adapter: str, source_id: UUID, request: Request, office: Desk, board: Board) -> Response:
    """A push that is signed in its headers. 2xx: stored, now or before; 503: not stored, send it again."""
    arrival = _arrival(request, adapter=adapter, source_id=source_id, token="")
    return await _take(arrival, edge=edge_of(request), office=office, board=board)


@router.get("/{adapter}/{source_id}", response_class=Response, responses=problem_responses(404))
async def get_push(*, adapter: str, source_id: UUID, request: Request, office: Desk, board: Board) -> Response:
    """The same for vendors that may be set to GET, with the fields in the query."""
    arrival = _arrival(request, adapter=adapter, source_id=source_id, token="")
    return await _take(arrival, edge=edge_of(request), office=office, board=board)


@router.post("/zammad/{source_id}/{token}", response_class=Response, responses=problem_responses(404))
async def post_drop_in(*, source_id: UUID, token: str, request: Request, office: Desk, board: Board) -> Response:
    """The Zammad CTI path: its last part is the secret, which is all that such an exchange can prove itself with."""
    arrival = _arrival(request, adapter="zammad", source_id=source_id, token=token)
    return await _take(arrival, edge=edge_of(request), office=office, board=board)


async def _take(arrival: Arrival, *, edge: Edge, office: Desk, board: Board) -> Response:
    """Answer once it is stored; what is not proved leaves a trace in the audit log."""
    try:
        taken = await board.take(arrival)
    except (NotAuthenticated, Forbidden) as error:
        action = "push_forged" if isinstance(error, NotAuthenticated) else "push_from_elsewhere"
        cause = Cause(actor=Actor(kind="source", id=str(arrival.source_id), role="source"))
        subject = f"push_source/{arrival.source_id}"
        await office.audit.record_alone(edge.works, cause=cause, action=action, subject=subject)
        raise
    if taken.traceparent is not None and taken.traceparent != arrival.traceparent:
        link_to(taken.traceparent)
    return Response(taken.vendor.answer, media_type=taken.vendor.answer_type)


def _arrival(request: Request, *, adapter: str, source_id: UUID, token: str) -> Arrival:
    raw_path = request.scope.get("raw_path")
    path = raw_path.decode("ascii", "replace") if isinstance(raw_path, bytes) else request.url.path
    query = request.url.query
    return Arrival(
        adapter=adapter,
        source_id=source_id,
        peer=request.client.host if request.client else "",
        method=request.method,
        address=f"{path}?{query}" if query else path,
        query=query,
        headers=dict(request.headers),
        body=raw_body(request),
        token=token,
        traceparent=current_traceparent(),
    )
