"""Customers: found by number or name, shown masked; contact data only for a purpose."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from intake.domain.numbers import read_number
from intake.office import Office
from intake.queries import customers
from intake.queries.lists import list_customers
from intake.routes.desk import Desk
from intake.schemas.customers import ContactView, CustomerLine, CustomerView, Erasure, NewCustomer, NewSite, SiteView
from intake.use_cases.add_customer import add_customer, add_site
from intake.use_cases.erase_customer import erase_customer
from intake.use_cases.show_contact import show_contact
from shared.http.calls import Call, acting, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/customers", tag="customers")


@router.post("", status_code=201, response_model=CustomerView, responses=problem_responses(409, 428))
async def post_customer(
    body: NewCustomer, call: Annotated[Call, creating("customers:write")], office: Desk
) -> Response:
    """A customer becomes known."""
    async with call.work() as work:
        view = CustomerView.whole(await add_customer(work, form=body.to_form(), office=office))
        return await call.commit(work, view, status=201, version=view.version, location=f"/v1/customers/{view.id}")


@router.get("")
async def get_customers(
    asked: Asked,
    call: Annotated[Call, reading("customers:read")],
    office: Desk,
    number: Annotated[str | None, Query(max_length=60, description="however it is written")] = None,
    name: Annotated[str | None, Query(max_length=200, description="the whole name")] = None,
) -> Page[CustomerLine]:
    """Newest first; found through keyed digests of whole numbers and whole names."""
    async with call.work() as work:
        rows = await list_customers(
            work.session,
            number_index=None if number is None else _number_index(number, office=office),
            name_index=None if name is None else office.name_index(name),
            asked=asked,
        )
        return page_of(rows, asked=asked, view=CustomerLine.of, place=lambda row: Place(at=row.created_at, id=row.id))


@router.get("/{customer_id}", response_model=CustomerView, responses=problem_responses(404))
async def get_customer(customer_id: UUID, call: Annotated[Call, reading("customers:read")]) -> Response:
    """A customer with his sites, masked."""
    async with call.work() as work:
        view = CustomerView.whole(await customers.load(work.session, customer_id=customer_id))
        return shown(view, version=view.version)


@router.get("/{customer_id}/contact", response_model=ContactView, responses=problem_responses(404, 410))
async def get_contact(customer_id: UUID, call: Annotated[Call, reading("contacts:read")], office: Desk) -> Response:
    """How the customer is reached, in plain text, for a stated purpose; who asked stands in the audit log."""
    async with call.work() as work:
        contact = await show_contact(work, customer_id=customer_id, purpose=call.purpose, office=office)
        answer = await call.commit(work, ContactView.of(contact))
        answer.headers["Cache-Control"] = "no-store"
        return answer


@router.post(
    "/{customer_id}/sites", status_code=201, response_model=SiteView, responses=problem_responses(404, 409, 410, 428)
)
async def post_site(
    customer_id: UUID, body: NewSite, call: Annotated[Call, creating("customers:write")], office: Desk
) -> Response:
    """A place of a customer becomes known."""
    async with call.work() as work:
        await customers.load(work.session, customer_id=customer_id)
        view = SiteView.of(await add_site(work, form=body.to_form(), customer_id=customer_id, office=office))
        return await call.commit(work, view, status=201)


@router.post("/{customer_id}/erasure", response_model=CustomerLine, responses=problem_responses(404, 409, 410, 412))
async def post_erasure(
    customer_id: UUID, body: Erasure, call: Annotated[Call, acting("customers:erase")], office: Desk
) -> Response:
    """Destroy everything that can be read of the customer, here and in every service; it cannot be undone.

    Refused while a case of his is open, a deposit unsettled or a thing of his not returned; the refusal says which.
    """
    async with call.work() as work:
        customer = await erase_customer(
            work, customer_id=customer_id, version=call.expected_version, reason=body.reason, office=office
        )
        return await call.commit(work, CustomerLine.of(customer), version=customer.version)


def _number_index(number: str, *, office: Office) -> bytes:
    return office.number_index(read_number(number, country=office.policy.company.country)) or b""
