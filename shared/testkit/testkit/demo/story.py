"""The story that the demo lives: calls, cases, work orders, offers, visits and clocks, through the front doors only."""

from testkit.demo.calls import forgery, twilio_call, zammad_call
from testkit.demo.cases import quote_accepted, repair_in_warranty, waiver_approved, waiver_rejected
from testkit.demo.cast import Cast
from testkit.demo.clocks import clock_runs_out, timeline
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
    quote_accepted(cast, other_call)
    waiver_approved(cast)
    waiver_rejected(cast)
    nobody_fits(cast)
    cancelled(cast)
    offer_expired(cast)
    clock_runs_out(cast)
    timeline(cast, case)
