"""Where somebody of the parts store is told what to keep in mind, and which of it concerns a request as it stands."""

from enum import StrEnum

from parts.domain.supply_words import RequestState


class GuidancePlace(StrEnum):
    """What somebody is about to do."""

    CATALOGUE = "catalogue"
    STOCK = "stock"
    ISSUING = "issuing"
    RETURNING = "returning"
    ORDERING = "ordering"
    PURCHASING = "purchasing"
    TOOLS = "tools"


def next_places(state: RequestState) -> frozenset[GuidancePlace]:
    """What the storekeeper does next with a request; nothing once it is over."""
    match state:
        case RequestState.SHORT:
            return frozenset({GuidancePlace.ORDERING})
        case RequestState.RESERVED:
            return frozenset({GuidancePlace.ISSUING})
        case RequestState.ISSUED | RequestState.OWED:
            return frozenset({GuidancePlace.RETURNING})
        case _:
            return frozenset()
