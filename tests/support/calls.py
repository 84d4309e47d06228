"""Contact centres of a test, each a push source of its own."""

from uuid import uuid4

from support.company import Company
from testkit.clients import Document, Json, items, text
from testkit.contact_centre import TwilioCentre, ZammadCentre

SECRET = "token-of-the-contact-centre"


def source(company: Company, *, adapter: str) -> Document:
    """A push source that calls intake directly."""
    wanted: dict[str, Json] = {"name": f"s-{uuid4().hex[:12]}", "adapter": adapter, "secret": SECRET, "country": "CN"}
    wanted["public_base"] = company.suite.services["intake"].url
    return company.admins["intake"].create("/v1/push-sources", wanted)


def zammad(company: Company) -> ZammadCentre:
    """A switchboard with its token in the path."""
    made = source(company, adapter="zammad")
    return ZammadCentre(company.clients.stranger("intake"), f"/v1/push/zammad/{made['id']}/{SECRET}")


def twilio(company: Company) -> TwilioCentre:
    """A cloud account that signs."""
    made = source(company, adapter="twilio")
    return TwilioCentre(company.clients.stranger("intake"), url=text(made, "push_url"), auth_token=SECRET)


def answered_call(company: Company, *, number: str) -> str:
    """Somebody calls, an agent answers; the id of the call as the agent finds it."""
    centre = zammad(company)
    for event in ZammadCentre.call(f"call-{uuid4().hex}", caller=number):
        centre.push(event).raise_for_status()
    (found,) = items(company.agent.read("/v1/calls", number=number))
    return text(found, "id")
