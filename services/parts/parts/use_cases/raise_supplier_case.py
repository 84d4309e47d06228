"""A bought-in part has a problem: its supplier solves it, coordinated by purchasing (R185, R256)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from parts.desk import Desk
from parts.domain.supplier_cases import CaseState, require_supplier_of
from parts.policy.suppliers import CONTACT_CLOCK
from parts.queries import supplier_cases, suppliers
from parts.tables import SupplierCaseRow
from parts.use_cases.ask_purchase import require_catalogued
from parts.use_cases.keep_words import PROBLEM, may_keep_words
from shared.contracts.parts import SupplierCaseRaised
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierCaseForm:
    """What is wrong with whose part, for which case.

    `problem`: None where a change leaves it; `solve_by`: when it has to be solved, where that is known.
    """

    supplier_number: str
    part_code: str
    case_id: UUID
    work_order_id: UUID | None
    problem: str | None
    model: str | None
    quantity: int | None
    solve_by: datetime | None


async def raise_supplier_case(work: UnitOfWork, *, form: SupplierCaseForm, desk: Desk) -> SupplierCaseRow:
    """R185: the manufacturer of a bought-in part (外调产品) is dispatched instead of a technician (R256).

    From now on the time runs in which purchasing contacts him (R328), where the policy has a clock for it, and quality
    control hears of it (R029). Raises Refusal for a part that is not bought from him, Unknown for a supplier or part
    that is not known.
    """
    supplier = await suppliers.find(work.session, number=form.supplier_number)
    await _require_his(work, form=form)
    case_id = work.new_id()
    case = SupplierCaseRow(
        id=case_id,
        supplier_id=supplier.id,
        case_id=form.case_id,
        work_order_id=form.work_order_id,
        part_code=form.part_code,
        state=CaseState.RAISED,
        problem=await _sealed(work, row=case_id, form=form, desk=desk),
        model=form.model,
        quantity=form.quantity,
        solve_by=form.solve_by,
        raised_at=work.now,
        raised_by=work.cause.actor.id,
    )
    work.session.add(case)
    await work.session.flush()
    if (promise := desk.policy.clocks.get(CONTACT_CLOCK)) is not None:
        reason = "supplier_case_raised"
        await desk.clocks.start(
            work, name=CONTACT_CLOCK, subject_id=case.id, at=work.now, promise=promise, reason=reason
        )
    work.publish(
        SupplierCaseRaised(
            supplier_case_id=case.id,
            case_id=case.case_id,
            work_order_id=case.work_order_id,
            supplier_id=case.supplier_id,
            part_code=case.part_code,
            raised_at=case.raised_at,
        )
    )
    await desk.audit.record(work, action="supplier_case_raised", subject=f"supplier_case/{case.id}")
    return case


async def change_supplier_case(
    work: UnitOfWork, *, supplier_case_id: UUID, version: int | None, form: SupplierCaseForm, desk: Desk
) -> SupplierCaseRow:
    """More is known of the problem. Raises IllegalTransition once it is solved, or where it would be another's case."""
    problem = await _sealed(work, row=supplier_case_id, form=form, desk=desk)
    case = await supplier_cases.lock(work.session, supplier_case_id=supplier_case_id)
    require_version(case.version, expected=version)
    supplier = await suppliers.find(work.session, number=form.supplier_number)
    if case.solved_at is not None or (supplier.id, form.case_id) != (case.supplier_id, case.case_id):
        raise IllegalTransition(
            "supplier_case_fixed",
            detail=f"the supplier case is {case.state}, for the case {case.case_id}",
            expected="a change of what is wrong, before it is solved; another supplier or case is a supplier case anew",
        )
    await _require_his(work, form=form)
    if form.problem is not None:
        case.problem = problem
    case.work_order_id, case.part_code = form.work_order_id, form.part_code
    case.model, case.quantity, case.solve_by = form.model, form.quantity, form.solve_by
    case.version += 1
    await desk.audit.record(work, action="supplier_case_changed", subject=f"supplier_case/{case.id}")
    return case


async def _sealed(work: UnitOfWork, *, row: UUID, form: SupplierCaseForm, desk: Desk) -> str | None:
    """The problem as it is stored; nothing where nobody says it, and of an erased customer."""
    if form.problem is None or not await may_keep_words(work, case_id=form.case_id):
        return None
    return desk.seal(form.problem, place=PROBLEM, row=row)


async def _require_his(work: UnitOfWork, *, form: SupplierCaseForm) -> None:
    await require_catalogued(work, codes={form.part_code})
    sources = await suppliers.sources_of(work.session, codes={form.part_code})
    require_supplier_of(form.part_code, sources=sources.get(form.part_code, ()), number=form.supplier_number)
