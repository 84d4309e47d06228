"""An agent registers a repair (登记报修): the 顾客报修登记表 comes before everything else (R065)."""

from datetime import datetime, timedelta
from uuid import UUID

from intake.domain import case_steps
from intake.domain.case import Registration
from intake.domain.forms import CustomerForm, RepairForm, SiteForm
from intake.domain.numbering import case_number
from intake.domain.warranty import WarrantyTerms, warranty_on
from intake.office import Office
from intake.queries import calls, cases, customers, units
from intake.queries.cases import CaseRows
from intake.tables import CaseRow, CustomerRow, SiteRow, UnitRow
from intake.use_cases.add_customer import add_customer, note_site
from intake.use_cases.erase_customer import require_not_erased
from intake.use_cases.note_staff import require_active
from intake.use_cases.response_clock import start_response_clock
from intake.use_cases.tell_story import tell
from shared.contracts.facts import WarrantyStatus
from shared.messaging.unit_of_work import UnitOfWork
from shared.policy import duration_text
from shared.refusals import Refusal


async def register_case(work: UnitOfWork, *, form: RepairForm, office: Office) -> CaseRows:
    """R065, R068: fix what is to be repaired, decide warranty, and in warranty clear it for dispatch at once.

    Refuses with `Refusal` what the form names and nobody knows. A caller may report several units: each is a case of
    its own on the same call. The case always has an owner (R046): whoever registers it, or the active member named.
    """
    await _require_sense(work, form=form, office=office)
    unit = await _unit(work, serial_number=form.serial_number)
    customer = await _customer(work, form=form, office=office)
    site = await _site(work, form=form, customer=customer, office=office)
    await _place(work, unit=unit, site=site)
    registration = Registration(
        case_id=work.new_id(),
        number=case_number(await cases.next_serial(work.session)),
        call_id=form.call_id,
        customer_id=customer.id,
        customer_label=customer.label,
        site_id=site.id,
        district=site.district,
        unit_id=unit.id,
        product_family=unit.product_family,
        product_model=unit.product_model,
        problem_code=form.problem_code,
        urgency=form.urgency,
        warranty=_warranty(work, unit=unit, office=office),
        parts=form.parts,
        required_by=form.required_by,
        opened_at=work.now,
    )
    case, events = case_steps.register(registration)
    row = _row(work, registration=registration, form=form, office=office)
    cases.write_state(row, case=case, by=work.cause.actor.id)
    work.session.add(row)
    await work.session.flush()
    for event in events:
        tell(work, event=event, case_id=row.id)
    await start_response_clock(work, case=case, office=office)
    await office.audit.record(
        work, action="case_registered", subject=f"case/{row.id}", details={"owner": row.owner_id, "state": row.state}
    )
    return CaseRows(case=row, quotes=(), approvals=(), holds=())


async def _require_sense(work: UnitOfWork, *, form: RepairForm, office: Office) -> None:
    if form.problem_code not in office.policy.problems:
        known = ", ".join(sorted(office.policy.problems))
        raise Refusal("unknown_problem", detail=f"There is no problem {form.problem_code}.", expected=f"one of {known}")
    if form.call_id is not None:
        await _continue_call(work, call_id=form.call_id)
    if form.owner_id is not None:
        await require_active(work, staff_number=form.owner_id)
    if form.required_by is not None:
        _require_near(form.required_by, now=work.now, furthest=office.policy.cases.required_by_furthest)


async def _continue_call(work: UnitOfWork, *, call_id: UUID) -> None:
    """The case goes on with the story, and so with the trace, that its call began."""
    call = await calls.find(work.session, call_id=call_id)
    if call is None:
        raise Refusal("unknown_call", detail=f"There is no call {call_id}.", expected="an id of GET /v1/calls")
    work.continue_trace(call.traceparent)


def _require_near(required_by: datetime, *, now: datetime, furthest: timedelta) -> None:
    """R188: a time that can be met, and near enough to be meant."""
    if required_by <= now:
        raise Refusal(
            "required_by_is_past",
            detail="The customer cannot want it done in the past.",
            expected=f"a time after {now.isoformat()}",
        )
    if required_by - now > furthest:
        raise Refusal(
            "required_by_is_too_far",
            detail=f"{required_by.isoformat()} is further ahead than {duration_text(furthest)}.",
            expected=f"a time after {now.isoformat()} and not after {(now + furthest).isoformat()}",
        )


def _warranty(work: UnitOfWork, *, unit: UnitRow, office: Office) -> WarrantyStatus:
    terms = WarrantyTerms(sold_on=unit.sold_on, months=unit.warranty_months, ends_on=unit.warranty_ends_on)
    return warranty_on(work.now.astimezone(office.policy.company.time_zone).date(), terms=terms)


async def _unit(work: UnitOfWork, *, serial_number: str) -> UnitRow:
    found = await units.by_serial_number(work.session, serial_numbers=[serial_number])
    if serial_number not in found:
        raise Refusal(
            "unknown_unit",
            detail="No unit has this serial number.",
            expected="a serial number of GET /v1/units; a unit that is missing is set up with POST /v1/units first",
        )
    return found[serial_number]


async def _place(work: UnitOfWork, *, unit: UnitRow, site: SiteRow) -> None:
    """A unit belongs to the site of its first repair; one that is known to stand elsewhere stays there.

    Whoever moves house, buys second-hand or calls for a neighbour is served all the same: the case has its own site.
    """
    if unit.site_id is not None:
        return
    locked = await units.lock(work.session, unit_id=unit.id)
    if locked.site_id is None:
        locked.site_id = site.id
        locked.version += 1


async def _customer(work: UnitOfWork, *, form: RepairForm, office: Office) -> CustomerRow:
    match form.customer:
        case CustomerForm() as unknown:
            return (await add_customer(work, form=unknown, office=office)).customer
        case UUID() as customer_id:
            await require_not_erased(work, customer_id=customer_id)
            return (await customers.load(work.session, customer_id=customer_id)).customer


async def _site(work: UnitOfWork, *, form: RepairForm, customer: CustomerRow, office: Office) -> SiteRow:
    match form.site:
        case SiteForm() as unknown:
            return await note_site(work, form=unknown, customer_id=customer.id, office=office)
        case UUID() as site_id:
            site = await customers.find_site(work.session, site_id=site_id)
            if site is None or site.customer_id != customer.id:
                raise Refusal(
                    "unknown_site",
                    detail="The customer has no such site.",
                    expected="a site of the customer, or a new one",
                )
            return site


def _row(work: UnitOfWork, *, registration: Registration, form: RepairForm, office: Office) -> CaseRow:
    agent = work.cause.actor.id
    return CaseRow(
        id=registration.case_id,
        number=registration.number,
        state="",
        call_id=registration.call_id,
        customer_id=registration.customer_id,
        customer_label=registration.customer_label,
        site_id=registration.site_id,
        district=registration.district,
        unit_id=registration.unit_id,
        product_family=registration.product_family,
        product_model=registration.product_model,
        problem_code=registration.problem_code,
        description=office.seal(form.description, place="repair_case.description", row=registration.case_id),
        urgency=registration.urgency,
        warranty=registration.warranty,
        parts=[part.model_dump() for part in registration.parts],
        required_by=registration.required_by,
        owner_id=form.owner_id or agent,
        registered_by=agent,
        policy_version=office.policy_version,
        opened_at=registration.opened_at,
    )
