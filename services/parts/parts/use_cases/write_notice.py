"""The written notice to a supplier (书面告知, R329) is filled in: contact data is put in, and kept nowhere."""

from collections.abc import Mapping

from parts.desk import Desk
from parts.domain.supplier_cases import Bearer, borne_by
from parts.domain.supplier_notice import NoticeField, SiteContact, require_complete
from parts.policy.suppliers import Language, in_language
from parts.queries import supplier_cases
from parts.tables import SupplierCaseRow
from parts.use_cases.keep_words import problem_of
from shared.messaging.unit_of_work import UnitOfWork


async def write_notice(
    work: UnitOfWork, *, case: SupplierCaseRow, site: SiteContact, language: Language, desk: Desk
) -> Mapping[NoticeField, str]:
    """The eight fields as they are printed. Raises IllegalTransition, which names it, where one is missing.

    Who had it written stands in the audit log; what was put in from intake stands nowhere.
    """
    fields = {
        NoticeField.PROBLEM: problem_of(case, desk=desk) or "",
        NoticeField.MODEL: case.model or "",
        NoticeField.QUANTITY: "" if case.quantity is None else str(case.quantity),
        NoticeField.ADDRESS: site.address,
        NoticeField.CONTACT: site.contact,
        NoticeField.PHONE: site.phone,
        NoticeField.SOLVE_BY: _local(case, desk=desk),
        NoticeField.COSTS: _costs(case, language=language, desk=desk),
    }
    require_complete(fields)
    await desk.audit.record(
        work,
        action="supplier_notice_written",
        subject=f"supplier_case/{case.id}",
        purpose=desk.policy.suppliers.notice.purpose,
    )
    return fields


def _local(case: SupplierCaseRow, *, desk: Desk) -> str:
    zone = desk.policy.company.time_zone
    return "" if case.solve_by is None else f"{case.solve_by.astimezone(zone):%Y-%m-%d %H:%M}"


def _costs(case: SupplierCaseRow, *, language: Language, desk: Desk) -> str:
    """What the supplier bears: each cost, and all together. Empty where nobody has said that he bears any."""
    his = [cost for cost in supplier_cases.costs_of(case) if cost.bearer is Bearer.SUPPLIER]
    if not his:
        return ""
    names = desk.policy.suppliers.costs
    each = (f"{in_language(names[cost.kind], language)} {cost.amount:,.2f}" for cost in his)
    return f"CNY {borne_by(Bearer.SUPPLIER, costs=his):,.2f} ({'; '.join(each)})"
