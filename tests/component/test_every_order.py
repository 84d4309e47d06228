"""Every order of the events of a story, with duplicates, through the real inbox and handlers: one and the same end."""

from collections import Counter
from uuid import uuid4

import pytest

from intake.app import consumers_of as intake_consumers
from intake.tables import DELIVERY as INTAKE_DELIVERY
from support.aftercare import AftercareDesk
from support.case_events import START
from support.control_room import ControlRoom
from support.deliveries import Deliveries
from support.ears import Ears, Story, all_at_once_ends_alike, every_order_ends_alike, shuffled_orders_end_alike
from support.front_desk import FrontDesk
from support.parts_news import BOARD
from support.parts_store import PartsStore
from support.post_room import PostRoom
from support.stories import (
    HOUR,
    MINUTE,
    of_a_broken_promise,
    of_a_case,
    of_a_case_that_goes_on,
    of_a_customer_who_is_forgotten,
    of_a_grievance,
    of_a_repair,
    of_a_work_order,
    of_an_end,
    of_an_order_that_nobody_takes,
    of_late_parts,
    of_parts_for_what_was_taken_in,
    of_parts_that_are_fitted,
    of_parts_that_are_waited_for,
    of_parts_that_never_come,
    of_parts_that_nobody_needs,
    of_parts_that_were_kept_in_vain,
    of_two_grievances,
)
from testkit.servers.postgres import Postgres

PLENTY = 10_000

IN_DISPATCH = (
    (
        "SELECT state, department, zone, cancelled_at, cancel_reason, CASE WHEN state = 'waiting' THEN priority END"
        " FROM work_order WHERE case_id = :case_id"
    ),
    "SELECT cancelled_at, cancel_reason FROM known_case WHERE case_id = :case_id AND cancelled_at IS NOT NULL",
    (
        "SELECT c.name, c.started_at, c.stopped_at, c.due_at, e.kind, split_part(e.ref, '/', 1), e.at, e.reason"
        " FROM clock c JOIN clock_entry e ON e.clock_id = c.id WHERE c.subject_id = :case_id"
        " ORDER BY c.name, e.kind, 6, e.at"
    ),
    "SELECT d.kind, d.due FROM deadline d JOIN clock c ON d.key = 'clock/' || c.id WHERE c.subject_id = :case_id",
    (
        "SELECT d.kind, o.state FROM deadline d JOIN work_order o ON d.key = 'assignment/' || o.id"
        " WHERE o.case_id = :case_id"
    ),
    (
        "SELECT type, count(*) FROM outbox WHERE correlation_id = :case_id AND type <> 'dispatch.assignment_failed.v1'"
        " GROUP BY type ORDER BY type"
    ),
    (
        "SELECT r.state, r.lines, r.short_at, r.missing, r.placed_at, r.expected_at, r.reserved_at, r.reserved_until,"
        " r.deposit_required_at, r.deposit_settled_at, jsonb_path_query_array(r.issues, '$.*'),"
        " jsonb_path_query_array(r.returns, '$.*') FROM parts_request r JOIN work_order o ON o.id = r.work_order_id"
        " WHERE o.case_id = :case_id"
    ),
)
"""Nobody is there to repair it: a case that is called off was looked for somebody only where that became known late."""

IN_INTAKE = (
    (
        "SELECT type, service, happened_at, facts - 'case_id' - 'work_order_id' - 'deposit_id' - 'claim_order_id'"
        " - 'request_id' - 'technician_id' - 'customer_id' - 'unit_id' FROM story"
        " WHERE case_id = :case_id ORDER BY happened_at, type"
    ),
    "SELECT resolution, completed_at, signed_off_at FROM case_order WHERE case_id = :case_id",
    "SELECT amount, settled_as FROM case_deposit WHERE case_id = :case_id",
)

