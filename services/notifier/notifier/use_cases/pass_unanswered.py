"""The time of a level is over: the next one is told."""

from uuid import UUID

from notifier.desk import Desk
from notifier.domain.ladder import Unanswered
from notifier.queries import escalations
from notifier.use_cases.climb_ladder import climb
from shared.messaging.unit_of_work import UnitOfWork


async def pass_unanswered(work: UnitOfWork, *, escalation_id: UUID, level: int, desk: Desk) -> None:
    """Nothing where somebody answered meanwhile, or the level was passed for another reason."""
    escalation = await escalations.lock(work.session, escalation_id=escalation_id)
    await climb(work, escalation=escalation, happening=Unanswered(level), desk=desk)
