"""Who did it: every record, event and audit entry can be traced to a person or a machine (责任到人, R048)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` says what acted, `id` which one, `role` in which capacity.

    A `source` is a call source that pushes into intake; `system` is the service itself, acting on a deadline or event.
    """

    kind: Literal["person", "machine", "source", "system"]
    id: str
    role: str
