"""Missing pieces lie on the shelf after all: they came in otherwise, or another request let them go."""

from uuid import UUID

from parts.desk import Desk
from parts.domain.supply import Happening
from parts.queries import dossiers
from parts.queries.dossiers import Dossier
from parts.use_cases.carry_out import carry_out
from parts.use_cases.keep_parts import keep_parts, keep_what_there_is
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def find_parts(work: UnitOfWork, *, request_id: UUID, version: int | None, desk: Desk) -> Dossier:
    """Keep all of them, and call the claim order off. Raises IllegalTransition where the supplier has it already.

    Where something is still missing that is refused as well: it stays ordered, and nothing changes.
    """
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    require_version(dossier.request.version, expected=version)
    await carry_out(work, dossier=dossier, happening=Happening.FOUND, desk=desk)
    await keep_what_there_is(work, dossier=dossier)
    if missing := [f"{line.missing} of {line.part_code}" for line in dossier.counted if line.missing]:
        raise IllegalTransition(
            "still_missing",
            detail=f"the shelf does not have {', '.join(missing)}",
            expected="a request whose missing pieces all lie free on the shelf; GET /v1/stock shows what does",
        )
    keep_parts(work, dossier=dossier, desk=desk)
    await desk.audit.record(work, action="parts_found", subject=f"parts_request/{request_id}")
    return dossier
