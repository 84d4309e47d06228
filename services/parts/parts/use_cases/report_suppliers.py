"""The supplier's service quality in a period, as after-sales reads it (R330)."""

from datetime import datetime
from uuid import UUID

from parts.domain.supplier_quality import ServedCase, SupplierService, service_quality
from parts.queries import supplier_cases
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Refusal


async def report_suppliers(work: UnitOfWork, *, since: datetime, until: datetime) -> list[SupplierService]:
    """Of problems raised from `since` on and before `until`. Raises Refusal for a period that ends before it begins."""
    if until <= since:
        raise Refusal(
            "empty_period",
            detail=f"the period from {since.isoformat()} to {until.isoformat()} has no length",
            expected="`until` after `since`",
        )
    raised = await supplier_cases.raised_in(work.session, since=since, until=until)
    grades: dict[UUID, list[str]] = {}
    for report in await supplier_cases.reports_of(work.session, ids=[case.id for case, _ in raised]):
        grades.setdefault(report.supplier_case_id, []).append(report.quality)
    cases = [
        ServedCase(
            supplier_number=supplier.number,
            supplier_name=supplier.name,
            raised_at=case.raised_at,
            solve_by=case.solve_by,
            solved_at=case.solved_at,
            grades=grades.get(case.id, ()),
            costs=supplier_cases.costs_of(case),
        )
        for case, supplier in raised
    ]
    return service_quality(cases, now=work.now)
