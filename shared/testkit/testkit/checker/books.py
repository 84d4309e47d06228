"""What the checker knows of a suite: the rows of all databases, the queues, and the mails, as they were at one time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from shared.contracts.envelope import Event

ROWS = TypeAdapter(list[dict[str, object]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event in a service's outbox; `body` is what it says, as JSON has it, `position` its place in the outbox."""

    event_id: UUID
    service: str
    type: str
    subject: str
    sequence: int
    position: int
    causation_id: UUID | None
    body: Mapping[str, object]
    sent: bool

    def id_in(self, field: str) -> UUID:
        """The id that a field of the body names."""
        return UUID(str(self.body[field]))

    def rows_in(self, field: str) -> Sequence[Mapping[str, object]]:
        """The rows that a field of the body lists. Raises ValidationError where it lists none."""
        return ROWS.validate_python(self.body[field])


def ids(said: Iterable[Said], *, event: type[Event], field: str) -> list[UUID]:
    """What the field of every event of this type names, each as often as it was said."""
    return [one.id_in(field) for one in said if one.type == event.TYPE]


@dataclass(frozen=True, slots=True)
class Heard:
    """An event in a service's inbox."""

    consumer: str
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a case's timeline."""

    case_id: UUID
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Case:
    """A case: where it stands, on which call it was opened and by whom, and how it ended."""

    case_id: UUID
    state: str
    call_id: UUID | None
    registered_by: str
    opened_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    resolution: str | None
    closed_by: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a source."""

    call_id: UUID
    source_id: UUID
    provider_call_id: str


@dataclass(frozen=True, slots=True)
class Order:
    """A work order: the one of its case's round."""

    order_id: UUID
    case_id: UUID
    round: int
    state: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A window of a technician's time, while it is his."""

    visit_id: UUID
    technician_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """What is to happen at a time: its kind, and what it is about: an id, and of what."""

    kind: str
    what: str
    about: UUID


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of a part: what there is of it, or what one movement adds."""

    part_code: str
    on_hand: int
    reserved: int
    issued: int


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a parts request: pieces asked for, still reserved, and out with whoever drew them."""

    request_id: UUID
    part_code: str
    asked: int
    reserved: int
    out: int


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit and where it is."""

    deposit_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message of notifier: what it is about and whom it is for; `level` of a ladder, where it is of one."""

    message_id: UUID
    route: str
    event_id: UUID
    to: str
    level: int | None
    state: str


@dataclass(frozen=True, slots=True)
class Climb:
    """An escalation: what led to it, and how many levels were told."""

    escalation_id: UUID
    event_id: UUID
    level: int


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of a service's audit log in its chain: `entry` is its row, gone where somebody removed it."""

    service: str
    position: int
    hash: bytes
    entry: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Writing:
    """A text that somebody without a key may come to read, and where: a log, a metric, a cell, a dead letter."""

    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """All databases, the broker and the post at one time.

    `owned` are the ids in each owner's table by what they are (`case`, `visit`, …), `answers` how many answers each
    service keeps under a key it has more than once; `offers` are the ids of open offers; `asked` are the parts requests
    as dispatch knows them, `requests` as parts does; `revisits` and `surveys` are the work orders that have one;
    `ended` are the closed cases that feedback knows and `called_off` the cancelled ones that dispatch does; `guards`
    are the triggers and constraints that each service's database has of its own; `unchained` are audit entries that
    the chain has not reached; `mails` are the ids of the messages that were delivered, each as often as it was;
    None where nobody watched the post. `wire` is what was overheard at the broker, in order, where somebody listened.
    """

    cases: tuple[Case, ...]
    calls: tuple[Call, ...]
    owned: Mapping[str, frozenset[UUID]]
    orders: tuple[Order, ...]
    visits: tuple[Visit, ...]
    said: tuple[Said, ...]
    heard: tuple[Heard, ...]
    told: tuple[Told, ...]
    offers: tuple[UUID, ...]
    deadlines: tuple[Deadline, ...]
    called_off: tuple[UUID, ...]
    ended: tuple[UUID, ...]
    asked: tuple[UUID, ...]
    requests: tuple[UUID, ...]
    lines: tuple[Line, ...]
    stock: tuple[Pieces, ...]
    movements: tuple[Pieces, ...]
    deposits: tuple[Deposit, ...]
    revisits: tuple[UUID, ...]
    surveys: tuple[UUID, ...]
    messages: tuple[Message, ...]
    escalations: tuple[Climb, ...]
    mails: tuple[UUID, ...] | None
    chain: tuple[Link, ...]
    unchained: tuple[UUID, ...]
    guards: frozenset[tuple[str, str]]
    queues: Mapping[str, int]
    wire: tuple[UUID, ...] = ()
