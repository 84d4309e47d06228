"""The customer is called after the repair: at the right time, again where nobody answers, and once."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.contracts.feedback import DissatisfactionRaised, RevisitCompleted, RevisitDue, RevisitOverdue
from support.aftercare import AftercareDesk, closed, item_returned, signed_off
from support.case_events import START

TUESDAY = datetime(2040, 3, 6, tzinfo=UTC)
"""The day after `START`; work begins at 00:30 UTC, 08:30 in Shanghai, and ends at 09:30 UTC."""

MISSED = {"outcome": "not_reached"}
SENTENCE = "锅炉又响了 the boiler howls again"


@pytest.mark.rule("R361")
@pytest.mark.rule("R144")
async def test_the_customer_is_to_be_called_when_work_begins_on_the_next_working_day(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    opening = TUESDAY.replace(hour=0, minute=30)
    await desk.move_to(opening - timedelta(hours=1))
    assert await desk.said(RevisitDue) == []
    await desk.move_to(opening)
    [due] = await desk.said(RevisitDue)
    assert (due.work_order_id, due.case_id, due.attempt, due.due_at) == (order.work_order_id, order.case_id, 1, opening)
    assert (await desk.revisit(order))["state"] == "due"


@pytest.mark.rule("R361")
async def test_a_repair_on_saturday_is_asked_about_on_monday(desk: AftercareDesk) -> None:
    saturday = START + timedelta(days=5)
    order = signed_off(at=saturday)
    await desk.hear(order)
    assert (await desk.revisit(order))["due_at"] == "2040-03-12T00:30:00Z"


async def test_a_call_that_nobody_made_until_work_ended_is_overdue_once(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    await desk.move_to(TUESDAY.replace(hour=9, minute=30))
    [overdue] = await desk.said(RevisitOverdue)
    assert overdue.overdue_at == TUESDAY.replace(hour=9, minute=30)
    await desk.move(days=30)
    assert len(await desk.said(RevisitOverdue)) == 1
    assert [item["id"] for item in (await desk.get("/v1/revisits?overdue=true"))["items"]] == [str(overdue.revisit_id)]


@pytest.mark.rule("R360")
@pytest.mark.rule("R312")
async def test_whoever_has_his_machine_again_is_called_within_three_days(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(item_returned(order))
    revisit = await desk.revisit(order)
    assert revisit["overdue_at"] == (START + timedelta(days=3)).isoformat().replace("+00:00", "Z")
    assert revisit["item_returned_at"] == START.isoformat().replace("+00:00", "Z")
    await desk.move_to(START + timedelta(days=3))
    assert [event.overdue_at for event in await desk.said(RevisitOverdue)] == [START + timedelta(days=3)]


async def test_a_return_and_a_signature_make_one_call_at_the_earlier_time(desk: AftercareDesk) -> None:
    order = signed_off(at=START + timedelta(hours=1))
    await desk.hear(item_returned(order, at=START + timedelta(days=2)), order)
    revisit = await desk.revisit(order)
    assert (revisit["due_at"], revisit["overdue_at"]) == ("2040-03-06T00:30:00Z", "2040-03-06T09:30:00Z")
    await desk.move(days=5)
    assert len(await desk.said(RevisitDue)) == 1


@pytest.mark.rule("R358")
async def test_what_he_says_is_recorded_and_sealed_and_read_for_a_purpose_only(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    await desk.move(days=1)
    revisit = await desk.revisit(order)
    path = f"/v1/revisits/{revisit['id']}"
    body = {"outcome": "satisfied", "notes": SENTENCE}
    answer = await desk.post(f"{path}/completion", body, version=revisit["version"])
    assert answer.status_code == 200
    done = answer.json()
    assert (done["state"], done["outcome"], done["has_notes"], done["completed_by"]) == (
        "completed",
        "satisfied",
        True,
        "A1",
    )
    assert SENTENCE not in answer.text
    assert [event.outcome for event in await desk.said(RevisitCompleted)] == ["satisfied"]
    [row] = await desk.rows("SELECT notes FROM revisit")
    assert row["notes"].startswith("v1.k1.")
    assert (await desk.get(f"{path}/notes?purpose=survey"))["text"] == SENTENCE
    async with desk.client() as client:
        assert (await client.get(f"{path}/notes")).status_code == 422
        assert (await client.get(f"{path}/notes?purpose=curiosity")).status_code == 422
    async with desk.client("dispatcher") as client:
        assert (await client.get(f"{path}/notes?purpose=survey")).status_code == 403
    read = await desk.rows("SELECT subject, purpose FROM audit_entry WHERE action = 'words_read'")
    assert [(row["subject"], row["purpose"]) for row in read] == [(f"revisit/{revisit['id']}", "survey")]


async def test_a_completed_call_is_neither_due_nor_completed_again(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    revisit = await desk.revisit(order)
    path = f"/v1/revisits/{revisit['id']}"
    assert (await desk.post(f"{path}/completion", {"outcome": "satisfied"})).status_code == 200
    again = await desk.post(f"{path}/completion", {"outcome": "dissatisfied"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/revisit-completed")
    assert (await desk.post(f"{path}/attempts", MISSED, version=2)).status_code == 409
    await desk.move(days=10)
    for event in (RevisitDue, RevisitOverdue, DissatisfactionRaised):
        assert await desk.said(event) == []


async def test_who_does_not_answer_is_called_again_and_given_up_after_the_last_attempt(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    await desk.move_to(TUESDAY.replace(hour=1))
    path = f"/v1/revisits/{(await desk.revisit(order))['id']}"
    missed = (await desk.post(f"{path}/attempts", MISSED, version=2)).json()
    assert (missed["state"], missed["attempt"]) == ("planned", 2)
    assert missed["due_at"].startswith("2040-03-06T06:0")  # four working hours after 09:00, with lunch between
    for hours, state in ((7, "planned"), (29, "completed")):
        await desk.move_to(TUESDAY + timedelta(hours=hours))
        answer = await desk.post(f"{path}/attempts", MISSED, version=(await desk.revisit(order))["version"])
        assert (answer.status_code, answer.json()["state"]) == (201, state)
    assert [event.attempt for event in await desk.said(RevisitDue)] == [1, 2, 3]
    given_up = await desk.get(path)
    assert (given_up["outcome"], [one["number"] for one in given_up["attempts"]]) == ("not_reached", [1, 2, 3])
    assert [event.outcome for event in await desk.said(RevisitCompleted)] == ["not_reached"]
    await desk.move(days=10)
    assert len(await desk.said(RevisitDue)) == 3
    assert await desk.said(DissatisfactionRaised) == []


async def test_no_call_is_noted_before_its_time_and_the_refusal_says_when_that_is(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    path = f"/v1/revisits/{(await desk.revisit(order))['id']}/attempts"
    for made in range(2):
        revisit = await desk.revisit(order)
        early = await desk.post(path, MISSED, version=revisit["version"])
        assert (early.status_code, early.json()["type"]) == (409, "/problems/revisit-not-due")
        due_at = datetime.fromisoformat(revisit["due_at"])
        assert due_at.isoformat() in early.json()["detail"]
        assert len(await desk.rows("SELECT 1 FROM revisit_attempt")) == made
        await desk.move_to(due_at)
        revisit = await desk.revisit(order)
        assert (await desk.post(path, MISSED, version=revisit["version"])).status_code == 201


async def test_two_agents_who_note_the_same_call_count_once(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    await desk.move(days=1)
    revisit = await desk.revisit(order)
    path = f"/v1/revisits/{revisit['id']}/attempts"
    posts = [desk.post(path, MISSED, version=revisit["version"]) for _ in range(2)]
    assert sorted(answer.status_code for answer in await asyncio.gather(*posts)) == [201, 412]
    async with desk.client() as client:
        headers = {"Idempotency-Key": "whatever-version", "If-Match": "*"}
        assert (await client.post(path, json=MISSED, headers=headers)).status_code == 409
    assert len(await desk.rows("SELECT 1 FROM revisit_attempt")) == 1


async def test_an_attempt_that_is_sent_twice_under_one_key_counts_once(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    await desk.move(days=1)
    revisit = await desk.revisit(order)
    path = f"/v1/revisits/{revisit['id']}/attempts"
    async with desk.client() as client:
        headers = {"Idempotency-Key": "the-same-key", "If-Match": f'"{revisit["version"]}"'}
        first, second = [await client.post(path, json=MISSED, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    assert len(await desk.rows("SELECT 1 FROM revisit_attempt")) == 1


@pytest.mark.rule("R158")
async def test_a_customer_who_says_that_he_is_not_satisfied_is_a_matter_of_its_own(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    revisit = await desk.revisit(order)
    body = {"outcome": "dissatisfied", "notes": SENTENCE}
    assert (await desk.post(f"/v1/revisits/{revisit['id']}/completion", body)).status_code == 200
    [raised] = await desk.said(DissatisfactionRaised)
    assert (raised.case_id, raised.customer_id, raised.source) == (order.case_id, order.customer_id, "revisit")
    assert str(raised.source_id) == revisit["id"]
    [matter] = (await desk.get(f"/v1/dissatisfactions?case_id={order.case_id}"))["items"]
    assert (matter["source"], matter["work_order_number"]) == ("revisit", order.work_order_number)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("completion", {"outcome": "not_reached"}, 422),
        ("completion", {"outcome": "satisfied", "notes": "x" * 4001}, 422),
        ("completion", {"outcome": "satisfied", "mood": "good"}, 422),
        ("attempts", {"outcome": "satisfied"}, 422),
        ("attempts", {}, 422),
    ],
)
async def test_bad_input_is_refused_and_changes_nothing(
    desk: AftercareDesk, path: str, body: dict[str, object], status: int
) -> None:
    order = signed_off()
    await desk.hear(order)
    before = await desk.revisit(order)
    assert (await desk.post(f"/v1/revisits/{before['id']}/{path}", body, version=1)).status_code == status
    assert await desk.revisit(order) == before


async def test_nobody_calls_on_an_old_version_or_without_the_right(desk: AftercareDesk) -> None:
    order = signed_off()
    await desk.hear(order)
    path = f"/v1/revisits/{(await desk.revisit(order))['id']}/completion"
    assert (await desk.post(path, {"outcome": "satisfied"}, version=7)).status_code == 412
    assert (await desk.post(path, {"outcome": "satisfied"}, role="technician")).status_code == 403
    assert (await desk.post(f"/v1/revisits/{uuid4()}/completion", {"outcome": "satisfied"})).status_code == 404
    async with desk.client() as client:
        path = path.replace("completion", "attempts")
        for headers in ({}, {"Idempotency-Key": "without-version"}, {"If-Match": "*"}):
            assert (await client.post(path, json=MISSED, headers=headers)).status_code == 428


async def test_the_list_shows_whom_to_call_on_a_day_and_whose_case_is_closed(desk: AftercareDesk) -> None:
    first, second = signed_off(), signed_off(at=START + timedelta(days=1))
    await desk.hear(first, second, closed(first, at=START + timedelta(hours=2)))
    await desk.move_to(TUESDAY.replace(hour=1))

    async def orders(query: str) -> list[str]:
        return [item["work_order_id"] for item in (await desk.get(f"/v1/revisits?{query}"))["items"]]

    assert await orders("state=due") == await orders("day=2040-03-06") == [str(first.work_order_id)]
    assert await orders("day=2040-03-07") == [str(second.work_order_id)]
    assert await orders(f"case_id={second.case_id}") == [str(second.work_order_id)]
    assert await orders(f"technician_id={first.technician_id}") == [str(first.work_order_id)]
    assert await orders("") == [str(second.work_order_id), str(first.work_order_id)]
    async with desk.client() as client:
        for never in ("9999-12-31", "0001-01-01", "yesterday"):
            assert (await client.get(f"/v1/revisits?day={never}")).status_code == 422
    assert (await desk.revisit(first))["case_closed_at"] == "2040-03-05T03:00:00Z"
    assert (await desk.revisit(second))["case_closed_at"] is None
