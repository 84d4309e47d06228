"""What has to be there before parts leave the store, and where removed parts lie."""

from pydantic import Field

from parts.domain.drawing import BeforeStart
from parts.domain.issuing import Additions, Leaving, Needed, Packing, Presenting, Terms
from parts.domain.old_parts import FaultySerials
from shared.policy import Policy
from shared.policy.labels import Labels

SITE_SHIPMENT_CLOCK = "site_shipment"
"""The promise of R232 for what goes to the site directly."""
SHIPPED = "shipped"
"""For what it waits while what was ordered is on its way: a pause reason of that promise."""


class IssuingPolicy(Policy):
    """The counter of the store (R313, R257, R198)."""

    order: Presenting = Field(description="`required`: the team names the number of the order it presents; `optional`")
    before_start: BeforeStart = Field(
        description="what may leave for an order that is not started (R314): `nothing`, or for `emergencies` (R240)"
    )
    kits: Packing = Field(description="`before_departure`: packed before the trip; `at_the_counter`")
    additions: Additions = Field(description="`confirmed` by the front desk before they are drawn (二次增项); `free`")
    leaving: Leaving = Field(description="`whole_kit`: all that is kept for a request leaves at once; `in_parts`")
    shipped_from: Needed = Field(
        description="where the clock `shipment` of a started order begins (R232): `asked_for`, or `complete`"
    )
    return_reasons: Labels = Field(min_length=1, description="why pieces come back unused")
    loss_reasons: Labels = Field(min_length=1, description="why drawn pieces are written off (R295)")
    old_part_locations: Labels = Field(min_length=1, description="racks and boxes, never bays or aisles (R296)")
    faulty_serials: FaultySerials = Field(
        description="`in_warranty`: a removed piece of a serial-tracked part is handed in by its number; `optional`"
    )
    old_part_clearings: Labels = Field(min_length=1, description="what becomes of removed parts")

    @property
    def terms(self) -> Terms:
        return Terms(presenting=self.order, packing=self.kits, additions=self.additions, leaving=self.leaving)
