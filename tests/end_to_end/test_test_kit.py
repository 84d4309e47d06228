"""What the test kit hands out to teams that test their own services against the suite."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args
from uuid import uuid4

import httpx
import pytest

from intake.push.adapters import ADAPTERS
from shared.contracts import intake
from testkit.aftersales import Aftersales
from testkit.attached import AttachedSuite, MailPage, places
from testkit.clients import text
from testkit.contact_centre import CENTRES, ContactCentre, TwilioCentre, TwilioWay, ZammadCentre, ZammadWay
from testkit.suite import Suite
from testkit.watcher import NothingHeard

ZAMMAD_WAYS, TWILIO_WAYS = get_args(ZammadWay.__value__), get_args(TwilioWay.__value__)
CALLER = "+8613900139000"


def require_call(aftersales: Aftersales[Suite], centre: ContactCentre) -> None:
    """A forged push is refused; a call that is pushed is heard of when it has ended."""
    call_id = f"CA{uuid4().hex}"
    pushes = centre.call(call_id, caller=CALLER)
    assert centre.forge(pushes[0]).status_code == httpx.codes.UNAUTHORIZED
    assert {centre.push(event).status_code for event in pushes} == {httpx.codes.OK}
    ended = aftersales.wait_for(intake.CallEnded, where=lambda event: is_call(aftersales, event, call_id))
    assert ended.outcome == "answered"


def is_call(aftersales: Aftersales[Suite], event: intake.CallEnded, call_id: str) -> bool:
    agent = aftersales.person("intake", role="agent")
    return agent.read(f"/v1/calls/{event.call_id}")["provider_call_id"] == call_id


def test_every_format_that_intake_accepts_has_its_contact_centre() -> None:
    assert set(CENTRES.values()) == ADAPTERS.keys()


@pytest.mark.parametrize("way", ZAMMAD_WAYS)
def test_a_zammad_centre_is_believed_in_every_way_and_a_forger_in_none(
    aftersales: Aftersales[Suite], way: ZammadWay
) -> None:
    require_call(aftersales, replace(aftersales.contact_centre(ZammadCentre), way=way))


@pytest.mark.parametrize("way", TWILIO_WAYS)
def test_a_twilio_account_is_believed_in_every_way_and_a_forger_in_none(
    aftersales: Aftersales[Suite], way: TwilioWay
) -> None:
    require_call(aftersales, replace(aftersales.contact_centre(TwilioCentre), way=way))


def test_an_event_is_waited_for_by_the_values_of_its_fields(aftersales: Aftersales[Suite]) -> None:
    centre = aftersales.contact_centre(ZammadCentre)
    centre.push(centre.call(f"c-{uuid4().hex}", caller=CALLER)[0])
    heard = aftersales.wait_for(intake.CallReceived)
    assert aftersales.wait_for(intake.CallReceived, where={"call_id": str(heard.call_id)}) is heard
    with pytest.raises(NothingHeard, match=r"no such intake\.call_received\.v1"):
        aftersales.wait_for(intake.CallReceived, where={"call_id": uuid4()}, within=0)
    with pytest.raises(TypeError, match="has no number; it has call_id"):
        aftersales.wait_for(intake.CallReceived, where={"number": "1"})


def test_a_suite_that_runs_already_is_attached_to_by_its_addresses(aftersales: Aftersales[Suite]) -> None:
    addresses = " ".join(f"{name}={aftersales.url(name)}" for name in aftersales.suite.services)
    key_file = aftersales.suite.home / "jwt-key.json"
    attached = AttachedSuite(places(addresses), mails=MailPage("http://127.0.0.1:1"), key_file=key_file)
    with Aftersales[AttachedSuite].using(attached, broker_url=aftersales.broker_url) as handed_out:
        before = handed_out.time.now()
        handed_out.time.advance(timedelta(minutes=1))
        assert handed_out.time.now() >= before + timedelta(minutes=1)
        centre = handed_out.contact_centre(ZammadCentre)
        centre.push(centre.call(f"c-{uuid4().hex}", caller=CALLER)[0]).raise_for_status()
        heard = handed_out.wait_for(intake.CallReceived)
        read = handed_out.person("intake", role="agent").read(f"/v1/calls/{heard.call_id}")
    assert text(read, "provider") == "zammad"
