"""The composition root: every object of parts is made here, in the order in which it is needed."""

from datetime import timedelta
from pathlib import Path

from parts.desk import Desk
from parts.handlers import Handlers
from parts.intake import Intake
from parts.policy import PartsPolicy
from parts.routes import (
    action_items,
    catalogue,
    claim_orders,
    costs,
    deposits,
    discrepancies,
    goods_returns,
    guidance,
    internal,
    old_parts,
    payments,
    places,
    purchase_orders,
    purchase_requests,
    quotations,
    reports,
    requests,
    return_shipments,
    stock,
    supplier_cases,
    supplier_notices,
    supplier_service,
    suppliers,
    takes,
    tool_loans,
    tool_purchases,
    tools,
)
from parts.settings import PartsSettings
from parts.tables import ANSWERS, AUDIT, CLOCKS, DELIVERY, ERASED
from parts.use_cases.announce_clock import announce
from parts.use_cases.forget_customer import forget_customer
from parts.use_cases.forget_reports import forgetting_reports
from parts.use_cases.hear_payment import PAYMENT_DEADLINE
from parts.use_cases.keep_parts import EXPIRY_DEADLINE
from parts.use_cases.lend_tool import TOOL_DEADLINE
from parts.use_cases.move_stock import FREED_DEADLINE
from parts.use_cases.promise_day import PROMISE_DEADLINE
from parts.use_cases.publish_report import REPORT_DEADLINE
from parts.use_cases.settle_deposit import DUE_DEADLINE
from parts.use_cases.tell_customer import CHASE_DEADLINE
from parts.use_cases.urge_department import ACTION_DEADLINE
from shared.clocks.keeping import CLOCK_DEADLINE, Clocks
from shared.contracts.dispatch import (
    ItemTakenIn,
    PartsRequested,
    WorkOrderCancelled,
    WorkOrderCompleted,
    WorkOrderStarted,
)
from shared.contracts.intake import CaseOpened, CustomerErased
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

NAME = "parts"
MIGRATIONS = folder_of(Path(__file__).parent)


def build(settings: PartsSettings) -> Service:
    """Parts, ready to be run; nothing is connected yet. Raises PolicyError where its policy is wrong."""
    loaded = load_policy(PartsPolicy, settings.policy_file)
    tables = Tables(delivery=DELIVERY, answers=ANSWERS, audit=AUDIT)
    foundation = lay_foundation(NAME, settings=settings, tables=tables, policy_version=loaded.version)
    policy, version = loaded.policy, loaded.version
    clocks = Clocks(CLOCKS, calendars=policy.calendars, policy_version=version, announce=announce)
    desk = Desk(
        policy=policy,
        policy_version=version,
        clocks=clocks,
        audit=foundation.audit,
        keys=settings.key_ring,
        index=settings.blind_index,
        secrets=settings.secrets_of_providers,
    )
    erasures = Erasures(table=ERASED, answers=foundation.answers, forget=forget_customer)
    handlers = Handlers(desk, erasures=erasures)
    service = assemble(
        foundation,
        summary="Reserves and issues spare parts, orders what is missing, holds deposits",
        routers=(
            requests.router,
            claim_orders.router,
            deposits.router,
            payments.router,
            old_parts.router,
            quotations.router,
            goods_returns.router,
            stock.router,
            places.router,
            takes.router,
            internal.router,
            costs.router,
            reports.router,
            discrepancies.router,
            catalogue.router,
            guidance.router,
            suppliers.router,
            purchase_requests.router,
            purchase_orders.router,
            action_items.router,
            supplier_notices.router,
            supplier_cases.router,
            supplier_service.router,
            return_shipments.router,
            tools.router,
            tool_loans.router,
            tool_purchases.router,
            clocks_router(clocks, tables=CLOCKS),
            audit_router(AUDIT),
        ),
        consumers=consumers_of(handlers),
        deadlines=deadlines_of(handlers, clocks=clocks),
        migrations=MIGRATIONS,
        erasures=erasures,
        forgets={"payment_report": forgetting_reports(kept=timedelta(days=settings.payment_reports_kept_days))},
    )
    service.api.state.desk = desk
    service.api.state.intake = Intake(settings.intake_url)
    return service


def consumers_of(handlers: Handlers) -> Consumers:
    """What parts hears."""
    consumers = Consumers(service=NAME, topology=CATALOGUE_TOPOLOGY)
    consumers.on(PartsRequested, handlers.on_parts_requested)
    consumers.on(WorkOrderStarted, handlers.on_work_order_started)
    consumers.on(WorkOrderCompleted, handlers.on_work_order_completed)
    consumers.on(WorkOrderCancelled, handlers.on_work_order_cancelled)
    consumers.on(ItemTakenIn, handlers.on_item_taken_in)
    consumers.on(CaseOpened, handlers.on_case_opened)
    consumers.on(CustomerErased, handlers.on_customer_erased)
    return consumers


def deadlines_of(handlers: Handlers, *, clocks: Clocks) -> Deadlines:
    """What parts does at a time."""
    deadlines = Deadlines()
    deadlines.on(DUE_DEADLINE, handlers.on_deposit_due)
    deadlines.on(PAYMENT_DEADLINE, handlers.on_payment_heard)
    deadlines.on(EXPIRY_DEADLINE, handlers.on_reservation_due)
    deadlines.on(CHASE_DEADLINE, handlers.on_chase_due)
    deadlines.on(FREED_DEADLINE, handlers.on_pieces_freed)
    deadlines.on(PROMISE_DEADLINE, handlers.on_promise_due)
    deadlines.on(REPORT_DEADLINE, handlers.on_month_over)
    deadlines.on(ACTION_DEADLINE, handlers.on_action_due)
    deadlines.on(TOOL_DEADLINE, handlers.on_tool_due)
    deadlines.on(CLOCK_DEADLINE, clocks.fire)
    return deadlines