IN_PARTS = (
    "SELECT state, reason, expires_at IS NULL FROM parts_request WHERE case_id = :case_id",
    (
        "SELECT l.part_code, l.asked, l.reserved, l.issued, l.fitted FROM request_line l"
        " JOIN parts_request r ON r.id = l.request_id WHERE r.case_id = :case_id"
    ),
    (
        "SELECT k.started_at, k.completed_at, k.cancelled_at FROM known_work_order k"
        " JOIN parts_request r USING (work_order_id) WHERE r.case_id = :case_id"
    ),
    (
        "SELECT sum(m.on_hand), sum(m.reserved), sum(m.issued) FROM stock_movement m"
        " JOIN parts_request r ON r.id = m.request_id WHERE r.case_id = :case_id"
        " HAVING sum(abs(m.on_hand)) + abs(sum(m.reserved)) + sum(abs(m.issued)) > 0"
    ),
    "SELECT d.kind FROM deadline d JOIN parts_request r ON d.key LIKE '%/' || r.id WHERE r.case_id = :case_id",
    "SELECT type FROM outbox WHERE correlation_id = :case_id GROUP BY type HAVING count(*) > 1",
    (
        "SELECT c.name FROM clock c JOIN parts_request r ON r.id = c.subject_id"
        " WHERE r.case_id = :case_id AND c.stopped_at IS NULL"
    ),
    (
        "SELECT i.receipt_number, i.taken_in_at FROM known_item i JOIN parts_request r USING (work_order_id)"
        " WHERE r.case_id = :case_id"
    ),
)
"""What never was reserved need not be released, so not all of what is said is the same: nothing is said twice."""

IN_FEEDBACK = (
    (
        "SELECT customer_label, opinion, signed_off_at, item_returned_at, technician_id FROM served_order"
        " WHERE case_id = :case_id"
    ),
    "SELECT closed_at FROM known_case WHERE case_id = :case_id",
    (
        "SELECT r.state, r.attempt, r.due_at, r.overdue_at, r.outcome FROM revisit r"
        " JOIN served_order o ON o.id = r.order_id WHERE o.case_id = :case_id"
    ),
    (
        "SELECT s.state, s.send_at, s.technician_id FROM survey s JOIN served_order o ON o.id = s.order_id"
        " WHERE o.case_id = :case_id"
    ),
    (
        "SELECT d.kind, d.due FROM deadline d, served_order o, revisit r, survey s WHERE o.case_id = :case_id"
        " AND r.order_id = o.id AND s.order_id = o.id AND d.key IN ('revisit/' || r.id, 'survey/' || s.id)"
        " ORDER BY d.kind"
    ),
)

IN_NOTIFIER = (
    "SELECT case_number, customer_id IS NULL FROM known_case WHERE case_id = :case_id",
    (
        "SELECT type, happened_at FROM happening WHERE thing = 'case_id/' || CAST(CAST(:case_id AS uuid) AS text)"
        " ORDER BY type, happened_at"
    ),
    (
        "SELECT route, ladder, state, level, end_reason, facts IS NULL FROM escalation WHERE case_id = :case_id"
        " ORDER BY route"
    ),
    (
        "SELECT route, role, staff_number, customer_id IS NULL, level, state, reason, facts IS NULL FROM message"
        " WHERE case_id = :case_id ORDER BY route, role, staff_number, level"
    ),
    "SELECT type, count(*) FROM outbox WHERE correlation_id = :case_id GROUP BY type ORDER BY type",
)


@pytest.fixture
async def dispatch(postgres: Postgres, kept_control_room: ControlRoom) -> Ears:
    room = kept_control_room
    await room.begin_anew(postgres)
    return Ears(Deliveries(room.consumers, works=room.works, tables=room.tables), room.database, IN_DISPATCH)


@pytest.fixture
async def intake(postgres: Postgres, kept_front_desk: FrontDesk) -> Ears:
    desk = kept_front_desk
    await desk.begin_anew(postgres)
    works, consumers = desk.service.api.state.edge.works, intake_consumers(desk.office)
    return Ears(Deliveries(consumers, works=works, tables=INTAKE_DELIVERY), desk.database, IN_INTAKE)


@pytest.fixture
async def parts(postgres: Postgres, kept_store: PartsStore) -> Ears:
    """A store with boards for everybody: who comes first does not matter."""
    store = kept_store
    await store.begin_anew(postgres)
    await store.part(BOARD, on_hand=PLENTY)
    return Ears(Deliveries(store.consumers, works=store.works, tables=store.tables), store.database, IN_PARTS)


