"""The composition root: every object of dispatch is made here, in the order in which it is needed."""

from pathlib import Path

from dispatch.desk import Desk
from dispatch.handlers import Handlers
from dispatch.policy import DispatchPolicy
from dispatch.routes import attendance, offers, technicians, visits, work_orders
from dispatch.settings import DispatchSettings
from dispatch.tables import ANSWERS, AUDIT, CLOCKS, DELIVERY
from dispatch.use_cases.arrival_clock import announce
from dispatch.use_cases.find_technician import OFFER_DEADLINE, RETRY_DEADLINE
from dispatch.use_cases.serve_waiting import WAITING_DEADLINE
from shared.clocks.keeping import CLOCK_DEADLINE, Clocks
from shared.contracts.intake import CaseCancelled, CaseCleared, CaseHeld, CaseResumed
from shared.http.looking import audit_router, clocks_router
from shared.messaging.consumer import Consumers
from shared.messaging.deadlines import Deadlines
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.policy import load_policy
from shared.process import Service
from shared.wiring import Tables, assemble, lay_foundation

NAME = "dispatch"
MIGRATIONS = Path(__file__).parents[1] / "migrations"


def build(settings: DispatchSettings) -> Service:
    """Dispatch, ready to be run; nothing is connected yet. Raises PolicyError where its policy is wrong."""
    loaded = load_policy(DispatchPolicy, settings.policy_file)
    policy, version = loaded.policy, loaded.version
    tables = Tables(delivery=DELIVERY, answers=ANSWERS, audit=AUDIT)
    foundation = lay_foundation(NAME, settings=settings, tables=tables, policy_version=version)
    clocks = Clocks(CLOCKS, calendars=policy.calendars, policy_version=version, announce=announce)
    desk = Desk(policy=policy, policy_version=version, clocks=clocks, audit=foundation.audit)
    service = assemble(
        foundation,
        summary="Turns cleared cases into work orders, technicians and visits",
        routers=(
            work_orders.router,
            offers.router,
            visits.router,
            technicians.router,
            attendance.router,
            clocks_router(clocks, tables=CLOCKS),
            audit_router(AUDIT),
        ),
        consumers=consumers_of(desk),
        deadlines=deadlines_of(desk),
        migrations=MIGRATIONS,
    )
    service.api.state.desk = desk
    return service


def consumers_of(desk: Desk) -> Consumers:
    """What dispatch hears."""
    handlers = Handlers(desk)
    consumers = Consumers(service=NAME, topology=CATALOGUE_TOPOLOGY)
    consumers.on(CaseCleared, handlers.on_case_cleared)
    consumers.on(CaseCancelled, handlers.on_case_cancelled)
    consumers.on(CaseHeld, handlers.on_case_held)
    consumers.on(CaseResumed, handlers.on_case_resumed)
    return consumers


def deadlines_of(desk: Desk) -> Deadlines:
    """What dispatch does at a time."""
    handlers = Handlers(desk)
    deadlines = Deadlines()
    deadlines.on(OFFER_DEADLINE, handlers.on_offer_due)
    deadlines.on(RETRY_DEADLINE, handlers.on_retry_due)
    deadlines.on(WAITING_DEADLINE, handlers.on_waiting_due)
    deadlines.on(CLOCK_DEADLINE, desk.clocks.fire)
    return deadlines
