"""The story that the demo lives: from the call to the satisfied customer, through the front doors only."""

from testkit.demo.aftercare import closed, dissatisfied, satisfied
from testkit.demo.calls import forgery, twilio_call, zammad_call
from testkit.demo.cases import quote_accepted, repair_in_warranty, waiver_approved, waiver_rejected
from testkit.demo.cast import Cast
from testkit.demo.clocks import clock_runs_out, timeline
from testkit.demo.escalation import climbs
from testkit.demo.repairs import happy_repair, paid_repair, short_part, taken_in, unfinished_visit
from testkit.demo.work_orders import cancelled, find_technician, nobody_fits, offer_expired


def live(cast: Cast) -> None:
    """From an empty suite to the end of the story. Each step is noted once it has happened."""
    cast.wait_for_a_working_morning()
    cast.set_up()
    call = zammad_call(cast)
    other_call = twilio_call(cast)
    forgery(cast)
    case = repair_in_warranty(cast, call)
    find_technician(cast, case)
    happy_repair(cast, case)
    paid_repair(cast, quote_accepted(cast, other_call))
    waived = waiver_approved(cast)
    waiver_rejected(cast)
    nobody_fits(cast)
    cancelled(cast)
    offer_expired(cast)
    satisfied(cast, case, serial_number="WH-1001")
    closed(cast, case, unfinished=waived)
    short_part(cast)
    unfinished_visit(cast)
    taken_in(cast)
    dissatisfied(cast)
    climbs(cast, clock_runs_out(cast))
    timeline(cast, case)