@pytest.fixture
async def feedback(postgres: Postgres, kept_aftercare: AftercareDesk) -> Ears:
    desk = kept_aftercare
    await desk.begin_anew(postgres)
    return Ears(Deliveries(desk.consumers, works=desk.works, tables=desk.tables), desk.database, IN_FEEDBACK)


@pytest.fixture
async def notifier(postgres: Postgres, kept_post_room: PostRoom) -> Ears:
    """Somebody works on every level; no courier carries anything away."""
    room = kept_post_room
    await room.begin_anew(postgres)
    await room.employ_everybody()
    return Ears(Deliveries(room.consumers, works=room.works, tables=room.tables), room.database, IN_NOTIFIER)


async def test_dispatch_ends_alike_after_every_order_of_a_case_that_goes_on(dispatch: Ears) -> None:
    [order, _, _, _, retry, _, _] = await every_order_ends_alike(dispatch, story=of_a_case_that_goes_on)
    assert (order[0][0], retry) == ("waiting", [("assignment", "waiting")])


async def test_dispatch_ends_alike_after_every_order_of_a_case_that_is_called_off(dispatch: Ears) -> None:
    [order, known, _, clock, retry, _, _] = await every_order_ends_alike(dispatch, story=of_a_case)
    assert (order[0][0], len(known), clock, retry) == ("cancelled", 1, [], [])


async def test_dispatch_ends_alike_after_any_order_of_what_parts_says_of_a_deposit_and_a_shortage(
    dispatch: Ears,
) -> None:
    [order, _, clock, _, _, _, [request]] = await shuffled_orders_end_alike(
        dispatch, story=of_parts_that_are_waited_for
    )
    assert (order[0][0], request[0], request[5]) == ("waiting", "issued", START + 50 * HOUR)
    waits = {(line[4], line[5]) for line in clock if line[4] in {"pause", "resume"}}
    assert waits == {(kind, what) for kind in ("pause", "resume") for what in ("deposit", "hold", "parts")}


@pytest.mark.parametrize(
    ("story", "ends"), [(of_parts_that_never_come, "unavailable"), (of_parts_that_were_kept_in_vain, "expired")]
)
async def test_dispatch_ends_alike_after_any_order_of_parts_that_are_lost(
    dispatch: Ears, story: Story, ends: str
) -> None:
    [order, _, _, _, _, _, [request]] = await shuffled_orders_end_alike(dispatch, story=story)
    assert (order[0][0], request[0]) == ("waiting", ends)


async def test_intake_tells_the_same_story_after_every_order_of_what_dispatch_says(intake: Ears) -> None:
    [story, _, _] = await every_order_ends_alike(intake, story=of_a_work_order)
    assert [line[0] for line in story] == [event.TYPE for event in of_a_work_order(uuid4(), 0)]


async def test_intake_knows_the_same_after_every_order_of_what_ends_a_case(intake: Ears) -> None:
    [story, [order], [deposit]] = await every_order_ends_alike(intake, story=of_an_end)
    assert (len(story), order[0], deposit[1]) == (4, "repaired", "refunded")
    assert all(order)


async def test_parts_ends_alike_after_every_order_of_an_order_that_is_completed(parts: Ears) -> None:
    [[request], [line], [known], moved, due, twice, running, _] = await every_order_ends_alike(
        parts, story=of_parts_that_are_fitted
    )
    assert (request[0], line[2], moved, due, twice, running) == ("released", 0, [], [], [], [])
    assert None not in known[:2]


async def test_parts_ends_alike_after_any_order_of_what_is_taken_in_and_begun_twice(parts: Ears) -> None:
    [[request], _, [known], moved, due, twice, running, [item]] = await shuffled_orders_end_alike(
        parts, story=of_parts_for_what_was_taken_in
    )
    assert (request[0], moved, due, twice, running) == ("released", [], [], [], [])
    assert (known[0], item[0]) == (START + MINUTE, "L1000017-1")


async def test_parts_ends_alike_after_every_order_of_an_order_that_is_called_off(parts: Ears) -> None:
    [[request], [line], _, moved, due, twice, running, _] = await every_order_ends_alike(
        parts, story=of_parts_that_nobody_needs
    )
    assert (request[0], line[2], moved, due, twice, running) == ("released", 0, [], [], [], [])


