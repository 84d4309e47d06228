"""What customers say and sign: sealed, shown for a purpose, destroyed with them, and never stored after that."""

import asyncio

import pytest

from dispatch.tables import METADATA, SEALED
from shared.contracts.dispatch import WorkOrderSignedOff
from support.case_events import cleared, erased
from support.control_room import ControlRoom
from support.on_site import DONE, REPAIRED, SIGN_OFF, TAKE_IN, Job, agreed_job, item_step

SAID = {str(DONE["findings"]), *(SIGN_OFF[what] for what in ("signer", "signature", "comment"))}


async def signed_job(room: ControlRoom) -> Job:
    """An order that was signed off."""
    job = await agreed_job(room)
    await job.go("arrival", "start")
    await job.step("completion", DONE)
    assert (await job.on_order("sign-off", SIGN_OFF)).status_code == 200
    return job


async def everything(room: ControlRoom) -> str:
    """The text of every row of every table."""
    told = []
    for name in METADATA.tables:
        told += [str(row["row"]) for row in await room.rows(f'SELECT t::text AS row FROM "{name}" t')]  # noqa: S608
    bodies = await room.rows("SELECT convert_from(body, 'UTF8') AS body FROM outbox")
    return "\n".join([*told, *(row["body"] for row in bodies)])


@pytest.mark.rule("R260")
async def test_words_lie_sealed_and_are_shown_for_a_purpose_and_audited(room: ControlRoom) -> None:
    job = await signed_job(room)
    stored = await everything(room)
    assert [word for word in SAID if word in stored] == []
    path = f"/v1/work-orders/{(await job.order())['id']}/words"
    async with room.client("agent") as agent:
        assert (await agent.get(path)).status_code == 422
        assert (await agent.get(f"{path}?purpose=curiosity")).status_code == 422
        shown = await agent.get(f"{path}?purpose=aftercare")
    assert shown.headers["cache-control"] == "no-store"
    assert {word["text"] for word in shown.json()["words"]} == SAID
    [entry] = (await room.get("/v1/audit?action=words_shown", role="auditor"))["items"]
    assert (entry["purpose"], entry["actor_role"]) == ("aftercare", "agent")


@pytest.mark.parametrize("role", ["technician", "dispatcher", "auditor"])
async def test_who_may_not_read_words_does_not(room: ControlRoom, role: str) -> None:
    job = await agreed_job(room)
    async with room.client(role) as somebody:
        answer = await somebody.get(f"/v1/work-orders/{(await job.order())['id']}/words?purpose=aftercare")
    assert answer.status_code == 403


async def test_erasing_a_customer_destroys_his_words_and_keeps_the_rest(room: ControlRoom) -> None:
    job = await signed_job(room)
    await room.hear(erased(job.case), erased(job.case))
    rows = await room.rows("SELECT what, text FROM words")
    assert sorted(row["what"] for row in rows) == ["comment", "findings", "signature", "signer"]
    assert [row["text"] for row in rows] == [None] * 4
    order = await job.order()
    assert (order["state"], order["opinion"]) == ("signed_off", "satisfied")
    assert (job.case.customer_label != "", order["customer_label"]) == (True, "")
    words = await room.get(f"/v1/work-orders/{order['id']}/words?purpose=aftercare", role="agent")
    assert [word["text"] for word in words["words"]] == [None] * 4
    assert [row["customer_id"] for row in await room.rows("SELECT customer_id FROM erased_customer")] == [
        job.case.customer_id
    ]


async def test_words_that_come_after_the_erasure_are_not_stored(room: ControlRoom) -> None:
    case = cleared()
    await room.hear(erased(case))
    job = await agreed_job(room, case)
    await job.go("arrival")
    item = (await job.step("take-in", TAKE_IN))["item"]
    await item_step(room, item, "repair", REPAIRED)
    assert await room.rows("SELECT 1 FROM words") == []
    assert (await job.order())["customer_label"] == ""


async def test_of_two_who_sign_at_once_one_is_refused(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival", "start")
    await job.step("completion", DONE)
    path = f"/v1/work-orders/{(await job.order())['id']}/sign-off"
    opinions = ["satisfied", "dissatisfied", "very_satisfied", "very_dissatisfied"]
    answers = await asyncio.gather(*(room.post(path, SIGN_OFF | {"opinion": opinion}) for opinion in opinions))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    [signed] = await room.said(WorkOrderSignedOff)
    assert (await job.order())["opinion"] == signed.opinion
    assert len(await room.rows("SELECT 1 FROM words WHERE what = 'signer'")) == 1


def test_every_sealed_column_is_known_to_the_rotation_of_keys() -> None:
    assert {f"{column.table.name}.{column.name}" for column in SEALED} == {"idempotent_answer.answer", "words.text"}
