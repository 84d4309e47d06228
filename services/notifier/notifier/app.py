"""The composition root: every object of notifier is made here, in the order in which it is needed."""

from pathlib import Path

from notifier.courier import CONNECTIONS, Courier
from notifier.desk import Desk
from notifier.handlers import Handlers
from notifier.mail.page import Page
from notifier.policy import NotifierPolicy
from notifier.routes import escalations, messages, page, staff
from notifier.settings import NotifierSettings
from notifier.tables import ANSWERS, AUDIT, DELIVERY, ERASED
from notifier.use_cases.climb_ladder import ANSWER_DEADLINE
from notifier.use_cases.forget_customer import forget_customer
from notifier.use_cases.write_message import GIVE_UP_DEADLINE, RETRY_DEADLINE
from shared.contracts.catalogue import SUBSCRIPTIONS
from shared.contracts.intake import CustomerErased
from shared.erasure import Erasures
from shared.foundation import Foundation, Tables, lay_foundation
from shared.http.looking import audit_router
from shared.messaging.consumer import Consumers
from shared.messaging.deadlines import Deadlines
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.migrations import folder_of, migrations_current
from shared.policy import load_policy
from shared.process import Service
from shared.security.links import LinkSigner
from shared.wiring import assemble

NAME = "notifier"
MIGRATIONS = folder_of(Path(__file__).parent)


def build(settings: NotifierSettings) -> Service:
    """Notifier, ready to be run; nothing is connected yet. Raises PolicyError where its policy is wrong."""
    loaded = load_policy(NotifierPolicy, settings.policy_file)
    tables = Tables(delivery=DELIVERY, answers=ANSWERS, audit=AUDIT)
    foundation = lay_foundation(
        NAME, settings=settings, tables=tables, policy_version=loaded.version, beside=CONNECTIONS
    )
    desk = Desk(
        policy=loaded.policy,
        policy_version=loaded.version,
        keys=settings.key_ring,
        index=settings.blind_index,
        links=LinkSigner(settings.blind_index, purpose="acknowledgement"),
        audit=foundation.audit,
    )
    erasures = Erasures(table=ERASED, answers=foundation.answers, forget=forget_customer)
    handlers = Handlers(desk, erasures=erasures)
    courier = courier_of(foundation, settings=settings, desk=desk)
    service = assemble(
        foundation,
        summary="Carries messages and escalations to the right person until somebody answers",
        routers=(staff.router, messages.router, escalations.router, page.router, audit_router(AUDIT)),
        consumers=consumers_of(handlers),
        deadlines=deadlines_of(handlers),
        migrations=MIGRATIONS,
        erasures=erasures,
        companions={"courier": courier},
    )
    service.api.state.desk = desk
    service.api.state.page = Page(loaded.policy)
    service.api.state.handlers, service.api.state.courier = handlers, courier
    return service


def courier_of(foundation: Foundation, *, settings: NotifierSettings, desk: Desk) -> Courier:
    """Whoever carries messages to the mail server."""

    async def has_schema() -> bool:
        return await migrations_current(foundation.database, folder=MIGRATIONS)

    return Courier(
        settings=settings,
        desk=desk,
        works=foundation.works_behind,
        tracing=foundation.tracing,
        registry=foundation.registry,
        schema_is_current=has_schema,
    )


def consumers_of(handlers: Handlers) -> Consumers:
    """What notifier hears: what of it is told to whom is policy."""
    consumers = Consumers(service=NAME, topology=CATALOGUE_TOPOLOGY)
    for event in SUBSCRIPTIONS[NAME]:
        consumers.gather(event, handlers.on_event)
    consumers.on(CustomerErased, handlers.on_customer_erased)
    return consumers


def deadlines_of(handlers: Handlers) -> Deadlines:
    """What notifier does at a time."""
    deadlines = Deadlines()
    deadlines.on(ANSWER_DEADLINE, handlers.on_answer_due)
    deadlines.on(RETRY_DEADLINE, handlers.on_retry_due)
    deadlines.on(GIVE_UP_DEADLINE, handlers.on_give_up_due)
    return deadlines
