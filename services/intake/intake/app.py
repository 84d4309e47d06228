"""The composition root: every object of intake is made here, in the order in which it is needed."""

from datetime import timedelta
from pathlib import Path

from intake.handlers import DueHandlers, Handlers, on_deposit, on_news, on_staff_changed
from intake.office import Office
from intake.policy import IntakePolicy
from intake.routes import calls, case_ends, cases, codes, customers, push, quotes, set_up, staff
from intake.routes.switchboard import Switchboard
from intake.settings import IntakeSettings
from intake.tables import ANSWERS, AUDIT, CLOCKS, DELIVERY, ERASED
from intake.use_cases.erase_customer import forget_customer
from intake.use_cases.forget_raw_pushes import forgetting_raw_pushes
from intake.use_cases.offer_quote import QUOTE_EXPIRES
from intake.use_cases.receive_call import CALL_SILENT
from intake.use_cases.response_clock import announce_clock
from shared.clocks.keeping import CLOCK_DEADLINE, Clocks
from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.contracts.dispatch import WorkOrderCompleted, WorkOrderSignedOff
from shared.contracts.feedback import DissatisfactionRaised
from shared.contracts.notifier import StaffChanged
from shared.contracts.parts import DepositEvent
from shared.erasure import Erasures
from shared.foundation import Foundation, Tables, lay_foundation
from shared.http.looking import audit_router, clocks_router
from shared.messaging.consumer import Consumers
from shared.messaging.deadlines import Deadlines
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.migrations import folder_of
from shared.policy import load_policy
from shared.process import Service
from shared.wiring import assemble

NAME = "intake"
MIGRATIONS = folder_of(Path(__file__).parent)
ROUTERS = (
    push.router,
    calls.router,
    cases.router,
    case_ends.router,
    quotes.router,
    customers.router,
    set_up.router,
    staff.router,
    codes.router,
)


def build(settings: IntakeSettings) -> Service:
    """Intake, ready to be run; nothing is connected yet. Raises PolicyError where its policy is wrong."""
    loaded = load_policy(IntakePolicy, settings.policy_file)
    tables = Tables(delivery=DELIVERY, answers=ANSWERS, audit=AUDIT)
    foundation = lay_foundation(NAME, settings=settings, tables=tables, policy_version=loaded.version)
    office = _office(foundation, policy=loaded.policy, version=loaded.version)
    service = assemble(
        foundation,
        summary="Takes calls, registers repairs, clears them for dispatch",
        routers=(*ROUTERS, clocks_router(office.clocks, tables=CLOCKS), audit_router(AUDIT)),
        consumers=consumers_of(office),
        deadlines=_deadlines(office),
        migrations=MIGRATIONS,
        erasures=office.erasures,
        forgets={"raw_push": forgetting_raw_pushes(kept=timedelta(days=settings.raw_pushes_kept_days))},
    )
    service.api.state.office = office
    service.api.state.switchboard = Switchboard(foundation.works, office=office)
    return service


def _office(foundation: Foundation, *, policy: IntakePolicy, version: str) -> Office:
    return Office(
        policy=policy,
        policy_version=version,
        keys=foundation.settings.key_ring,
        index=foundation.settings.blind_index,
        audit=foundation.audit,
        clocks=Clocks(CLOCKS, calendars=policy.calendars, policy_version=version, announce=announce_clock),
        erasures=Erasures(table=ERASED, answers=foundation.answers, forget=forget_customer),
    )


def consumers_of(office: Office) -> Consumers:
    """Everything that is about a case goes into its story; some of it also leads to the end of the case."""
    consumers = Consumers(service=NAME, topology=CATALOGUE_TOPOLOGY)
    for event in SUBSCRIPTIONS[NAME]:
        if issubclass(event, DepositEvent):
            consumers.on(event, on_deposit)
        else:
            consumers.gather(event, on_news)
    handlers = Handlers(office=office)
    consumers.on(WorkOrderCompleted, handlers.on_work_order_completed)
    consumers.on(WorkOrderSignedOff, handlers.on_work_order_signed_off)
    consumers.on(DissatisfactionRaised, handlers.on_dissatisfaction_raised)
    consumers.on(StaffChanged, on_staff_changed)
    return consumers


def _deadlines(office: Office) -> Deadlines:
    due = DueHandlers(office=office)
    deadlines = Deadlines()
    deadlines.on(QUOTE_EXPIRES, due.on_quote_expires)
    deadlines.on(CALL_SILENT, due.on_call_silent)
    deadlines.on(CLOCK_DEADLINE, office.clocks.fire)
    return deadlines
