"""Messages: what was sent to whom, and what became of it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from notifier.domain.sending import MessageState
from notifier.queries import messages
from notifier.queries.messages import MessagesAsked
from notifier.schemas.messages import MessageFile, MessageView
from shared.http.calls import Call, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/messages", tag="messages")

type Reading = Annotated[Call, reading("messages:read")]


@router.get("")
async def get_messages(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[MessageState] | None, Query(max_length=6)] = None,
    about: Annotated[str | None, Query(min_length=1, max_length=100, description="type of an event")] = None,
    case_id: UUID | None = None,
    staff_number: Annotated[str | None, Query(max_length=40, description="staff number, or `me`")] = None,
    customer_id: UUID | None = None,
    escalation_id: UUID | None = None,
) -> Page[MessageView]:
    """The newest first: mine, those of a case, those that failed."""
    wanted = MessagesAsked(
        states=frozenset(state or ()),
        about=about,
        case_id=case_id,
        staff_number=call.principal.actor.id if staff_number == "me" else staff_number,
        customer_id=customer_id,
        escalation_id=escalation_id,
    )
    async with call.work() as work:
        rows = await messages.listed(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=MessageView.of, place=lambda row: Place(at=row.made_at, id=row.id))


@router.get("/{message_id}", responses=problem_responses(404))
async def get_message(message_id: UUID, call: Reading) -> MessageFile:
    """One message with every attempt at sending it."""
    async with call.work() as work:
        row = await messages.find(work.session, message_id=message_id)
        attempts = await messages.attempts_of(work.session, message_id=row.id)
        return MessageFile.whole(row, attempts=attempts)
