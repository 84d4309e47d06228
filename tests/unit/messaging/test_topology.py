"""Names of queues, which can never change once messages lie in them."""

from datetime import timedelta
from typing import ClassVar

from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.contracts.envelope import Event
from shared.messaging.topology import CATALOGUE_TOPOLOGY, Topology
from support.kitchen import TOPOLOGY, DishCooked


class DishCookedAgain(DishCooked):
    """The second version of the event, said beside the first."""

    TYPE: ClassVar[str] = "kitchen.dish_cooked.v2"


class BarDishCooked(DishCooked):
    """The same said by another service."""

    TYPE: ClassVar[str] = "bar.dish_cooked.v1"


def test_queues_are_named_after_the_service_and_what_it_hears() -> None:
    (queue,) = TOPOLOGY.queues("dining")
    assert (queue.name, queue.exchange) == ("dining.on_dish_cooked", "dining.dlx")
    assert (queue.retry, queue.dead) == ("dining.on_dish_cooked.retry.1s", "dining.on_dish_cooked.dead")
    assert TOPOLOGY.queues("kitchen") == ()


def test_versions_and_publishers_of_one_event_share_the_handlers_queue() -> None:
    heard: tuple[type[Event], ...] = (DishCooked, DishCookedAgain, BarDishCooked)
    (queue,) = Topology(subscriptions={"dining": heard}).queues("dining")
    assert queue.types == ("kitchen.dish_cooked.v1", "kitchen.dish_cooked.v2", "bar.dish_cooked.v1")


def test_every_subscription_of_the_catalogue_has_its_queue() -> None:
    for service, events in SUBSCRIPTIONS.items():
        queues = CATALOGUE_TOPOLOGY.queues(service)
        assert {type_ for queue in queues for type_ in queue.types} == {event.TYPE for event in events}
        assert {queue.retry_delay for queue in queues} == {timedelta(seconds=5)}


def test_every_event_of_the_catalogue_is_either_heard_or_unheard() -> None:
    assert {*CATALOGUE_TOPOLOGY.heard, *CATALOGUE_TOPOLOGY.unheard} == set(EVENTS)
    assert CATALOGUE_TOPOLOGY.heard.isdisjoint(CATALOGUE_TOPOLOGY.unheard)
    assert "intake.call_received.v1" in CATALOGUE_TOPOLOGY.unheard
