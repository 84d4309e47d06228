"""The composition root: every object of dispatch is made here, in the order in which it is needed."""

from pathlib import Path

from dispatch.desk import Desk
from dispatch.handlers import Handlers
from dispatch.policy import DispatchPolicy
from dispatch.routes import attendance, items, offers, parts_requests, technicians, visit_steps, visits, work_orders
from dispatch.settings import DispatchSettings
from dispatch.tables import ANSWERS, AUDIT, CLOCKS, DELIVERY, ERASED
from dispatch.use_cases.arrival_clock import announce
from dispatch.use_cases.find_technician import OFFER_DEADLINE, RETRY_DEADLINE
from dispatch.use_cases.forget_customer import forget_customer
from dispatch.use_cases.serve_waiting import WAITING_DEADLINE
from shared.clocks.keeping import CLOCK_DEADLINE, Clocks
from shared.contracts.intake import CaseCancelled, CaseCleared, CaseHeld, CaseReopened, CaseResumed, CustomerErased
from shared.contracts.parts import (
    ClaimOrderPlaced,
    DepositPaid,
    DepositRequired,
    DepositWaived,
    PartsIssued,
    PartsReserved,
    PartsReturned,
    PartsShort,
    PartsUnavailable,
    ReservationExpired,
    StoreWorkRecorded,
)
from shared.erasure import Erasures
from shared.foundation import Tables, lay_foundation
from shared.http.looking import audit_router, clocks_router
from shared.messaging.consumer import Consumers
from shared.messaging.deadlines import Deadlines
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.migrations import folder_of
from shared.policy import load_policy
from shared.process import Service
from shared.wiring import assemble

NAME = "dispatch"
MIGRATIONS = folder_of(Path(__file__).parent)


def build(settings: DispatchSettings) -> Service:
    """Dispatch, ready to be run; nothing is connected yet. Raises PolicyError where its policy is wrong."""
    loaded = load_policy(DispatchPolicy, settings.policy_file)
    policy, version = loaded.policy, loaded.version
    tables = Tables(delivery=DELIVERY, answers=ANSWERS, audit=AUDIT)
    foundation = lay_foundation(NAME, settings=settings, tables=tables, policy_version=version)
    clocks = Clocks(CLOCKS, calendars=policy.calendars, policy_version=version, announce=announce)
    erasures = Erasures(table=ERASED, answers=foundation.answers, forget=forget_customer)
    desk = Desk(
        policy=policy,
        policy_version=version,
        clocks=clocks,
        audit=foundation.audit,
        keys=settings.key_ring,
        erasures=erasures,
    )
    service = assemble(
        foundation,
        summary="Turns cleared cases into work orders, technicians and visits",
        routers=(
            work_orders.router,
            offers.router,
            visits.router,
            visit_steps.router,
            items.router,
            parts_requests.router,
            technicians.router,
            attendance.router,
            clocks_router(clocks, tables=CLOCKS),
            audit_router(AUDIT),
        ),
        consumers=consumers_of(desk),
        deadlines=deadlines_of(desk),
        migrations=MIGRATIONS,
        erasures=erasures,
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
    consumers.on(CaseReopened, handlers.on_case_reopened)
    consumers.on(CustomerErased, handlers.on_customer_erased)
    consumers.on(PartsReserved, handlers.on_parts_answer)
    consumers.on(PartsShort, handlers.on_parts_answer)
    consumers.on(PartsUnavailable, handlers.on_parts_answer)
    consumers.on(ReservationExpired, handlers.on_parts_answer)
    consumers.on(ClaimOrderPlaced, handlers.on_parts_answer)
    consumers.on(PartsIssued, handlers.on_parts_answer)
    consumers.on(PartsReturned, handlers.on_parts_answer)
    consumers.on(DepositRequired, handlers.on_parts_answer)
    consumers.on(DepositPaid, handlers.on_parts_answer)
    consumers.on(DepositWaived, handlers.on_parts_answer)
    consumers.on(StoreWorkRecorded, handlers.on_store_work_recorded)
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
