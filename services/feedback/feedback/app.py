"""The composition root: every object of feedback is made here, in the order in which it is needed."""

from pathlib import Path

from feedback.desk import Desk
from feedback.handlers import Handlers
from feedback.page.rendering import SurveyPage
from feedback.policy import FeedbackPolicy
from feedback.routes import revisits, satisfaction, survey_page, surveys
from feedback.settings import FeedbackSettings
from feedback.tables import ANSWERS, AUDIT, DELIVERY, ERASED
from feedback.use_cases.forget_customer import forget_customer
from feedback.use_cases.plan_revisit import REVISIT_DEADLINE
from feedback.use_cases.plan_survey import SURVEY_DEADLINE
from shared.contracts.dispatch import ItemReturned, WorkOrderSignedOff
from shared.contracts.intake import CaseClosed, CustomerErased
from shared.erasure import Erasures
from shared.foundation import Tables, lay_foundation
from shared.http.looking import audit_router
from shared.messaging.consumer import Consumers
from shared.messaging.deadlines import Deadlines
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.migrations import folder_of
from shared.policy import load_policy
from shared.process import Service
from shared.security.links import LinkSigner
from shared.wiring import assemble

NAME = "feedback"
MIGRATIONS = folder_of(Path(__file__).parent)


def build(settings: FeedbackSettings) -> Service:
    """Feedback, ready to be run; nothing is connected yet. Raises PolicyError where its policy is wrong."""
    loaded = load_policy(FeedbackPolicy, settings.policy_file)
    tables = Tables(delivery=DELIVERY, answers=ANSWERS, audit=AUDIT)
    foundation = lay_foundation(NAME, settings=settings, tables=tables, policy_version=loaded.version)
    desk = Desk(
        policy=loaded.policy,
        policy_version=loaded.version,
        keys=settings.key_ring,
        links=LinkSigner(settings.blind_index, purpose="survey"),
        public_url=settings.public_url,
        audit=foundation.audit,
        erasures=Erasures(table=ERASED, answers=foundation.answers, forget=forget_customer),
    )
    service = assemble(
        foundation,
        summary="Calls customers again after the repair and asks how it was",
        routers=(revisits.router, surveys.router, satisfaction.router, survey_page.router, audit_router(AUDIT)),
        consumers=consumers_of(desk),
        deadlines=deadlines_of(desk),
        migrations=MIGRATIONS,
        erasures=desk.erasures,
    )
    service.api.state.desk = desk
    service.api.state.survey_page = SurveyPage(loaded.policy)
    return service


def consumers_of(desk: Desk) -> Consumers:
    """What feedback hears."""
    handlers = Handlers(desk)
    consumers = Consumers(service=NAME, topology=CATALOGUE_TOPOLOGY)
    consumers.on(WorkOrderSignedOff, handlers.on_work_order_signed_off)
    consumers.on(ItemReturned, handlers.on_item_returned)
    consumers.on(CaseClosed, handlers.on_case_closed)
    consumers.on(CustomerErased, handlers.on_customer_erased)
    return consumers


def deadlines_of(desk: Desk) -> Deadlines:
    """What feedback does at a time."""
    handlers = Handlers(desk)
    deadlines = Deadlines()
    deadlines.on(REVISIT_DEADLINE, handlers.on_revisit_due)
    deadlines.on(SURVEY_DEADLINE, handlers.on_survey_due)
    return deadlines
