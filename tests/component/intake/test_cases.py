"""From registration until a case is cleared or called off, over HTTP on a real database."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from shared.contracts.intake import (
    ApprovalDecided,
    ApprovalRequested,
    CaseCancelled,
    CaseCleared,
    CaseContacted,
    CaseHeld,
    CaseOpened,
    CaseResumed,
    QuoteAccepted,
    QuoteOffered,
    QuoteRefused,
)
from support.front_desk import IN_WARRANTY, ZAMMAD_SECRET, FrontDesk, quote, repair, unit, zammad_source
from support.waiting import eventually
from testkit.contact_centre import ZammadCentre

type Json = dict[str, object]

NOTHING: Json = {}


async def registered(desk: FrontDesk, fields: Json = NOTHING, *, months: int = 24) -> Json:
    """A case on a unit that was sold in 2020."""
    serial_number = uuid4().hex
    await desk.create("/v1/units", unit(serial_number, months=months))
    return await desk.create("/v1/cases", repair(serial_number) | fields, role="agent")


async def offered(desk: FrontDesk, price: str = "800.00") -> Json:
    """A case out of warranty whose quote waits for an answer."""
    case = await registered(desk)
    answer = await desk.change(f"/v1/cases/{case['id']}/quotes", quote(price), version=case["version"])
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def refused(desk: FrontDesk, price: str = "800.00") -> Json:
    """A case whose fee the customer refuses to bear."""
    case = await offered(desk, price)
    answer = await desk.change(f"{quote_path(case)}/refusal", {"by": "customer"}, version=case["version"])
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def quote_path(case: Json) -> str:
    quotes = case["quotes"]
    assert isinstance(quotes, list)
    return f"/v1/cases/{case['id']}/quotes/{quotes[-1]['id']}"


def approval_path(case: Json) -> str:
    approvals = case["approvals"]
    assert isinstance(approvals, list)
    return f"/v1/approvals/{approvals[-1]['id']}"


@pytest.mark.rule("R068")
async def test_in_warranty_a_case_is_cleared_in_the_transaction_that_registers_it(desk: FrontDesk) -> None:
    case = await registered(
        desk, {"urgency": "urgent", "parts": [{"part_code": "IGN-1", "quantity": 2}]}, months=IN_WARRANTY
    )
    assert (case["state"], case["warranty"]) == ("cleared", "in_warranty")
    opened, cleared = await desk.said()
    assert isinstance(opened, CaseOpened)
    assert isinstance(cleared, CaseCleared)
    assert (cleared.basis, cleared.urgency, cleared.parts[0].quantity) == ("warranty", "urgent", 2)
    assert (opened.case_number, opened.customer_label, opened.district) == (case["number"], "138****8000", "haidian")


async def test_an_agent_finds_the_call_by_its_number_and_registers_two_units_on_it(desk: FrontDesk) -> None:
    source = await desk.create("/v1/push-sources", zammad_source())
    for push in ZammadCentre.call("c", caller="13800138000"):
        await desk.stranger().post(f"/v1/push/zammad/{source['id']}/{ZAMMAD_SECRET}", json=dict(push))
    agent = desk.client()
    waiting = {"number": "13800138000", "registered": "false"}
    call = (await agent.get("/v1/calls", params=waiting)).json()["items"][0]
    first = await registered(desk, {"call_id": call["id"]})
    same = {"customer_id": first["customer_id"], "site_id": first["site_id"], "customer": None, "site": None}
    second = await registered(desk, {"call_id": call["id"]} | same)
    assert first["number"] != second["number"]
    assert (await agent.get("/v1/calls", params=waiting)).json()["items"] == []
    listed = (await agent.get("/v1/cases", params={"call_id": call["id"]})).json()["items"]
    assert [case["id"] for case in listed] == [second["id"], first["id"]]


async def test_a_unit_gets_the_site_of_its_first_repair_as_a_new_version_and_keeps_it(desk: FrontDesk) -> None:
    path = f"/v1/units/{(await desk.create('/v1/units', unit()))['id']}"
    seen = await desk.client("admin").get(path)
    first = await desk.create("/v1/cases", repair(), role="agent")
    stale = await desk.client("admin").put(
        path, json=unit(months=36), headers={"If-Match": seen.headers["etag"], "Idempotency-Key": uuid4().hex}
    )
    assert stale.status_code == 412
    second = await desk.create("/v1/cases", repair(), role="agent")
    now = (await desk.client("admin").get(path)).json()
    assert (now["site_id"], now["version"]) == (first["site_id"], 2)
    assert second["site_id"] != first["site_id"]


async def test_of_two_first_repairs_at_once_one_gives_the_unit_its_site(desk: FrontDesk) -> None:
    path = f"/v1/units/{(await desk.create('/v1/units', unit()))['id']}"
    cases = await asyncio.gather(*(desk.create("/v1/cases", repair(), role="agent") for _ in range(4)))
    now = (await desk.client("admin").get(path)).json()
    assert now["version"] == 2
    assert now["site_id"] in {case["site_id"] for case in cases}


async def test_the_same_request_again_registers_one_case(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit())
    headers = {"Idempotency-Key": uuid4().hex}
    answers = await asyncio.gather(*(desk.client().post("/v1/cases", json=repair(), headers=headers) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await desk.count("repair_case") == await desk.count("customer") == 1
    other = await desk.client().post("/v1/cases", json=repair() | {"urgency": "urgent"}, headers=headers)
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"serial_number": "nobody-knows"}, 422),
        ({"problem_code": "haunted"}, 422),
        ({"call_id": "0192f0c1-0000-7000-8000-000000000000"}, 422),
        ({"customer": None, "customer_id": "0192f0c1-0000-7000-8000-000000000000"}, 404),
        ({"customer": {"name": "王", "phones": ["anonymous"]}}, 422),
        ({"customer": {"name": "王", "phones": ["95598"]}}, 422),
        ({"customer": {"name": "王", "phones": ["1" * 40]}}, 422),
        ({"customer": {"name": "王", "phones": []}}, 422),
        ({"customer": None}, 422),
        ({"description": "nul \u0000"}, 422),
        ({"surprise": 1}, 422),
        ({"required_by": "2001-01-01T00:00:00Z"}, 422),
        ({"required_by": "2031-01-01T00:00:00"}, 422),
        ({"urgency": "very"}, 422),
    ],
)
@pytest.mark.rule("R065")
async def test_a_form_that_cannot_be_right_is_refused_and_changes_nothing(
    desk: FrontDesk, fields: Json, status: int
) -> None:
    await desk.create("/v1/units", unit())
    answer = await desk.client().post("/v1/cases", json=repair() | fields, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["expected"]
    assert await desk.count("repair_case") == await desk.count("customer") == await desk.count("site") == 0


@pytest.mark.rule("R053")
@pytest.mark.parametrize("missing", ["customer", "site", "serial_number", "problem_code", "description"])
async def test_a_record_without_customer_product_or_problem_is_refused(desk: FrontDesk, missing: str) -> None:
    await desk.create("/v1/units", unit())
    form = {name: value for name, value in repair().items() if name != missing}
    answer = await desk.client().post("/v1/cases", json=form, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 422
    assert await desk.count("repair_case") == 0


@pytest.mark.rule("R188")
async def test_dispatch_hears_by_when_the_customer_wants_it_done(desk: FrontDesk) -> None:
    wanted = (await desk.now() + timedelta(days=364)).isoformat()
    await registered(desk, {"required_by": wanted}, months=IN_WARRANTY)
    (cleared,) = await desk.said(CaseCleared)
    assert isinstance(cleared, CaseCleared)
    assert cleared.required_by == datetime.fromisoformat(wanted)


@pytest.mark.rule("R188")
async def test_a_repair_wanted_further_ahead_than_the_policy_allows_is_a_slip(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit())
    latest = await desk.now() + timedelta(days=365)
    answer = await desk.try_to_create(
        "/v1/cases", repair() | {"required_by": (latest + timedelta(hours=1)).isoformat()}, role="agent"
    )
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/required-by-is-too-far")
    assert latest.date().isoformat() in answer.json()["expected"]
    assert await desk.count("repair_case") == 0


@pytest.mark.rule("R186")
@pytest.mark.rule("R187")
@pytest.mark.parametrize("by", ["customer", "property_company"])
async def test_out_of_warranty_nothing_is_cleared_before_somebody_consented(desk: FrontDesk, by: str) -> None:
    case = await offered(desk)
    assert case["state"] == "awaiting_consent"
    assert await desk.said(CaseCleared) == []
    answer = await desk.change(f"{quote_path(case)}/acceptance", {"by": by}, version=case["version"])
    assert answer.json()["state"] == "cleared"
    assert answer.json()["quotes"][0]["answered_by"] == by
    assert [type(event) for event in await desk.said()] == [CaseOpened, QuoteOffered, QuoteAccepted, CaseCleared]
    (cleared,) = await desk.said(CaseCleared)
    assert isinstance(cleared, CaseCleared)
    assert [wait.reason for wait in cleared.waited] == ["consent"]


@pytest.mark.rule("R209")
@pytest.mark.rule("R189")
@pytest.mark.rule("R190")
@pytest.mark.parametrize(
    ("price", "role", "others"),
    [
        ("10000.00", "marketing_vp", ("general_manager", "agent", "admin")),
        ("10000.01", "general_manager", ("marketing_vp", "cs_supervisor")),
    ],
)
async def test_a_refused_fee_is_waived_only_by_the_role_that_its_amount_calls_for(
    desk: FrontDesk, price: str, role: str, others: tuple[str, ...]
) -> None:
    case = await refused(desk, price)
    assert case["state"] == "awaiting_waiver"
    waiting = (await desk.client(role).get("/v1/approvals", params={"role": "me", "state": "pending"})).json()["items"]
    assert [approval["case_id"] for approval in waiting] == [case["id"]]
    path, version = f"{approval_path(case)}/decision", case["version"]
    for other in others:
        assert (await desk.change(path, {"decision": "approved"}, version=version, role=other)).status_code == 403
    answer = await desk.change(path, {"decision": "approved"}, version=version, role=role)
    assert answer.json()["state"] == "cleared"
    (cleared,) = await desk.said(CaseCleared)
    assert isinstance(cleared, CaseCleared)
    assert (cleared.basis, [wait.reason for wait in cleared.waited]) == ("fee_waived", ["consent", "approval"])
    assert len(await desk.said(QuoteRefused, ApprovalRequested, ApprovalDecided)) == 3


@pytest.mark.rule("R048")
async def test_every_step_names_who_took_it(desk: FrontDesk) -> None:
    case = await refused(desk)
    chen = desk.client("marketing_vp", subject="chen")
    headers = {"If-Match": f'"{case["version"]}"'}
    await chen.post(f"{approval_path(case)}/decision", json={"decision": "approved"}, headers=headers)
    done = (await desk.change(f"/v1/cases/{case['id']}/contact", version=4)).json()
    assert (done["registered_by"], done["contacted_by"]) == ("li", "li")
    assert (done["quotes"][0]["offered_by"], done["quotes"][0]["recorded_by"]) == ("li", "li")
    assert (done["approvals"][0]["requested_by"], done["approvals"][0]["decided_by"]) == ("li", "chen")
    story = (await desk.client().get(f"/v1/cases/{case['id']}/timeline")).json()["happenings"]
    assert [line["actor_id"] for line in story] == ["li"] * 4 + ["chen"] * 2 + ["li"]


async def test_a_waiver_is_decided_once_however_many_decide_at_once(desk: FrontDesk) -> None:
    case = await refused(desk)
    path = f"{approval_path(case)}/decision"
    vp = desk.client("marketing_vp")
    answers = await asyncio.gather(
        *(vp.post(path, json={"decision": "approved"}, headers={"If-Match": "*"}) for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert len(await desk.said(CaseCleared)) == len(await desk.said(ApprovalDecided)) == 1


@pytest.mark.rule("R190")
async def test_a_rejected_waiver_ends_the_case(desk: FrontDesk) -> None:
    case = await refused(desk)
    answer = await desk.change(
        f"{approval_path(case)}/decision", {"decision": "rejected"}, version=case["version"], role="marketing_vp"
    )
    assert (answer.json()["state"], answer.json()["cancel_reason"]) == ("cancelled", "waiver_rejected")
    assert await desk.said(CaseCleared) == []
    assert len(await desk.said(CaseCancelled)) == 1


async def test_an_approval_shows_the_version_that_its_decision_needs(desk: FrontDesk) -> None:
    case = await refused(desk)
    shown = await desk.client("marketing_vp").get(approval_path(case))
    assert shown.headers["etag"] == f'"{case["version"]}"'


async def test_a_step_that_is_not_possible_says_which_ones_are(desk: FrontDesk) -> None:
    case = await registered(desk, months=IN_WARRANTY)
    answer = await desk.change(f"/v1/cases/{case['id']}/quotes", quote(), version=case["version"])
    assert answer.status_code == 409
    assert "cleared" in answer.json()["detail"]
    assert "contact" in answer.json()["expected"]
    assert await desk.said(QuoteOffered) == []


@pytest.mark.parametrize(("part", "form"), [("quotes", quote()), ("holds", {"reason": "customer"})])
async def test_what_is_added_to_a_case_needs_a_key_and_a_version_and_is_added_once(
    desk: FrontDesk, part: str, form: dict[str, object]
) -> None:
    case, agent = await registered(desk), desk.client()
    key, version = {"Idempotency-Key": uuid4().hex}, {"If-Match": f'"{case["version"]}"'}
    for missing, named in ((version, "Idempotency-Key"), (key, "If-Match")):
        answer = await agent.post(f"/v1/cases/{case['id']}/{part}", json=form, headers=missing)
        assert (answer.status_code, named in answer.json()["expected"]) == (428, True)
    answers = [await agent.post(f"/v1/cases/{case['id']}/{part}", json=form, headers=key | version) for _ in range(2)]
    assert ([answer.status_code for answer in answers], answers[0].text) == ([201, 201], answers[1].text)
    assert len((await agent.get(f"/v1/cases/{case['id']}")).json()[part]) == 1


async def test_a_change_needs_the_version_that_it_was_decided_on(desk: FrontDesk) -> None:
    case = await registered(desk)
    path = f"/v1/cases/{case['id']}/contact"
    assert (await desk.client().post(path)).status_code == 428
    assert (await desk.change(path, version=7)).status_code == 412
    assert (await desk.change(path, version=case["version"])).status_code == 200
    assert (await desk.change(path, version=case["version"])).status_code == 412
    assert (await desk.change(path, version=2)).status_code == 409
    assert (await desk.change(f"/v1/cases/{uuid4()}/contact", version=1)).status_code == 404
    assert len(await desk.said(CaseContacted)) == 1


async def test_an_amount_that_no_account_could_hold_is_refused(desk: FrontDesk) -> None:
    case = await registered(desk)
    line = {"kind": "part", "text": "gold", "quantity": "10000", "price": "10000000.00"}
    answer = await desk.change(f"/v1/cases/{case['id']}/quotes", {"solution": "x", "lines": [line] * 50}, version=1)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/quote-too-large")


@pytest.mark.parametrize("instant", ["9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00"])
async def test_instants_at_the_edge_of_time_are_refused_or_found_empty(desk: FrontDesk, instant: str) -> None:
    await desk.create("/v1/units", unit())
    fields = repair() | {"required_by": instant}
    answer = await desk.client().post("/v1/cases", json=fields, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 422
    for path in ("/v1/cases", "/v1/calls"):
        assert (await desk.client().get(path, params={"since": instant, "until": instant})).status_code in {200, 422}


async def test_of_two_agents_who_answer_one_quote_one_is_late(desk: FrontDesk) -> None:
    case = await offered(desk)
    answers = await asyncio.gather(
        desk.change(f"{quote_path(case)}/acceptance", {"by": "customer"}, version=case["version"]),
        desk.change(f"{quote_path(case)}/refusal", {"by": "customer"}, version=case["version"]),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_a_quote_that_nobody_answers_expires_and_another_one_may_be_offered(working_desk: FrontDesk) -> None:
    desk = working_desk
    case = await offered(desk)
    await desk.advance(timedelta(days=3, minutes=1))

    async def expired() -> Json:
        now: Json = (await desk.client().get(f"/v1/cases/{case['id']}")).json()
        return now if now["state"] == "awaiting_quote" else NOTHING

    now = await eventually(expired)
    late = await desk.change(f"{quote_path(case)}/acceptance", {"by": "customer"}, version=now["version"])
    assert late.status_code == 409
    again = await desk.change(f"/v1/cases/{case['id']}/quotes", quote("700"), version=now["version"])
    assert [offer["state"] for offer in again.json()["quotes"]] == ["expired", "offered"]
    await desk.change(f"/v1/cases/{case['id']}/quotes", quote("600"), version=again.json()["version"])
    told = (await desk.client().get(f"/v1/cases/{case['id']}/timeline")).json()["happenings"]
    assert [line["what"]["en"] for line in told if "quote_" in line["type"]] == [
        "Quote of 800.00 yuan offered",
        "Quote of 800.00 yuan ran out unanswered",
        "Quote of 700.00 yuan offered",
        "Quote of 700.00 yuan replaced by another one",
        "Quote of 600.00 yuan offered",
    ]


async def test_a_case_waits_and_goes_on(desk: FrontDesk) -> None:
    case = await registered(desk)
    path = f"/v1/cases/{case['id']}/holds"
    assert (await desk.change(path, {"reason": "boredom"}, version=1)).status_code == 422
    held = await desk.change(path, {"reason": "customer"}, version=1)
    hold_id = held.json()["holds"][0]["id"]
    assert (await desk.change(f"{path}/{uuid4()}/release", version=2)).status_code == 404
    released = await desk.change(f"{path}/{hold_id}/release", version=2)
    assert released.json()["holds"][0]["until"]
    assert (await desk.change(f"{path}/{hold_id}/release", version=3)).status_code == 409
    assert [event.TYPE for event in await desk.said(CaseHeld, CaseResumed)] == [CaseHeld.TYPE, CaseResumed.TYPE]


async def test_a_cancelled_case_stays_cancelled(desk: FrontDesk) -> None:
    case = await refused(desk)
    path = f"/v1/cases/{case['id']}/cancellation"
    assert (await desk.change(path, {"reason": "whim"}, version=case["version"])).status_code == 422
    answer = await desk.change(path, {"reason": "customer_withdrew"}, version=case["version"])
    assert (answer.json()["possible_steps"], answer.json()["cancelled_by"]) == ([], "li")
    assert answer.json()["approvals"][0]["state"] == "withdrawn"
    again = await desk.change(path, {"reason": "customer_withdrew"}, version=answer.json()["version"])
    assert again.status_code == 409
    assert len(await desk.said(CaseCancelled)) == 1


async def test_cases_are_found_by_what_a_role_asks_in_the_morning(desk: FrontDesk) -> None:
    waiting = await registered(desk)
    site = {"district": "chaoyang", "address": "建国路1号"}
    cleared = await registered(desk, {"site": site, "urgency": "emergency"}, months=IN_WARRANTY)
    agent = desk.client()
    mornings: list[tuple[dict[str, str | list[str]], list[Json]]] = [
        ({"state": "awaiting_quote"}, [waiting]),
        ({"state": ["awaiting_quote", "cleared"]}, [cleared, waiting]),
        ({"district": "chaoyang"}, [cleared]),
        ({"urgency": "emergency"}, [cleared]),
        ({"number": str(waiting["number"])}, [waiting]),
        ({"warranty": "out_of_warranty"}, [waiting]),
        ({"customer_id": str(cleared["customer_id"])}, [cleared]),
        ({"overdue": "response"}, []),
        ({"since": "2100-01-01T00:00:00Z"}, []),
    ]
    for asked, expected in mornings:
        found = (await agent.get("/v1/cases", params=asked)).json()["items"]
        assert [case["id"] for case in found] == [case["id"] for case in expected]


async def test_long_lists_come_in_pages_without_gaps(desk: FrontDesk) -> None:
    expected = [(await registered(desk))["id"] for _ in range(5)][::-1]
    found, cursor = [], None
    while True:
        asked = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await desk.client().get("/v1/cases", params=asked)).json()
        found += [case["id"] for case in page["items"]]
        cursor = page.get("next")
        if cursor is None:
            break
    assert found == expected


async def test_a_case_asks_for_each_part_once_and_for_no_more_than_can_be_got(desk: FrontDesk) -> None:
    def part(code: str, quantity: int) -> Json:
        return {"part_code": code, "quantity": quantity}

    case = await registered(desk, {"parts": [part("PCB", 6_000), part("SEAL", 1), part("PCB", 4_000)]})
    assert case["parts"] == [part("PCB", 10_000), part("SEAL", 1)]
    serial_number = uuid4().hex
    await desk.create("/v1/units", unit(serial_number))
    many = repair(serial_number) | {"parts": [part("PCB", 6_000), part("PCB", 4_001)]}
    too_many = await desk.try_to_create("/v1/cases", many, role="agent")
    assert too_many.status_code == 422
    assert "at most 10000 pieces of PCB" in too_many.text
