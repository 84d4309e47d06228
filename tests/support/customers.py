"""What customers do after a repair: open their mail, tick the page behind the link, answer the telephone."""

from datetime import timedelta

import httpx

from shared.contracts import feedback
from support.company import Company
from support.repairs import Repair
from testkit.clients import Json

QUESTIONS = ("attitude", "technique", "arrival_time", "promises")
QUARTER = timedelta(minutes=15)


def link_in_the_mail(company: Company, case: Repair) -> str:
    """Wait until the customer has his mail; the link that stands in it."""
    address = str(company.contact(case)["email"])
    while not (links := [link for mail in company.mails_to(address) for link in mail.links if "/survey/" in link]):
        company.time.advance_to_next(at_most=QUARTER)
    return links[0]


def tick(link: str, *, degree: str, comment: str = "谢谢") -> httpx.Response:
    """Open the page, give every question the same degree, say something, send."""
    with httpx.Client(timeout=30) as browser:
        assert browser.get(link).is_success
        return browser.post(link, data=dict.fromkeys(QUESTIONS, degree) | {"comment": comment})


def call_the_day_after(company: Company, case: Repair, *, notes: str = "一切正常") -> feedback.RevisitCompleted:
    """R361: an agent calls when the revisit is due; he is satisfied, and says so in the words of `notes`."""
    company.time.advance_to(company.at(11, days=1))
    path = f"/v1/revisits/{case.heard(feedback.RevisitDue).revisit_id}"
    done: dict[str, Json] = {"outcome": "satisfied", "notes": notes}
    company.caller.change(f"{path}/completion", done, of=path)
    return case.heard(feedback.RevisitCompleted)
