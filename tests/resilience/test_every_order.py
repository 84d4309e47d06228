"""Every order of the events of a case, with duplicates, through the real inbox and handlers: one and the same end.

Each order is lived through by a case of its own, so that nothing has to be forgotten in between.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from dispatch.app import consumers_of as dispatch_consumers
from dispatch.tables import DELIVERY as DISPATCH_DELIVERY
from intake.app import consumers_of as intake_consumers
from intake.tables import DELIVERY as INTAKE_DELIVERY
from shared.contracts.dispatch import (
    OfferDeclined,
    TechnicianAssigned,
    TechnicianOffered,
    WorkOrderCancelled,
    WorkOrderOpened,
)
from shared.contracts.envelope import Event
from shared.database import Database
from shared.messaging.broker import WireMessage
from support.case_events import START, cancelled, cleared, held, resumed
from support.control_room import migrated_database, open_control_room
from support.deliveries import Deliveries, message
from support.front_desk import open_front_desk
from testkit.servers.postgres import Postgres

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
HOLD, ORDER, OFFER, TECHNICIAN = (UUID(int=number) for number in range(11, 15))
SIDE_BY_SIDE = 12

type Story = Callable[[UUID, int], tuple[Event, ...]]
type State = list[list[tuple[object, ...]]]


def of_a_case(case_id: UUID, number: int) -> tuple[Event, ...]:
    """What dispatch hears of a case that is cleared, waits a while and is called off."""
    return (*of_a_case_that_goes_on(case_id, number), cancelled(cleared(case_id), at=START + 3 * HOUR))


def of_a_case_that_goes_on(case_id: UUID, number: int) -> tuple[Event, ...]:
    """The same without the end."""
    case = cleared(case_id, number=100_000 + number)
    return (
        case,
        held(case, hold_id=HOLD, at=START + HOUR),
        resumed(case, hold_id=HOLD, at=START + 2 * HOUR),
    )


def of_a_work_order(case_id: UUID, _number: int) -> tuple[Event, ...]:
    """What intake hears of a work order that is offered, refused, taken after all and called off."""
    order = {"work_order_id": ORDER, "work_order_number": "W-1", "case_id": case_id}
    offer = order | {"offer_id": OFFER, "technician_id": TECHNICIAN}
    where = {"department": "engineering", "zone": "city", "urgency": "normal", "warranty": "in_warranty"}
    return (
        WorkOrderOpened.model_validate(order | where | {"opened_at": START}),
        TechnicianOffered.model_validate(offer | {"offered_at": START, "expires_at": START + HOUR, "passed_over": ()}),
        OfferDeclined.model_validate(offer | {"reason": "refused", "declined_at": START + HOUR}),
        TechnicianAssigned.model_validate(offer | {"assigned_at": START + HOUR}),
        WorkOrderCancelled.model_validate(order | {"reason": "mistake", "cancelled_at": START + 2 * HOUR}),
    )


def arrangements(count: int) -> list[tuple[int, ...]]:
    """Every order of so many events, each of them twice.

    Up to three events these are all; beyond that, every order of the first appearances, with the repetitions at places
    that differ from order to order.
    """
    if count <= 3:
        return sorted(set(permutations([*range(count), *range(count)])))
    orders = []
    for number, order in enumerate(permutations(range(count))):
        again = order[number % count :] + order[: number % count]
        orders.append((*order[:2], *again[:2], *order[2:], *again[2:]))
    return orders


@dataclass(frozen=True)
class Ears:
    """One service that is told something, and what it keeps of a case then."""

    deliveries: Deliveries
    database: Database
    queries: Sequence[str]

    async def state_of(self, case_id: UUID) -> State:
        """What is kept of a case, but for its ids and when it was heard."""
        async with self.database.sessions() as session:
            found = [await session.execute(text(query), {"case_id": case_id}) for query in self.queries]
            return [[tuple(row) for row in rows] for rows in found]

    async def in_order(self, story: Story) -> State:
        """What is kept of a case of which everything is heard once, in the order in which it was said."""
        case_id = uuid4()
        await self.deliveries.one_by_one(said(story, case_id=case_id, number=0))
        return await self.state_of(case_id)


def said(story: Story, *, case_id: UUID, number: int) -> list[WireMessage]:
    return [
        message(event, about=case_id, at=START + place * MINUTE, sequence=place + 1)
        for place, event in enumerate(story(case_id, number))
    ]


IN_DISPATCH = (
    (
        "SELECT state, department, zone, cancelled_at, cancel_reason, CASE WHEN state = 'waiting' THEN priority END"
        " FROM work_order WHERE case_id = :case_id"
    ),
    "SELECT cancelled_at, cancel_reason FROM known_case WHERE case_id = :case_id AND cancelled_at IS NOT NULL",
    (
        "SELECT c.name, c.started_at, c.stopped_at, c.due_at, e.kind, e.ref, e.at, e.reason FROM clock c"
        " JOIN clock_entry e ON e.clock_id = c.id WHERE c.subject_id = :case_id ORDER BY c.name, e.kind, e.ref, e.at"
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
)
"""Nobody is there to repair it: a case that is called off was looked for somebody only where that became known late."""

IN_INTAKE = (
    (
        "SELECT type, service, happened_at, facts - 'case_id' FROM story WHERE case_id = :case_id"
        " ORDER BY happened_at, type"
    ),
)


@pytest.fixture
async def dispatch(postgres: Postgres, server_home: Path, tmp_path: Path) -> AsyncIterator[Ears]:
    template = await migrated_database(postgres, home=server_home)
    async with open_control_room(postgres, template=template, home=tmp_path) as room:
        consumers = dispatch_consumers(room.service.api.state.desk)
        deliveries = Deliveries(consumers, works=room.works, tables=DISPATCH_DELIVERY)
        yield Ears(deliveries, room.database, IN_DISPATCH)
    await postgres.drop_database(template)


@pytest.fixture
async def intake(postgres: Postgres, tmp_path: Path) -> AsyncIterator[Ears]:
    async with open_front_desk(postgres, home=tmp_path) as desk:
        works = desk.service.api.state.edge.works
        deliveries = Deliveries(intake_consumers(), works=works, tables=INTAKE_DELIVERY)
        yield Ears(deliveries, desk.database, IN_INTAKE)


async def every_order_ends_alike(ears: Ears, *, story: Story) -> State:
    """Live through every arrangement; the state in which all of them end."""
    expected = await ears.in_order(story)
    events = len(said(story, case_id=uuid4(), number=0))
    orders = arrangements(events)
    for number, order in enumerate(orders, start=1):
        case_id = uuid4()
        told = said(story, case_id=case_id, number=number)
        await ears.deliveries.one_by_one(told[place] for place in order)
        assert await ears.state_of(case_id) == expected, f"after {[told[place].type for place in order]}"
    assert ears.deliveries.metric("inbox_duplicates_total") == len(orders) * events
    return expected


async def all_at_once_ends_alike(ears: Ears, *, story: Story) -> None:
    """The events of many cases, each twice, as many side by side as a worker takes."""
    expected = await ears.in_order(story)
    cases = {uuid4(): number for number in range(1, SIDE_BY_SIDE + 1)}
    told = [message for case, number in cases.items() for message in said(story, case_id=case, number=number)]
    await ears.deliveries.at_once([*told, *reversed(told)])
    for case_id in cases:
        assert await ears.state_of(case_id) == expected


async def test_dispatch_ends_alike_after_every_order_of_a_case_that_goes_on(dispatch: Ears) -> None:
    [order, _, _, _, retry, _] = await every_order_ends_alike(dispatch, story=of_a_case_that_goes_on)
    assert (order[0][0], retry) == ("waiting", [("assignment", "waiting")])


async def test_dispatch_ends_alike_after_every_order_of_a_case_that_is_called_off(dispatch: Ears) -> None:
    [order, known, _, clock, retry, _] = await every_order_ends_alike(dispatch, story=of_a_case)
    assert (order[0][0], len(known), clock, retry) == ("cancelled", 1, [], [])


async def test_intake_tells_the_same_story_after_every_order_of_what_dispatch_says(intake: Ears) -> None:
    [story] = await every_order_ends_alike(intake, story=of_a_work_order)
    assert [line[0] for line in story] == [event.TYPE for event in of_a_work_order(uuid4(), 0)]


@pytest.mark.parametrize("story", [of_a_case_that_goes_on, of_a_case])
async def test_dispatch_ends_alike_where_all_is_heard_at_once(dispatch: Ears, story: Story) -> None:
    await all_at_once_ends_alike(dispatch, story=story)


async def test_intake_ends_alike_where_all_is_heard_at_once(intake: Ears) -> None:
    await all_at_once_ends_alike(intake, story=of_a_work_order)
