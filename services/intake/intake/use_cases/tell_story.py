"""The whole story of a case across services: what intake says itself, and what it hears."""

from uuid import UUID

from intake.queries import story
from intake.queries.erasure import ERASED_LABEL
from intake.tables import ERASED, StoryRow
from shared.contracts.envelope import Envelope, Event
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork

OWN_SERVICE = "intake"
NOT_TOLD = {"link"}
LABEL = "customer_label"


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
    story.add_unless_known(work, row=line)


async def hear(work: UnitOfWork, *, event: Event, envelope: Envelope) -> None:
    """Put what another service said into the story of its case: once, whatever the order, even before the case.

    What is about no case has no story. Whoever has a survey's link may answer it, so the link is not told. Of an erased
    customer not even the masked number is; that is asked here, so hear before rows are locked that an erasure changes.
    """
    case_id = getattr(event, "case_id", None)
    if not isinstance(case_id, UUID):
        return
    facts = event.model_dump(mode="json", exclude=NOT_TOLD)
    customer_id = getattr(event, "customer_id", None)
    if (
        LABEL in facts
        and isinstance(customer_id, UUID)
        and await is_erased(work, customer_id=customer_id, table=ERASED)
    ):
        facts[LABEL] = ERASED_LABEL
    heard = StoryRow(
        event_id=envelope.id,
        case_id=case_id,
        type=envelope.type,
        service=envelope.source,
        happened_at=envelope.time,
        recorded_at=work.now,
        facts=facts,
    )
    story.add_unless_known(work, row=heard)
