"""Escalations (逐级上报): what climbs, how far it is, and that somebody takes it on."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from notifier.domain.ladder import EscalationState
from notifier.queries import escalations
from notifier.queries.escalations import EscalationsAsked
from notifier.routes.given import DeskGiven
from notifier.schemas.messages import EscalationView, LaddersView
from notifier.use_cases.acknowledge_escalation import acknowledge_by_api
from shared.http.calls import Call, acting, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1", tag="escalations")

type Reading = Annotated[Call, reading("escalations:read")]


@router.get("/escalations")
async def get_escalations(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[EscalationState] | None, Query(max_length=4)] = None,
    is_open: Annotated[bool, Query(alias="open", description="only those that have somebody left to be told")] = False,
    mine: Annotated[bool, Query(description="only those that I was told of")] = False,
    overdue: Annotated[bool, Query(description="only open ones whose level has not answered in time")] = False,
    case_id: UUID | None = None,
    ladder: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
) -> Page[EscalationView]:
    """The newest first: open ones, those I was told of."""
    async with call.work() as work:
        wanted = EscalationsAsked(
            states=frozenset({*(state or ()), *([EscalationState.OPEN] if is_open else [])}),
            told=call.principal.actor.id if mine else None,
            case_id=case_id,
            ladder=ladder,
            overdue_at=work.now if overdue else None,
        )
        rows = await escalations.listed(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=EscalationView.of, place=lambda row: Place(at=row.raised_at, id=row.id))


@router.get("/escalations/{escalation_id}", response_model=EscalationView, responses=problem_responses(404))
async def get_escalation(escalation_id: UUID, call: Reading) -> Response:
    """One escalation."""
    async with call.work() as work:
        row = await escalations.find(work.session, escalation_id=escalation_id)
        return shown(EscalationView.of(row), version=row.version)


@router.post(
    "/escalations/{escalation_id}/acknowledgement",
    response_model=EscalationView,
    responses=problem_responses(404, 409, 412),
)
async def post_acknowledgement(
    escalation_id: UUID, call: Annotated[Call, acting("escalations:acknowledge")], desk: DeskGiven
) -> Response:
    """I take it on: for whoever has one of the roles that were told so far (R429). Nothing more is sent.

    An escalation that is exhausted, of which nobody is left to be told, may still be taken on.
    """
    async with call.work() as work:
        row = await acknowledge_by_api(work, escalation_id=escalation_id, version=call.expected_version, desk=desk)
        return await call.commit(work, EscalationView.of(row), version=row.version)


@router.get("/ladders")
async def get_ladders(call: Reading, desk: DeskGiven) -> LaddersView:
    """Who is told after whom, as the policy in force has it."""
    del call
    return LaddersView.of(desk.policy)
