"""What is written about a problem on a customer's site is stored sealed, and not any more once he is erased."""

from uuid import UUID

from parts.desk import Desk
from parts.queries import words
from parts.tables import ERASED, SupplierCaseRow, SupplierReportRow
from shared.contracts.intake import CaseOpened
from shared.erasure import is_erased
from shared.messaging.unit_of_work import UnitOfWork

PROBLEM, COURSE = "supplier_case.problem", "supplier_report.course"


async def note_case(work: UnitOfWork, *, opened: CaseOpened) -> None:
    """Whose case it is; what was written about it before is destroyed where he is erased already."""
    case = await words.lock_case(work.session, case_id=opened.case_id)
    case.customer_id = opened.customer_id
    await work.session.flush()
    if await is_erased(work, customer_id=opened.customer_id, table=ERASED):
        await words.destroy(work.session, customer_id=opened.customer_id)


async def may_keep_words(work: UnitOfWork, *, case_id: UUID) -> bool:
    """Whether anything may be written about this case. Ask before a supplier case is locked.

    Whoever erases its customer, and whoever says whose it is, waits until what is stored now can be destroyed.
    """
    case = await words.lock_case(work.session, case_id=case_id)
    customer_id = await words.customer_of(work.session, case=case)
    return customer_id is None or not await is_erased(work, customer_id=customer_id, table=ERASED)


def problem_of(case: SupplierCaseRow, *, desk: Desk) -> str | None:
    """In plain text; None once the customer was erased."""
    return None if case.problem is None else desk.open(case.problem, place=PROBLEM, row=case.id)


def course_of(report: SupplierReportRow, *, desk: Desk) -> str | None:
    """Likewise what a report says was done."""
    return None if report.course is None else desk.open(report.course, place=COURSE, row=report.id)
