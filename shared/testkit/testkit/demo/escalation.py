"""Chapter seven: a broken promise climbs the ladder until somebody answers."""

from datetime import timedelta

import httpx

from shared.contracts import notifier
from testkit.clients import Document
from testkit.demo.cast import Cast
from testkit.smtp_sink import Mail

SUPERVISOR, DIRECTOR, MANAGER = "zhao.min@example.com", "tao.sun@example.com", "wu.gang@example.com"
QUARTER = timedelta(minutes=15)
LONG = timedelta(hours=4)


def climbs(cast: Cast, case: Document) -> None:
    """The supervisor is told and does not answer; the director does, with one tap."""
    raised = cast.heard(notifier.EscalationRaised, case)
    told = _about(cast, SUPERVISOR, case)[-1]
    cast.step("escalated", f"{told.subject}, to the {raised.role}", service="notifier")
    climbed = _next_level(cast, case)
    mail = _about(cast, DIRECTOR, case)[-1]
    cast.step("climbed", f"level {climbed.level}, {climbed.role}: {mail.subject}", service="notifier")
    with httpx.Client(timeout=30) as browser:
        (link,) = [link for link in mail.links if "/acknowledge/" in link]
        browser.get(link).raise_for_status()
        browser.post(link).raise_for_status()
    done = cast.heard(notifier.EscalationAcknowledged, case)
    cast.time.advance(LONG)
    if not _about(cast, MANAGER, case):
        what = f"{done.staff_number} answered at level {done.level}; hours later nobody else was told"
        cast.step("acknowledged", what, service="notifier")


def _next_level(cast: Cast, case: Document) -> notifier.EscalationRaised:
    """Live until the ladder has climbed."""
    while not (climbed := [one for one in cast.all_heard(notifier.EscalationRaised, case) if one.level > 1]):
        cast.time.advance_to_next(at_most=QUARTER)
    return climbed[0]


def _about(cast: Cast, address: str, case: Document) -> list[Mail]:
    """The mails to the address that name the case, in the order in which they came."""
    return [mail for mail in cast.mails_to(address) if str(case["number"]) in mail.subject + mail.text]
