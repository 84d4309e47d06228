"""How satisfied customers were: by technician, question and month, measured by the policy's target."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared.contracts.facts import Degree
from support.aftercare import AftercareDesk, all_with, signed_off


async def answered(desk: AftercareDesk, technician_id: UUID, form: dict[str, str]) -> None:
    """A repair by this technician, now, and what its customer ticks."""
    order = signed_off(technician_id=technician_id, at=await desk.now())
    await desk.hear(order)
    assert (await desk.submit(await desk.path_of_link(order), form)).status_code == 200


@pytest.mark.rule("R367")
async def test_nine_of_ten_satisfied_answers_reach_the_target_and_fewer_do_not(desk: AftercareDesk) -> None:
    good, bad = uuid4(), uuid4()
    for number in range(10):
        promises = "dissatisfied" if number == 0 else "satisfied"
        await answered(desk, good, all_with(Degree.VERY_SATISFIED, promises=promises))
    await answered(desk, bad, all_with(Degree.SATISFIED, attitude="very_dissatisfied"))
    report = await desk.get("/v1/satisfaction?since=2040-03&until=2040-03")
    assert report["target"] == "90"
    shares = {(line["technician_id"], line["question"]): line for line in report["questions"]}
    promises_kept = shares[str(good), "promises"]
    assert (promises_kept["answered"], promises_kept["satisfied"], promises_kept["share"]) == (10, 9, "90")
    assert promises_kept["reaches_target"]
    assert not shares[str(bad), "attitude"]["reaches_target"]
    totals = {line["technician_id"]: (line["share"], line["reaches_target"]) for line in report["technicians"]}
    assert totals == {str(good): ("97.5", True), str(bad): ("75", False)}
    assert [(month["month"], month["answered"], month["satisfied"]) for month in report["months"]] == [
        ("2040-03", 44, 42)
    ]


async def test_an_answer_counts_in_the_month_in_which_it_came_where_the_company_is(desk: AftercareDesk) -> None:
    technician = uuid4()
    order = signed_off(technician_id=technician)
    await desk.hear(order)
    path = await desk.path_of_link(order)
    await desk.move_to((await desk.now()).replace(day=18, hour=1))
    await desk.submit(path, all_with(Degree.SATISFIED))
    await desk.move_to((await desk.now()).replace(day=31, hour=17))  # the first of April in Shanghai
    late = signed_off(technician_id=technician, at=await desk.now() - timedelta(days=1))
    await desk.hear(late)
    await desk.submit(await desk.path_of_link(late), all_with(Degree.DISSATISFIED))
    report = await desk.get(f"/v1/satisfaction?since=2040-01&technician_id={technician}")
    assert (report["until"], [month["month"] for month in report["months"]]) == ("2040-04", ["2040-03", "2040-04"])
    only = await desk.get("/v1/satisfaction?since=2040-01&until=2040-03&question=promises")
    assert [(line["month"], line["question"]) for line in only["questions"]] == [("2040-03", "promises")]


@pytest.mark.parametrize(
    "query", ["since=2040-04&until=2040-03", "since=2030-01&until=2040-03", "since=2040-3", "week=9"]
)
async def test_months_that_make_no_report_are_refused(desk: AftercareDesk, query: str) -> None:
    async with desk.client() as client:
        assert (await client.get(f"/v1/satisfaction?{query}")).status_code == 422


async def test_a_technician_does_not_see_what_the_others_are_rated(desk: AftercareDesk) -> None:
    async with desk.client("technician") as client:
        assert (await client.get("/v1/satisfaction")).status_code == 403
