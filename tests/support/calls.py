"""Contact centres of a test, each a push source of its own."""

from uuid import uuid4

from support.company import Company
from testkit.clients import items, text
from testkit.contact_centre import TwilioCentre, ZammadCentre, at_intake


def zammad(company: Company) -> ZammadCentre:
    """A switchboard with its token in the path."""
    return at_intake(ZammadCentre, admin=company.admins["intake"], client=company.clients.stranger("intake"))


def twilio(company: Company) -> TwilioCentre:
    """A cloud account that signs."""
    return at_intake(TwilioCentre, admin=company.admins["intake"], client=company.clients.stranger("intake"))


def answered_call(company: Company, *, number: str) -> str:
    """Somebody calls, an agent answers; the id of the call as the agent finds it."""
    centre = zammad(company)
    for event in ZammadCentre.call(f"call-{uuid4().hex}", caller=number):
        centre.push(event).raise_for_status()
    (found,) = items(company.agent.read("/v1/calls", number=number))
    return text(found, "id")
