"""One service that is told the events of many cases in every order, and what it keeps of each case then.

Each order is lived through by a case of its own, so that nothing has to be forgotten in between.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations
from random import Random
from uuid import UUID, uuid4

from sqlalchemy import text

from shared.contracts.envelope import Event
from shared.database import Database
from shared.messaging.broker import WireMessage
from support.case_events import START
from support.deliveries import Deliveries, message

MINUTE = timedelta(minutes=1)
SIDE_BY_SIDE = 12

type Story = Callable[[UUID, int], tuple[Event, ...]]
"""What is said about a case, in order; the number tells cases apart where ids do not."""
type State = list[list[tuple[object, ...]]]


@dataclass(frozen=True)
class Ears:
    """One service; `queries` say what it keeps of `:case_id`, but for its own ids and when it was heard."""

    deliveries: Deliveries
    database: Database
    queries: Sequence[str]

    async def state_of(self, case_id: UUID) -> State:
        """What is kept of a case."""
        async with self.database.sessions() as session:
            found = [await session.execute(text(query), {"case_id": case_id}) for query in self.queries]
            return [[tuple(row) for row in rows] for rows in found]

    async def in_order(self, story: Story) -> State:
        """What is kept of a case of which everything is heard once, in the order in which it was said."""
        case_id = uuid4()
        await self.deliveries.one_by_one(_said(story, case_id=case_id, number=0))
        return await self.state_of(case_id)


async def every_order_ends_alike(ears: Ears, *, story: Story) -> State:
    """Live through every arrangement; the state in which all of them end."""
    return await _live_through(ears, story=story, orders=_arrangements(_length(story)))


async def shuffled_orders_end_alike(ears: Ears, *, story: Story, orders: int = 10) -> State:
    """The same of a story that is too long for every arrangement of it: so many of them, each event twice."""
    chance, twice = Random(orders), [*range(_length(story))] * 2  # noqa: S311  # shuffles, guards nothing
    return await _live_through(ears, story=story, orders=[chance.sample(twice, len(twice)) for _ in range(orders)])


async def _live_through(ears: Ears, *, story: Story, orders: Sequence[Sequence[int]]) -> State:
    expected = await ears.in_order(story)
    for number, order in enumerate(orders, start=1):
        case_id = uuid4()
        told = _said(story, case_id=case_id, number=number)
        await ears.deliveries.one_by_one(told[place] for place in order)
        reached = await ears.state_of(case_id)
        differs = [(one, other) for one, other in zip(reached, expected, strict=True) if one != other]
        assert not differs, f"after {[told[place].type for place in order]}: {differs}"
    assert ears.deliveries.metric("inbox_duplicates_total") == len(orders) * _length(story)
    return expected


async def all_at_once_ends_alike(ears: Ears, *, story: Story) -> None:
    """The events of many cases, each twice, as many side by side as a worker takes."""
    expected = await ears.in_order(story)
    cases = {uuid4(): number for number in range(1, SIDE_BY_SIDE + 1)}
    told = [message for case, number in cases.items() for message in _said(story, case_id=case, number=number)]
    await ears.deliveries.at_once([*told, *reversed(told)])
    for case_id in cases:
        assert await ears.state_of(case_id) == expected


def _length(story: Story) -> int:
    return len(story(uuid4(), 0))


def _arrangements(count: int) -> list[tuple[int, ...]]:
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


def _said(story: Story, *, case_id: UUID, number: int) -> list[WireMessage]:
    return [
        message(event, about=case_id, at=START + place * MINUTE, sequence=place + 1)
        for place, event in enumerate(story(case_id, number))
    ]
