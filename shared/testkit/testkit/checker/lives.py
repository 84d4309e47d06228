"""Which events may follow which in the life of a thing: I9, read from what the services said in order.

The tables are the checker's own, so that a mistake in a service's state machine does not excuse itself. A life is a set
of states: where an event leads to one of several, all of them are followed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from testkit.checker.books import Said
from testkit.checker.violations import Violation

BORN = "born"

type Moves = Mapping[str, str]
"""An event to the state that it leads to, or to one of several: `assigned|waiting`."""


@dataclass(frozen=True, slots=True)
class Life:
    """What may happen to one kind of thing: from each state, and `anyway` in any state once it is there."""

    steps: Mapping[str, Moves]
    anyway: frozenset[str] = frozenset()

    def states_after(self, state: str, *, event: str) -> frozenset[str]:
        """Where the event may lead from the state; nowhere where it may not happen."""
        after = self.steps[state].get(event)
        if after is not None:
            return frozenset(after.split("|"))
        return frozenset({state}) if event in self.anyway and state != BORN else frozenset()


_CLOCKS = frozenset({"clock_warned", "clock_breached"})
_WAITS = {"case_contacted", "case_held", "case_resumed"}


def _while_open(state: str, **steps: str) -> Moves:
    return dict.fromkeys(_WAITS, state) | {"case_cancelled": "cancelled", "case_resolved": "resolved"} | steps


_CASE = Life(
    {
        BORN: {"case_opened": "awaiting_quote"},
        "awaiting_quote": _while_open("awaiting_quote", quote_offered="awaiting_consent", case_cleared="cleared"),
        "awaiting_consent": _while_open(
            "awaiting_consent",
            quote_accepted="agreed",
            quote_refused="awaiting_waiver",
            quote_expired="awaiting_quote",
            quote_superseded="awaiting_quote",
        ),
        "agreed": {"case_cleared": "cleared"},
        "awaiting_waiver": _while_open(
            "awaiting_waiver",
            approval_requested="awaiting_waiver",
            approval_decided="awaiting_waiver",
            case_cleared="cleared",
        ),
        "cleared": _while_open("cleared"),
        "resolved": {"case_contacted": "resolved", "case_closed": "closed", "case_reopened": "reopened"},
        "closed": {"case_reopened": "reopened"},
        "reopened": _while_open("reopened", quote_offered="awaiting_consent", case_cleared="cleared"),
        "cancelled": {"case_resolved": "resolved"},
    },
    anyway=_CLOCKS,
)
_CALLED_OFF = {"work_order_cancelled": "cancelled"}
_UNFINISHED = {"visit_unfinished": "assigned|waiting"}
_WORK_ORDER = Life(
    {
        BORN: {"work_order_opened": "waiting"},
        "waiting": {"technician_offered": "offered", "assignment_failed": "waiting", **_CALLED_OFF},
        "offered": {"technician_assigned": "assigned", "offer_declined": "waiting", **_CALLED_OFF},
        "assigned": {"visit_scheduled": "scheduled", **_CALLED_OFF},
        "scheduled": {
            "visit_rescheduled": "scheduled",
            "visit_withdrawn": "assigned",
            "technician_departed": "scheduled",
            "technician_arrived": "arrived",
            **_UNFINISHED,
            **_CALLED_OFF,
        },
        "arrived": {
            "item_taken_in": "in_workshop",
            "work_order_completed": "completed",
            **_UNFINISHED,
            **_CALLED_OFF,
        },
        "in_workshop": {
            "item_returned": "in_workshop",
            "work_order_completed": "completed",
            "work_order_signed_off": "signed_off",
            **_CALLED_OFF,
        },
        "completed": {"work_order_signed_off": "signed_off", "item_returned": "completed"},
        "signed_off": {"item_returned": "signed_off", "work_order_completed": "signed_off"},
        "cancelled": {"visit_withdrawn": "cancelled", "item_returned": "cancelled"},
    },
    anyway=_CLOCKS | {"parts_requested", "work_order_started", "hours_posted"},
)
_ORDERED = frozenset({"claim_order_approved", "claim_order_placed", "part_arrived"})
_LET_GO = {"parts_unavailable": "over", "parts_released": "over"}
_PARTS_REQUEST = Life(
    {
        BORN: {"parts_reserved": "reserved", "parts_short": "short", **_LET_GO},
        "short": {
            "parts_short": "short",  # expected on another day
            "parts_reserved": "reserved",
            "reservation_expired": "over",  # what was kept in part
            **_LET_GO,
        },
        "reserved": {
            "parts_reserved": "reserved",  # renewed
            "parts_issued": "issued",
            "reservation_expired": "over",
            **_LET_GO,
        },
        "issued": dict.fromkeys(("parts_issued", "parts_returned", "parts_released"), "issued"),
        "over": {},
    },
    anyway=_ORDERED | _CLOCKS,
)
_ASKED_FOR = {"deposit_paid": "held", "deposit_waived": "waived"}
_DEPOSIT = Life(
    {
        BORN: {"deposit_required": "required|agreed"},
        "required": _ASKED_FOR,
        "agreed": _ASKED_FOR,  # nobody but parts need hear that the customer will pay
        "held": {"deposit_refunded": "refunded", "deposit_forfeited": "forfeited"},
        "refunded": {},
        "forfeited": {},
        "waived": {},
    }
)
_REVISIT = Life(
    {
        BORN: {"revisit_due": "due", "revisit_completed": "completed"},
        "due": {"revisit_due": "due", "revisit_overdue": "due", "revisit_completed": "completed"},
        "completed": {},
    }
)
_SURVEY = Life(
    {
        BORN: {"survey_requested": "sent"},
        "sent": {"survey_answered": "answered", "survey_expired": "expired"},
        "answered": {},
        "expired": {},
    }
)
_MESSAGE = Life({BORN: {"message_delivered": "delivered", "message_failed": "failed"}, "delivered": {}, "failed": {}})
_ENDED = {"escalation_acknowledged": "acknowledged", "escalation_withdrawn": "withdrawn"}
_ESCALATION = Life(
    {
        BORN: {"escalation_raised": "open", "escalation_exhausted": "exhausted", **_ENDED},
        "open": {"escalation_raised": "open", "escalation_exhausted": "exhausted", **_ENDED},
        "exhausted": _ENDED,
        "acknowledged": {},
        "withdrawn": {},
    }
)
LIVES: Mapping[str, Life] = MappingProxyType(
    {
        "intake.case": _CASE,
        "dispatch.work_order": _WORK_ORDER,
        "parts.parts_request": _PARTS_REQUEST,
        "parts.deposit": _DEPOSIT,
        "feedback.revisit": _REVISIT,
        "feedback.survey": _SURVEY,
        "notifier.message": _MESSAGE,
        "notifier.escalation": _ESCALATION,
    }
)
"""Of what, by service and the kind of its subject."""


def lived(said: Iterable[Said], *, states: Mapping[str, Mapping[UUID, str]]) -> Iterator[Violation]:
    """I9: every step of every life is legal, and it stands where its events led; `states` by service and kind."""
    lives: dict[tuple[str, UUID], list[Said]] = defaultdict(list)
    for event in said:
        kind, _, id_ = event.subject.partition("/")
        if (whose := f"{event.service}.{kind}") in LIVES:
            lives[whose, UUID(id_)].append(event)
    for (whose, about), events in lives.items():
        yield from _walk(whose, about, events=sorted(events, key=_sequence), states=states.get(whose, {}))


def _walk(whose: str, id_: UUID, *, events: Sequence[Said], states: Mapping[UUID, str]) -> Iterator[Violation]:
    life, now, about = LIVES[whose], frozenset({BORN}), f"{whose} {id_}"
    for event in events:
        name = event.type.split(".")[1]
        after = frozenset[str]().union(*(life.states_after(state, event=name) for state in now))
        if not after:
            says = f"{about}: {name} is no step from {' or '.join(sorted(now))}"
            yield Violation("I9", about, says, frozenset({id_}))
            return
        now = after
    stands = states.get(id_)
    if stands is not None and stands not in now:
        says = f"{about} is {stands}, but its events lead to {' or '.join(sorted(now))}"
        yield Violation("I9", about, says, frozenset({id_}))


def _sequence(event: Said) -> int:
    return event.sequence
