"""Purchasing contacts the supplier, tracks him until the problem is solved, and reports how he served (R328, R330)."""

from collections.abc import Sequence
from uuid import UUID

from parts.desk import Desk
from parts.domain.supplier_cases import CaseState, Cost, Step, follow, require_costs, require_tracked
from parts.policy import require_known
from parts.policy.suppliers import CONTACT_CLOCK
from parts.queries import supplier_cases
from parts.tables import SupplierCaseRow, SupplierReportRow
from parts.use_cases.keep_words import COURSE, may_keep_words
from shared.contracts.parts import SupplierCaseSolved, SupplierNotified, SupplierServiceReported
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def contact_supplier(
    work: UnitOfWork, *, supplier_case_id: UUID, version: int | None, desk: Desk
) -> SupplierCaseRow:
    """R328: he was called; the time in which that had to be done stops."""
    case = await _locked(work, supplier_case_id=supplier_case_id, version=version)
    await _take(work, case=case, step=Step.CONTACT, desk=desk)
    await _note_contact(work, case=case, desk=desk)
    return case


async def notify_supplier(
    work: UnitOfWork, *, supplier_case_id: UUID, version: int | None, desk: Desk
) -> SupplierCaseRow:
    """R329: he was told in writing, which is contact as well. The caller has seen that the notice is complete."""
    case = await _locked(work, supplier_case_id=supplier_case_id, version=version)
    await _take(work, case=case, step=Step.NOTIFY, desk=desk)
    await _note_contact(work, case=case, desk=desk)
    case.notified_at = work.now
    work.publish(
        SupplierNotified(
            supplier_case_id=case.id,
            case_id=case.case_id,
            work_order_id=case.work_order_id,
            supplier_id=case.supplier_id,
            solve_by=case.solve_by,
            notified_at=work.now,
        )
    )
    return case


async def receive_supplier(
    work: UnitOfWork, *, supplier_case_id: UUID, version: int | None, desk: Desk
) -> SupplierCaseRow:
    """He is on site. Raises IllegalTransition where he was not told in writing what for (R329)."""
    case = await _locked(work, supplier_case_id=supplier_case_id, version=version)
    await _take(work, case=case, step=Step.ARRIVE, desk=desk)
    case.on_site_at = work.now
    return case


async def report_service(
    work: UnitOfWork, *, supplier_case_id: UUID, version: int | None, quality: str, course: str, desk: Desk
) -> SupplierCaseRow:
    """R330: after-sales hears how well he serves; as often as there is something to say, until it is solved."""
    told = await _told(work, supplier_case_id=supplier_case_id, quality=quality, course=course, desk=desk)
    case = await _locked(work, supplier_case_id=supplier_case_id, version=version)
    require_tracked(CaseState(case.state))
    await _report(work, case=case, report=told, desk=desk)
    case.version += 1
    return case


async def solve_supplier_case(
    work: UnitOfWork, *, supplier_case_id: UUID, version: int | None, quality: str, course: str, desk: Desk
) -> SupplierCaseRow:
    """R330: the problem is solved, which is never said without how well he served."""
    told = await _told(work, supplier_case_id=supplier_case_id, quality=quality, course=course, desk=desk)
    case = await _locked(work, supplier_case_id=supplier_case_id, version=version)
    await _take(work, case=case, step=Step.SOLVE, desk=desk)
    case.solved_at = work.now
    await _report(work, case=case, report=told, desk=desk)
    work.publish(
        SupplierCaseSolved(
            supplier_case_id=case.id,
            case_id=case.case_id,
            work_order_id=case.work_order_id,
            supplier_id=case.supplier_id,
            solved_at=work.now,
        )
    )
    return case


async def write_costs(
    work: UnitOfWork, *, supplier_case_id: UUID, version: int | None, costs: Sequence[Cost], desk: Desk
) -> SupplierCaseRow:
    """R185, R329: who bears what, in place of what was said before. Raises IllegalTransition once it is settled."""
    for cost in costs:
        require_known(cost.kind, known=desk.policy.suppliers.costs, field="kind")
    case = await _locked(work, supplier_case_id=supplier_case_id, version=version)
    if case.state == CaseState.SETTLED:
        raise IllegalTransition(
            "costs_settled", detail="the costs are settled", expected="a supplier case that is not settled"
        )
    case.costs = [{"kind": cost.kind, "amount": str(cost.amount), "bearer": cost.bearer} for cost in costs]
    case.version += 1
    await desk.audit.record(
        work, action="supplier_costs_written", subject=f"supplier_case/{case.id}", details={"lines": len(costs)}
    )
    return case


async def settle_costs(work: UnitOfWork, *, supplier_case_id: UUID, version: int | None, desk: Desk) -> SupplierCaseRow:
    """What everybody bears is agreed and settled; it ends."""
    case = await _locked(work, supplier_case_id=supplier_case_id, version=version)
    require_costs(supplier_cases.costs_of(case))
    await _take(work, case=case, step=Step.SETTLE, desk=desk)
    case.settled_at = work.now
    return case


async def _locked(work: UnitOfWork, *, supplier_case_id: UUID, version: int | None) -> SupplierCaseRow:
    case = await supplier_cases.lock(work.session, supplier_case_id=supplier_case_id)
    require_version(case.version, expected=version)
    return case


async def _take(work: UnitOfWork, *, case: SupplierCaseRow, step: Step, desk: Desk) -> None:
    case.state = follow(CaseState(case.state), step=step)
    case.version += 1
    await desk.audit.record(work, action=f"supplier_{case.state}", subject=f"supplier_case/{case.id}")


async def _note_contact(work: UnitOfWork, *, case: SupplierCaseRow, desk: Desk) -> None:
    if case.contacted_at is None:
        case.contacted_at, reason = work.now, "supplier_contacted"
        if await desk.clocks.known(work.session, name=CONTACT_CLOCK, subjects=[case.id]):
            await desk.clocks.stop(work, name=CONTACT_CLOCK, subject_id=case.id, at=work.now, reason=reason)


async def _told(
    work: UnitOfWork, *, supplier_case_id: UUID, quality: str, course: str, desk: Desk
) -> SupplierReportRow:
    """A report, not stored yet, of which nothing can be read in the database; no words about an erased customer."""
    require_known(quality, known=desk.policy.suppliers.grades, field="quality")
    seen = await supplier_cases.find(work.session, supplier_case_id=supplier_case_id)
    may_keep, report_id = await may_keep_words(work, case_id=seen.case_id), work.new_id()
    return SupplierReportRow(
        id=report_id,
        supplier_case_id=supplier_case_id,
        quality=quality,
        course=desk.seal(course, place=COURSE, row=report_id) if may_keep else None,
        reported_at=work.now,
        reported_by=work.cause.actor.id,
    )


async def _report(work: UnitOfWork, *, case: SupplierCaseRow, report: SupplierReportRow, desk: Desk) -> None:
    work.session.add(report)
    work.publish(
        SupplierServiceReported(
            supplier_case_id=case.id,
            case_id=case.case_id,
            work_order_id=case.work_order_id,
            supplier_id=case.supplier_id,
            report_id=report.id,
            quality=report.quality,
            reported_at=work.now,
        )
    )
    await desk.audit.record(
        work, action="supplier_reported", subject=f"supplier_case/{case.id}", details={"quality": report.quality}
    )
