"""What the demo has to show, and what of it was shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

STEPS = {
    "set_up": "units, technicians and push sources are set up from spreadsheets",
    "zammad_call": "events of a Zammad call, out of order and some twice, make one complete call",
    "twilio_call": "signed Twilio callbacks, out of order and some twice, make one complete call",
    "forgery": "a forged signature is refused and leaves a trace in the audit log only",
    "in_warranty": "a repair in warranty is cleared at once",
    "work_order": "dispatch opens the work order",
    "passed_over": "the next in turn is offered it, and for everyone else there is a reason",
    "offer_refused": "he refuses, and the next one is asked",
    "offer_expired": "one does not answer in time, and the next one is asked",
    "assigned": "a technician accepts",
    "visit": "a visit window is agreed, and a double booking is refused",
    "arrived": "the technician arrives, the arrival clock stops",
    "quote_accepted": "out of warranty a quote is accepted, and the case is cleared",
    "waiver_approved": "a refused fee up to the limit is waived by the marketing vice-president",
    "waiver_rejected": "a refused fee above it goes to the general manager, who says no: the case is cancelled",
    "nobody_fits": "nobody fits: the order waits with priority",
    "cancelled": "a cancelled case cancels its work order",
    "parts_reserved": "parts reserves what the agent knew to be needed",
    "issue_refused": "nothing is issued before the work order is started",
    "parts_issued": "the technician prepares for the trip, which starts the order, and draws the part",
    "completed": "the repair is done and tried, hours and expenses are posted",
    "signed_off": "the customer signs and says how it was",
    "out_of_warranty": "the paid repair is done and signed for as well",
    "parts_short": "a part is missing: the rest of the way waits for a deposit and a claim order",
    "no_visit_without_parts": "no visit is agreed before its parts can be there",
    "deposit_paid": "the customer pays the deposit, the claim order is signed and placed",
    "part_arrived": "the part arrives, the reservation is made, and the visit is agreed",
    "deposit_refunded": "the part is fitted and the deposit refunded",
    "unfinished": "a visit ends unfinished with a reason, and another one is agreed",
    "taken_in": "what cannot be repaired on site is taken in against a receipt and returned against it",
    "survey_sent": "the customer gets a link by mail, and his address was asked for only then",
    "survey_answered": "he ticks four questions on the page, and is counted once",
    "revisit": "the customer is called the next day",
    "closed": "the case is closed with resolution, signature and settled deposit, and not before",
    "dissatisfied": "a bad answer opens the case again and is escalated",
    "warned": "the response clock warns before it is due",
    "breached": "the breach is announced on the second",
    "explained": "the clock explains what it counted",
    "escalated": "the supervisor is told by mail, and does not answer",
    "climbed": "the ladder climbs to the next level",
    "acknowledged": "who is told now acknowledges by the link in the mail, and nothing more is sent",
    "timeline": "one case tells its whole story across the services",
}
"""Key to what it means; in the order of the story."""


@dataclass(frozen=True)
class Step:
    """One thing that was shown: by which service, at which business time, and what exactly happened."""

    key: str
    service: str
    time: datetime
    what: str


class Shown:
    """The steps so far."""

    def __init__(self, *, tell: Callable[[Step], None]) -> None:
        self.steps: list[Step] = []
        self._tell = tell

    def step(self, key: str, *, service: str, time: datetime, what: str) -> None:
        """Note that a step was shown. A key that `STEPS` does not know is a mistake of the story."""
        step = Step(key=key, service=service, time=time, what=f"{STEPS[key]}: {what}")
        self.steps.append(step)
        self._tell(step)

    @property
    def missing(self) -> list[str]:
        """The keys of the steps that were not shown."""
        return [key for key in STEPS if key not in {step.key for step in self.steps}]
