"""The end of a case over HTTP and by what the other services say, on a real database."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import httpx
import pytest

from shared.contracts.dispatch import TechnicianOffered
from shared.contracts.envelope import Event
from shared.contracts.intake import CaseCleared, CaseClosed, CaseReopened, CaseResolved
from support.case_news import completed, deposits, dissatisfied, hear, offered, signed_off
from support.front_desk import IN_WARRANTY, FrontDesk, repair, unit

type Json = dict[str, object]


async def cleared(desk: FrontDesk) -> UUID:
    """A case in warranty."""
    if not await desk.count("unit"):
        await desk.create("/v1/units", unit(months=IN_WARRANTY))
    return UUID(str((await desk.create("/v1/cases", repair(), role="agent"))["id"]))


async def read(desk: FrontDesk, case_id: UUID) -> Json:
    found: Json = (await desk.client().get(f"/v1/cases/{case_id}")).json()
    return found


async def step(desk: FrontDesk, case_id: UUID, part: str, body: Json | None = None) -> httpx.Response:
    case = await read(desk, case_id)
    return await desk.change(f"/v1/cases/{case_id}/{part}", body or {}, version=case["version"])


async def repaired(desk: FrontDesk) -> tuple[UUID, UUID]:
    """A case whose order was completed and signed off; the ids of both."""
    case_id, order_id = await cleared(desk), uuid4()
    now = await desk.now()
    await hear(desk, completed(case_id, order_id=order_id, at=now), signed_off(case_id, order_id=order_id, at=now))
    return case_id, order_id


async def test_a_repaired_case_is_closed_by_somebody_who_is_named(desk: FrontDesk) -> None:
    case_id, _ = await repaired(desk)
    case = await read(desk, case_id)
    assert (case["state"], case["resolution"], case["missing_for_closure"]) == ("resolved", "repaired", [])
    assert (await step(desk, case_id, "closure")).status_code == 200
    case = await read(desk, case_id)
    assert (case["state"], case["closed_by"], case["missing_for_closure"]) == ("closed", "li", [])
    (said,) = await desk.said(CaseClosed)
    assert isinstance(said, CaseClosed)
    assert (said.closed_by, said.resolution) == ("li", "repaired")
    assert (await desk.audited())[-1] == "case_closed"


async def test_the_end_of_a_case_stops_its_response_clock(desk: FrontDesk) -> None:
    case_id, _ = await repaired(desk)
    (clock,) = (await desk.client().get(f"/v1/cases/{case_id}")).json()["clocks"]
    assert clock["stopped_at"] is not None


@pytest.mark.rule("R260")
async def test_a_refused_closure_says_what_is_missing(desk: FrontDesk) -> None:
    case_id, order_id, now = await cleared(desk), uuid4(), await desk.now()
    asked, refunded = deposits(case_id)
    await hear(desk, asked)
    for happened, missing in (
        (completed(case_id, order_id=order_id, at=now), "a resolution"),
        (signed_off(case_id, order_id=order_id, at=now), "signature on work order W1"),
        (refunded, f"deposit {asked.deposit_id} of 300.00 yuan"),
    ):
        answer = await step(desk, case_id, "closure")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/closure-incomplete")
        assert missing in answer.json()["detail"]
        assert any(
            missing in one for one in (await desk.client().get(f"/v1/cases/{case_id}")).json()["missing_for_closure"]
        )
        await hear(desk, happened)
    assert (await step(desk, case_id, "closure")).status_code == 200


async def test_news_of_one_visit_end_the_same_in_every_order(desk: FrontDesk) -> None:
    now = await desk.now()
    for order in permutations(range(3)):
        case_id, order_id = await cleared(desk), uuid4()
        customer_id = UUID(str((await read(desk, case_id))["customer_id"]))
        asked, refunded = deposits(case_id)
        news: tuple[Event, ...] = (
            completed(case_id, order_id=order_id, at=now),
            signed_off(case_id, order_id=order_id, at=now),
            dissatisfied(case_id, order_id=order_id, customer_id=customer_id, at=now),
        )
        await hear(desk, refunded, *(news[place] for place in (*order, *order)), asked)
        case = await read(desk, case_id)
        assert (case["state"], case["missing_for_closure"]) == ("reopened", ["a resolution: the repair is not done"])
    for event in (CaseResolved, CaseReopened):
        assert len(await desk.said(event)) == 6


async def test_a_dissatisfied_customer_reopens_a_closed_case_and_it_is_visited_again(desk: FrontDesk) -> None:
    case_id, order_id = await repaired(desk)
    await step(desk, case_id, "closure")
    customer_id = UUID(str((await read(desk, case_id))["customer_id"]))
    unhappy = dissatisfied(case_id, order_id=order_id, customer_id=customer_id, at=await desk.now())
    await hear(desk, unhappy, unhappy)
    assert (await read(desk, case_id))["state"] == "reopened"
    again = await step(desk, case_id, "further-visit")
    assert (again.json()["state"], again.json()["round"]) == ("cleared", 2)
    first, second = await desk.said(CaseCleared)
    assert isinstance(first, CaseCleared)
    assert isinstance(second, CaseCleared)
    assert (second.basis, second.round, second.customer_id) == (first.basis, 2, first.customer_id)

    await hear(desk, unhappy, completed(case_id, order_id=uuid4(), at=await desk.now()))
    assert (await read(desk, case_id))["state"] == "resolved"
    assert len(await desk.said(CaseReopened)) == 1


async def test_a_cancellation_that_crosses_the_completion_loses_neither_the_repair_nor_a_later_bad_card(
    desk: FrontDesk,
) -> None:
    now = await desk.now()
    for order in permutations(range(3)):
        case_id, order_id = await cleared(desk), uuid4()
        customer_id = UUID(str((await read(desk, case_id))["customer_id"]))
        assert (await step(desk, case_id, "cancellation", {"reason": "mistake"})).status_code == 200
        news: tuple[Event, ...] = (
            completed(case_id, order_id=order_id, at=now),
            signed_off(case_id, order_id=order_id, at=now),
        )
        bad_card = dissatisfied(case_id, order_id=order_id, customer_id=customer_id, at=now)
        await hear(desk, *((*news, bad_card)[place] for place in (*order, *order)))
        case = await read(desk, case_id)
        assert (case["state"], case["cancel_reason"]) == ("reopened", "mistake")
        told = (await desk.client().get(f"/v1/cases/{case_id}/timeline")).json()["happenings"]
        ends = ("intake.case_cancelled.v1", "intake.case_resolved.v1", "intake.case_reopened.v1")
        assert [line["type"] for line in told if line["type"] in ends] == list(ends)
        assert (await step(desk, case_id, "further-visit")).json()["round"] == 2


async def test_a_case_is_solved_by_phone_and_opened_again_by_hand(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit(months=1))
    case_id = UUID(str((await desk.create("/v1/cases", repair(), role="agent"))["id"]))
    unknown = await step(desk, case_id, "resolution", {"resolution": "magic"})
    assert (unknown.status_code, "solved_by_phone" in unknown.json()["expected"]) == (422, True)
    assert (await step(desk, case_id, "resolution", {"resolution": "solved_by_phone"})).json()["resolved_by"] == "li"
    assert (await step(desk, case_id, "closure")).json()["state"] == "closed"
    unknown = await step(desk, case_id, "reopening", {"reason": "boredom"})
    assert (unknown.status_code, "fault_is_back" in unknown.json()["expected"]) == (422, True)
    opened = (await step(desk, case_id, "reopening", {"reason": "fault_is_back"})).json()
    assert (opened["state"], opened["closed_by"], opened["reopened_by"]) == ("reopened", None, "li")
    assert (await step(desk, case_id, "further-visit")).status_code == 409  # nobody agreed to a fee
    assert (await desk.audited())[-3:] == ["case_resolved", "case_closed", "case_reopened"]


@pytest.mark.parametrize("part", ["resolution", "closure", "reopening", "further-visit"])
async def test_steps_at_the_end_need_the_version_and_the_scope(desk: FrontDesk, part: str) -> None:
    case_id, _ = await repaired(desk)
    body = {"resolution": "explained", "reason": "fault_is_back"}
    wanted = {"resolution": {"resolution": "explained"}, "reopening": {"reason": "fault_is_back"}}.get(part, {})
    path = f"/v1/cases/{case_id}/{part}"
    assert (await desk.client().post(path, json=wanted)).status_code == 428
    assert (await desk.change(path, wanted, version=1)).status_code == 412
    assert (await desk.change(path, wanted, version=2, role="auditor")).status_code == 403
    nobody = f"/v1/cases/{uuid4()}/{part}"
    assert (await desk.change(nobody, wanted, version=1)).status_code == 404
    if wanted:
        assert (await desk.change(path, body, version=2)).status_code == 422
        assert (await desk.change(path, {}, version=2)).status_code == 422


async def test_cases_are_found_by_how_they_end(desk: FrontDesk) -> None:
    resolved, _ = await repaired(desk)
    closed, _ = await repaired(desk)
    await step(desk, closed, "closure")
    for state, case_id in (("resolved", resolved), ("closed", closed)):
        found = (await desk.client().get("/v1/cases", params={"state": state})).json()["items"]
        assert [case["id"] for case in found] == [str(case_id)]


async def test_the_technician_reads_the_contact_data_until_the_sign_off_and_again_in_a_further_round(
    desk: FrontDesk,
) -> None:
    case_id, now = await cleared(desk), await desk.now()
    customer_id = (await read(desk, case_id))["customer_id"]

    async def asks() -> int:
        path = f"/v1/customers/{customer_id}/contact"
        answer = await desk.client("technician", subject="T-7").get(path, params={"purpose": "visit_preparation"})
        return answer.status_code

    async def served(offer: TechnicianOffered, *, hours: int) -> None:
        at = now + timedelta(hours=hours)
        await hear(
            desk,
            completed(case_id, order_id=offer.work_order_id, at=at),
            signed_off(case_id, order_id=offer.work_order_id, at=at),
        )

    first, second = (offered(case_id, staff_number="T-7", now=now) for _ in range(2))
    await hear(desk, first)
    assert await asks() == 200
    await served(first, hours=1)
    assert await asks() == 403
    await step(desk, case_id, "reopening", {"reason": "fault_is_back"})
    await step(desk, case_id, "further-visit")
    await hear(desk, second)
    assert await asks() == 200
    await served(second, hours=2)
    assert await asks() == 403
