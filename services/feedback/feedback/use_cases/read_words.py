"""What customers said is shown to those who may read it, for a stated purpose, and that is written down."""

from uuid import UUID

from feedback.desk import COMMENT, NOTES, Desk
from feedback.policy import require_purpose
from feedback.queries import revisits, surveys
from shared.messaging.unit_of_work import UnitOfWork


async def read_notes(work: UnitOfWork, *, revisit_id: UUID, purpose: str, desk: Desk) -> str | None:
    """What was noted on the call; None where there is nothing, or nothing any more."""
    revisit = await revisits.find(work.session, revisit_id=revisit_id)
    await _note(work, subject=f"revisit/{revisit_id}", purpose=purpose, desk=desk)
    return None if revisit.notes is None else desk.open(revisit.notes, place=NOTES, row=revisit_id)


async def read_comment(work: UnitOfWork, *, survey_id: UUID, purpose: str, desk: Desk) -> str | None:
    """What the customer wrote on the card; None where there is nothing, or nothing any more."""
    survey = await surveys.find(work.session, survey_id=survey_id)
    await _note(work, subject=f"survey/{survey_id}", purpose=purpose, desk=desk)
    return None if survey.comment is None else desk.open(survey.comment, place=COMMENT, row=survey_id)


async def _note(work: UnitOfWork, *, subject: str, purpose: str, desk: Desk) -> None:
    stated = require_purpose(purpose, policy=desk.policy)
    await desk.audit.record(work, action="words_read", subject=subject, purpose=stated)
