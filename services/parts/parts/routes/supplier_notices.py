"""The written notice to a supplier (书面告知, R329): printed, or said to be sent. Contact data comes from intake."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.responses import Response

from parts.page.supplier_notice import HEADERS, notice_page, notice_text
from parts.policy.suppliers import Language
from parts.queries import supplier_cases, suppliers
from parts.routes.given import DeskGiven
from parts.routes.site_contacts import SiteContactsGiven
from parts.schemas.claims import Nothing
from parts.schemas.supplier_cases import SupplierCaseView
from parts.use_cases.follow_supplier import notify_supplier
from parts.use_cases.write_notice import write_notice
from shared.http.calls import Call, changing, reading
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.refusals import require_version

router = router_under("/v1/supplier-cases", tag="supplier cases")
PRINTED: dict[int | str, dict[str, object]] = problem_responses(404, 409, 410) | {
    200: {"content": {"text/html": {"schema": {"type": "string"}}, "text/plain": {"schema": {"type": "string"}}}}
}

type Format = Annotated[Literal["html", "text"], Query(alias="format", description="a page to print, or text to send")]


@router.get("/{supplier_case_id}/notice", response_class=HTMLResponse, responses=PRINTED)
async def get_notice(
    *,
    supplier_case_id: UUID,
    call: Annotated[Call, reading("contacts:read")],
    contacts: SiteContactsGiven,
    desk: DeskGiven,
    lang: Annotated[Language, Query(description="`zh-CN` or `en`")] = "zh-CN",
    form: Format = "html",
) -> Response:
    """All eight fields (R329), filled in now; 409 says which is missing. Who had it written is audited."""
    case_id = await _case_of(call, supplier_case_id=supplier_case_id)
    site = await contacts.of(case_id, purpose=call.purpose)
    async with call.work() as work:
        case = await supplier_cases.find(work.session, supplier_case_id=supplier_case_id)
        supplier = await suppliers.of_id(work.session, supplier_id=case.supplier_id)
        fields = await write_notice(work, case=case, site=site, language=lang, desk=desk)
        await work.commit()
    texts = desk.policy.suppliers.notice
    if form == "text":
        text = notice_text(fields, supplier=supplier.name, language=lang, texts=texts)
        return PlainTextResponse(text, headers=HEADERS)
    return HTMLResponse(notice_page(fields, supplier=supplier.name, language=lang, texts=texts), headers=HEADERS)


@router.post(
    "/{supplier_case_id}/notification",
    response_model=SupplierCaseView,
    responses=problem_responses(404, 409, 410, 412, 428),
)
async def post_notification(
    *,
    supplier_case_id: UUID,
    body: Nothing,
    call: Annotated[Call, changing("purchasing:write")],
    contacts: SiteContactsGiven,
    desk: DeskGiven,
) -> Response:
    """He has the notice: it is checked once more that none of its eight fields is missing (R329)."""
    del body
    purpose = desk.policy.suppliers.notice.purpose
    async with call.work() as work:
        seen = await supplier_cases.find(work.session, supplier_case_id=supplier_case_id)
        require_version(seen.version, expected=call.expected_version)  # before anybody looks at a customer's address
    site = await contacts.of(seen.case_id, purpose=purpose)
    async with call.work() as work:
        case = await notify_supplier(work, supplier_case_id=supplier_case_id, version=call.expected_version, desk=desk)
        await write_notice(work, case=case, site=site, language="zh-CN", desk=desk)
        return await call.commit(work, SupplierCaseView.of(case), version=case.version)


async def _case_of(call: Call, *, supplier_case_id: UUID) -> UUID:
    async with call.work() as work:
        return (await supplier_cases.find(work.session, supplier_case_id=supplier_case_id)).case_id
