"""What clients were told, held against what is there: I1, I2, I3, I12 and I14, and the figures of the report."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid5

import httpx
import pytest

from support.consistent_books import CALLED_OFF, CASES, GOES_ON, NOON, UNCLEARED, consistent
from testkit.checker.books import Books, Writing
from testkit.checker.checking import Evidence, check
from testkit.checker.history import History, Outcome, Request, Sending, read_history
from testkit.checker.report import Report
from testkit.checker.trails import Canaries
from testkit.checker.violations import INVARIANTS

SECOND, WEEK = timedelta(seconds=1), timedelta(days=7)
OTHER = UUID(int=99)
NAME, SENTENCE = "金丝雀九七三一", "kanarie-ab12 sings"
CANARIES = Canaries(contact=(NAME,), words=(SENTENCE,))


def asked(
    case: UUID,
    outcome: Outcome = "ok",
    *,
    key: str | None = None,
    after: timedelta = timedelta(),
    status: int = 201,
    what: str = "case",
    makes: bool = True,
    answer: str | None = None,
) -> Request:
    """A request about a case, and what came of it."""
    good = outcome == "ok"
    return Request(
        key=key or f"key-{case.int}",
        what=what,
        makes=makes,
        invoked=NOON + after,
        done=NOON + after + SECOND,
        outcome=outcome,
        status=None if outcome == "info" else status,
        id=case if good else None,
        answer=answer or uuid5(case, "answer").hex if good else None,
    )


def honest() -> list[Request]:
    """Every case was registered by a request of its own, one of them answered at the second attempt."""
    return [asked(UNCLEARED, "info"), *(asked(case, after=2 * SECOND) for case in CASES)]


def report(history: Sequence[Request], *, books: Books | None = None) -> Report:
    return check(Evidence(books=books or consistent(), history=history))


def violated(history: Sequence[Request], *, books: Books | None = None) -> dict[str, list[str]]:
    found = report(history, books=books).violated
    return {invariant: [one.says for one in findings] for invariant, findings in found.items()}


def test_an_honest_history_is_clean_and_counted() -> None:
    found = report([*honest(), asked(OTHER, "fail", status=422)])
    assert found.is_clean
    assert (found.attempted, found.acknowledged, found.recovered) == (6, 5, 1)
    assert (found.lost, found.unexpected, found.duplicated) == (0, 0, 0)
    assert found.cases == {"cancelled": 1, "open": 4}


def test_i1_whatever_was_acknowledged_and_is_not_there_is_lost() -> None:
    found = report([*honest(), asked(OTHER), asked(OTHER, key="another", what="visit")])
    assert [one.says for one in found.violated["I1"]] == [
        f"case {OTHER} was acknowledged and is not there",
        f"visit {OTHER} was acknowledged and is not there",
    ]
    assert found.lost == 2


def test_i2_a_key_that_made_two_cases_and_two_keys_that_made_one_are_found() -> None:
    without = [request for request in honest() if request.id != GOES_ON]
    twice = [*without, asked(GOES_ON, key=f"key-{CALLED_OFF.int}", after=4 * SECOND)]
    assert violated(twice)["I2"][0].startswith(f"key key-{CALLED_OFF.int} made 2 things")
    assert report(twice).duplicated == 1
    shared = [*honest(), asked(GOES_ON, key="another")]
    assert violated(shared) == {"I2": [f"case {GOES_ON} is in the answers to different keys 2 times, not 1"]}


def test_i2_a_change_of_a_case_under_a_key_of_its_own_makes_no_second_one() -> None:
    assert violated([*honest(), asked(GOES_ON, key="another", makes=False)]) == {}


def test_i3_a_case_that_nobody_sent_is_unexpected_unless_somebody_was_not_answered() -> None:
    without = [request for request in honest() if request.key != f"key-{UNCLEARED.int}"]
    found = report(without)
    assert {one.invariant: one.says for one in found.violations} == {
        "I3": f"case {UNCLEARED} is there, and nobody sent it"
    }
    assert found.unexpected == 1
    refused = report([*without, asked(OTHER, "fail", status=422)])
    assert refused.unexpected == 1
    unanswered = report([*without, asked(OTHER, "info")])
    assert unanswered.is_clean
    assert (unanswered.acknowledged, unanswered.recovered) == (4, 1)


def test_a_request_that_was_never_answered_and_never_carried_out_is_nothing_that_was_promised() -> None:
    found = report([*honest(), asked(OTHER, "info")])
    assert found.is_clean
    assert found.recovered == 1


@pytest.mark.parametrize(
    "again",
    [
        asked(GOES_ON, after=5 * SECOND, status=200),
        asked(GOES_ON, after=5 * SECOND, answer="something else"),
        asked(GOES_ON, "fail", after=5 * SECOND, status=422),
    ],
)
def test_i12_another_answer_to_the_same_key_is_found_within_seven_days(again: Request) -> None:
    assert set(violated([*honest(), again])) == {"I12"}
    late = again.model_copy(update={"invoked": again.invoked + WEEK, "done": again.done + WEEK})
    assert violated([*honest(), late]) == {}


@pytest.mark.parametrize("status", [409, 410, 429])
def test_i12_somebody_who_is_to_come_back_or_whose_answer_was_destroyed_is_not_answered_differently(
    status: int,
) -> None:
    assert violated([*honest(), asked(GOES_ON, "fail", after=5 * SECOND, status=status)]) == {}


def canary(*, writings: Sequence[Writing] = (), opened: Sequence[Writing] = ()) -> list[str]:
    evidence = Evidence(books=consistent(), history=honest(), canaries=CANARIES, writings=writings, opened=opened)
    return [f"{one.invariant} {one.says}" for one in check(evidence).violations]


@pytest.mark.parametrize("text", [f"WARNING {SENTENCE}", f"to {NAME}", json.dumps({"name": NAME})])
def test_i14_a_canary_in_plain_text_is_found_wherever_it_is_read(text: str) -> None:
    log = Writing("dispatch.log", text)
    assert canary(writings=[log]) == ["I14 dispatch.log shows what a customer is called or said"]
    assert canary(writings=[Writing("dispatch.log", "nothing")]) == []


def test_i14_a_canary_in_an_event_is_found() -> None:
    books = consistent()
    first = books.said[0]
    told = replace(books, said=(replace(first, body={**first.body, "note": SENTENCE}), *books.said[1:]))
    [found] = check(Evidence(books=told, history=honest(), canaries=CANARIES)).violations
    assert (found.invariant, found.about) == ("I14", f"intake: event {first.type} {first.event_id}")


def test_i14_contact_data_lies_sealed_in_intake_alone_and_what_a_customer_said_where_he_said_it() -> None:
    assert canary(opened=[Writing("intake.customer.name", NAME), Writing("dispatch.words.text", SENTENCE)]) == []
    assert canary(opened=[Writing("dispatch.words.text", NAME)]) == [
        "I14 dispatch.words.text keeps contact data outside intake"
    ]


def answer(status: int, **body: str) -> httpx.Response:
    return httpx.Response(status, json=body)


def test_what_a_client_writes_the_checker_reads(tmp_path: Path) -> None:
    file = tmp_path / "agent.jsonl"
    history = History(file)
    history.answered(Sending.of("/v1/cases", key="a"), answer=answer(201, id=str(GOES_ON)))
    history.answered(Sending.of(f"/v1/cases/{GOES_ON}/contact", key="b"), answer=answer(503, title="away"))
    history.answered(Sending.of(f"/v1/work-orders/{GOES_ON}/visits", key="c"), answer=answer(422, title="wrong"))
    history.unanswered(Sending.of(f"/v1/deposits/{GOES_ON}/payment", key="d"))
    history.close()
    requests = read_history([file])
    assert [(one.key, one.what, one.makes, one.outcome, one.status, one.id) for one in requests] == [
        ("a", "case", True, "ok", 201, GOES_ON),
        ("b", "case", False, "info", 503, None),
        ("c", "visit", True, "fail", 422, None),
        ("d", "deposit", False, "info", None, None),
    ]
    assert [line["outcome"] for line in map(json.loads, file.read_text().splitlines())] == [
        "ok",
        "info",
        "fail",
        "info",
    ]


def test_a_line_that_a_killed_client_did_not_finish_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "agent.jsonl"
    line = asked(GOES_ON).model_dump_json()
    file.write_text(f"{line}\n{line[:40]}")
    assert read_history([file]) == (asked(GOES_ON),)


def test_the_report_is_a_document_for_programs_and_a_page_for_people() -> None:
    clean, dirty = report(honest()), report([*honest(), asked(OTHER)])
    assert Report.model_validate_json(clean.to_json()) == clean
    page = clean.to_markdown("A quiet night")
    assert page.startswith("# A quiet night\n\nEvery invariant holds.\n")
    assert [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| I")] == [
        f"| {invariant}" for invariant in INVARIANTS
    ]
    assert "| 6 | 6 | 1 | 0 | 0 | 1 |" in dirty.to_markdown("A bad night")
    assert f"## I1\n\n- case {OTHER} was acknowledged and is not there" in dirty.to_markdown("A bad night")
