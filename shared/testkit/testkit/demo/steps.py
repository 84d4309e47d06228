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
    "warned": "the response clock warns before it is due",
    "breached": "the breach is announced on the second",
    "explained": "the clock explains what it counted",
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
