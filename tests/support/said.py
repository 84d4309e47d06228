"""What services said: the rows of their outboxes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts.envelope import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event in a service's outbox; `body` is what it says, as JSON has it."""

    event_id: UUID
    service: str
    type: str
    subject: str
    sequence: int
    body: Mapping[str, Any]
    sent: bool

    def id_in(self, field: str) -> UUID:
        """The id that a field of the body names."""
        return UUID(self.body[field])


def ids(said: Iterable[Said], *, event: type[Event], field: str) -> list[UUID]:
    """What the field of every event of this type names, each as often as it was said."""
    return [one.id_in(field) for one in said if one.type == event.TYPE]
