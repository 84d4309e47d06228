"""A technician reads the contact data of the customers whose orders are his, and of nobody else."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import permutations
from uuid import UUID

import httpx
import pytest

from shared.contracts.dispatch import (
    OfferDeclined,
    TechnicianOffered,
    WorkOrderCancelled,
    WorkOrderEvent,
)
from support.case_news import assigned, hear, offered, taken_in
from support.front_desk import IN_WARRANTY, FrontDesk, repair, unit

HE, COLLEAGUE = "T-7", "T-8"


async def customer_of_a_case(desk: FrontDesk) -> tuple[UUID, str]:
    if not await desk.count("unit"):
        await desk.create("/v1/units", unit(months=IN_WARRANTY))
    case = await desk.create("/v1/cases", repair(), role="agent")
    return UUID(str(case["id"])), str(case["customer_id"])


async def asks(desk: FrontDesk, customer_id: str, *, staff_number: str = HE) -> httpx.Response:
    client = desk.client("technician", subject=staff_number)
    return await client.get(f"/v1/customers/{customer_id}/contact", params={"purpose": "visit_preparation"})


async def hear_all(desk: FrontDesk, events: Sequence[WorkOrderEvent]) -> None:
    await hear(desk, *events)


def declined(offer: TechnicianOffered, *, at: datetime) -> OfferDeclined:
    facts = offer.model_dump(include={"work_order_id", "work_order_number", "case_id", "offer_id", "technician_id"})
    return OfferDeclined(**facts, reason="expired", declined_at=at)


def called_off(offer: TechnicianOffered, *, at: datetime) -> WorkOrderCancelled:
    facts = offer.model_dump(include={"work_order_id", "work_order_number", "case_id"})
    return WorkOrderCancelled(**facts, reason="duplicate", cancelled_at=at)


async def test_without_an_order_a_technician_is_refused_and_nothing_is_said_to_have_been_shown(desk: FrontDesk) -> None:
    _, customer_id = await customer_of_a_case(desk)
    answer = await asks(desk, customer_id)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-his-customer")
    assert "offered to him" in answer.json()["expected"]
    assert "contact_shown" not in await desk.audited()


async def test_an_offer_opens_his_customer_to_him_and_no_other_customer_and_nobody_else(desk: FrontDesk) -> None:
    case_id, customer_id = await customer_of_a_case(desk)
    _, another = await customer_of_a_case(desk)
    await hear_all(desk, [offered(case_id, staff_number=HE, now=await desk.now())])
    assert (await asks(desk, customer_id)).status_code == 200
    assert (await asks(desk, another)).status_code == 403
    assert (await asks(desk, customer_id, staff_number=COLLEAGUE)).status_code == 403


@pytest.mark.parametrize("end", [declined, called_off])
async def test_an_end_closes_it_in_whatever_order_and_however_often_it_is_heard(
    desk: FrontDesk, end: Callable[..., WorkOrderEvent]
) -> None:
    now = await desk.now()
    for order in permutations(range(3)):
        case_id, customer_id = await customer_of_a_case(desk)
        offer = offered(case_id, staff_number=HE, now=now)
        events = (offer, assigned(offer, at=now), end(offer, at=now))
        await hear_all(desk, [events[place] for place in (*order, *order)])
        assert (await asks(desk, customer_id)).status_code == 403


async def test_who_said_no_is_out_and_who_is_asked_next_is_in_in_every_order(desk: FrontDesk) -> None:
    now = await desk.now()
    for order in permutations(range(4)):
        case_id, customer_id = await customer_of_a_case(desk)
        first = offered(case_id, staff_number=HE, now=now)
        second = offered(case_id, staff_number=COLLEAGUE, now=now)
        events = (first, declined(first, at=now), second, assigned(second, at=now))
        await hear_all(desk, [events[place] for place in order])
        assert (await asks(desk, customer_id)).status_code == 403
        assert (await asks(desk, customer_id, staff_number=COLLEAGUE)).status_code == 200


async def test_a_case_that_is_called_off_here_closes_at_once(desk: FrontDesk) -> None:
    case_id, customer_id = await customer_of_a_case(desk)
    await hear_all(desk, [offered(case_id, staff_number=HE, now=await desk.now())])
    await desk.change(f"/v1/cases/{case_id}/cancellation", {"reason": "duplicate"}, version=1)
    assert (await asks(desk, customer_id)).status_code == 403


@pytest.mark.rule("R307")
async def test_who_has_something_to_bring_back_reads_where_to_though_the_case_is_called_off(desk: FrontDesk) -> None:
    now = await desk.now()
    for place in range(4):
        case_id, customer_id = await customer_of_a_case(desk)
        offer, other = (offered(case_id, staff_number=number, now=now) for number in (HE, COLLEAGUE))
        item, returned = taken_in(offer, at=now)
        news = [offer, other, assigned(offer, at=now), called_off(offer, at=now)]
        await hear_all(desk, [*news[:place], item, *news[place:]])
        await desk.change(f"/v1/cases/{case_id}/cancellation", {"reason": "duplicate"}, version=1)
        assert (await asks(desk, customer_id)).status_code == 200
        assert (await asks(desk, customer_id, staff_number=COLLEAGUE)).status_code == 403
        await hear_all(desk, [returned])
        assert (await asks(desk, customer_id)).status_code == 403
