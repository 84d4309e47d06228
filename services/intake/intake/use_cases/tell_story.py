"""The whole story of a case across services: what intake says itself, and what it hears."""

from uuid import UUID

from intake.queries import story
from intake.tables import StoryRow
from shared.contracts.envelope import Envelope, Event
from shared.messaging.unit_of_work import UnitOfWork

OWN_SERVICE = "intake"
NOT_TOLD = {"link"}


def tell(work: UnitOfWork, *, event: Event, case_id: UUID) -> None:
    """Publish an event of a case and put it into the case's story, as a line that happens now."""
    line = StoryRow(
        event_id=work.publish(event),
        case_id=case_id,
        type=event.TYPE,
        service=OWN_SERVICE,
        actor_id=work.cause.actor.id,
        happened_at=work.now,
        recorded_at=work.now,
        facts=event.model_dump(mode="json"),
    )
    work.session.add(line)


async def hear(work: UnitOfWork, *, event: Event, envelope: Envelope) -> None:
    """Put what another service said into the story of its case: once, whatever the order, even before the case.

    What is about no case has no story. Whoever has a survey's link may answer it, so the link is not told.
    """
    case_id = getattr(event, "case_id", None)
    if not isinstance(case_id, UUID):
        return
    heard = StoryRow(
        event_id=envelope.id,
        case_id=case_id,
        type=envelope.type,
        service=envelope.source,
        happened_at=envelope.time,
        recorded_at=work.now,
        facts=event.model_dump(mode="json", exclude=NOT_TOLD),
    )
    await story.add_unless_known(work.session, row=heard)