async def test_feedback_ends_alike_after_every_order_of_a_repair(feedback: Ears) -> None:
    [_, [known], [revisit], [survey], due] = await every_order_ends_alike(feedback, story=of_a_repair)
    assert (revisit[0], survey[0], len(due)) == ("planned", "planned", 2)
    assert known == (of_a_repair(uuid4(), 0)[-1].closed_at,)  # type: ignore[attr-defined]  # the later one


async def test_feedback_ends_alike_after_every_order_of_a_customer_who_is_forgotten(feedback: Ears) -> None:
    [_, _, [revisit], [survey], due] = await every_order_ends_alike(feedback, story=of_a_customer_who_is_forgotten)
    assert (revisit[0], survey[0], due) == ("withdrawn", "withdrawn", [])


async def test_notifier_ends_alike_after_every_order_of_a_broken_promise(notifier: Ears) -> None:
    [_, _, [escalation], messages, _] = await every_order_ends_alike(notifier, story=of_a_broken_promise)
    assert escalation[2:4] == ("withdrawn", 1)
    assert [(message[0], message[5]) for message in messages] == [
        ("case_opened", "due"),
        ("response_breached", "withdrawn"),
        ("visit_scheduled", "due"),
    ]


async def test_notifier_ends_alike_after_any_order_of_late_parts_and_a_late_item(notifier: Ears) -> None:
    [_, _, [escalation], messages, _] = await shuffled_orders_end_alike(notifier, story=of_late_parts)
    assert (escalation[0], escalation[2]) == ("item_breached", "withdrawn")
    told = Counter(message[0] for message in messages if message[5] == "due")
    assert told == {"case_opened": 1, "deposit_required": 1, "part_arrived": 2}


async def test_notifier_ends_alike_after_every_order_of_a_grievance(notifier: Ears) -> None:
    [_, _, [escalation], _, _] = await every_order_ends_alike(notifier, story=of_a_grievance)
    assert escalation[0:3] == ("dissatisfaction_raised", "grievance", "withdrawn")


async def test_notifier_ends_alike_after_every_order_of_two_grievances(notifier: Ears) -> None:
    [_, _, escalations, _, _] = await every_order_ends_alike(notifier, story=of_two_grievances)
    assert [escalation[2] for escalation in escalations] == ["withdrawn", "withdrawn"]


async def test_notifier_ends_alike_after_every_order_of_an_order_that_nobody_takes(notifier: Ears) -> None:
    [_, _, _, messages, _] = await every_order_ends_alike(notifier, story=of_an_order_that_nobody_takes)
    told = [message[1] for message in messages if message[0] == "assignment_failed"]
    assert sorted(map(str, told)) == ["cs_supervisor"] * 2 + ["dispatcher"] * 2


@pytest.mark.parametrize("story", [of_a_case_that_goes_on, of_a_case])
async def test_dispatch_ends_alike_where_all_is_heard_at_once(dispatch: Ears, story: Story) -> None:
    await all_at_once_ends_alike(dispatch, story=story)


@pytest.mark.parametrize("story", [of_a_work_order, of_an_end])
async def test_intake_ends_alike_where_all_is_heard_at_once(intake: Ears, story: Story) -> None:
    await all_at_once_ends_alike(intake, story=story)


@pytest.mark.parametrize("story", [of_parts_that_are_fitted, of_parts_that_nobody_needs])
async def test_parts_ends_alike_where_all_is_heard_at_once(parts: Ears, story: Story) -> None:
    await all_at_once_ends_alike(parts, story=story)


@pytest.mark.parametrize("story", [of_a_repair, of_a_customer_who_is_forgotten])
async def test_feedback_ends_alike_where_all_is_heard_at_once(feedback: Ears, story: Story) -> None:
    await all_at_once_ends_alike(feedback, story=story)


@pytest.mark.parametrize(
    "story", [of_a_broken_promise, of_a_grievance, of_two_grievances, of_an_order_that_nobody_takes]
)
async def test_notifier_ends_alike_where_all_is_heard_at_once(notifier: Ears, story: Story) -> None:
    await all_at_once_ends_alike(notifier, story=story)
