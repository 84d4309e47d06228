"""Chapter six: the day after. The customer is asked, answers on the page, is called, and the case is closed."""

from datetime import timedelta

import httpx

from shared.contracts import feedback, intake, notifier
from testkit.clients import Document, Json, Refused, text
from testkit.demo.cast import Cast, address
from testkit.smtp_sink import Mail

QUARTER = timedelta(minutes=15)
QUESTIONS = ("attitude", "technique", "arrival_time", "promises")


def satisfied(cast: Cast, case: Document, *, serial_number: str) -> None:
    """A good answer, counted once, and a call the next day."""
    link = _asked(cast, case, serial_number=serial_number)
    _answer(link, degree="very_satisfied", comment="师傅技术很好")
    answered = cast.heard(feedback.SurveyAnswered, case)
    again = _answer(link, degree="very_dissatisfied", comment="").status_code
    told = ", ".join(f"{score.question}: {score.degree}" for score in answered.scores)
    cast.step("survey_answered", f"{told}; once more: {again}", service="feedback")
    _call_back(cast, case)


def dissatisfied(cast: Cast) -> None:
    """A bad answer: the case is opened again, and the supervisor is told until somebody answers."""
    case = cast.register("WH-1009")
    visit = cast.visited(case)
    technician = cast.at_work(visit.technician_id)
    technician.finish(visit.visit_id, order_id=visit.work_order_id, opinion="dissatisfied")
    link = _asked(cast, case, serial_number="WH-1009")
    _answer(link, degree="very_dissatisfied", comment="修了两次还是不热")
    raised = cast.heard(feedback.DissatisfactionRaised, case)
    reopened = cast.heard(intake.CaseReopened, case)
    escalated = cast.heard(notifier.EscalationRaised, case)
    what = f"{reopened.case_number}: {len(raised.questions)} bad answers, reopened, told to {escalated.role}"
    cast.step("dissatisfied", what, service="feedback")


def closed(cast: Cast, case: Document, *, unfinished: Document) -> None:
    """What is not done cannot be closed; what is done can."""
    open_path = f"/v1/cases/{unfinished['id']}"
    try:
        cast.agent.change(f"{open_path}/closure", {}, of=open_path)
    except Refused as refused:
        why = refused.answer.json()["detail"]
    else:
        raise RuntimeError("a case was closed that nobody had repaired")
    path = f"/v1/cases/{case['id']}"
    cast.agent.change(f"{path}/closure", {}, of=path)
    cast.heard(intake.CaseClosed, case)
    cast.step("closed", f"{case['number']} is closed; {unfinished['number']} not yet: {why}", service="intake")


def _asked(cast: Cast, case: Document, *, serial_number: str) -> str:
    """Live until the mail with the link has come; the link."""
    mails: list[Mail] = []
    while not mails:
        cast.time.advance_to_next(at_most=QUARTER)
        mails = [mail for mail in cast.mails_to(address(serial_number)) if "/survey/" in mail.text]
    requested = cast.heard(feedback.SurveyRequested, case)
    what = f"{requested.customer_label}: {mails[0].subject}"
    if serial_number == "WH-1001":
        cast.step("survey_sent", what, service="notifier")
    return requested.link


def _answer(link: str, *, degree: str, comment: str) -> httpx.Response:
    """As a customer does: open the page, tick, send."""
    with httpx.Client(timeout=30) as browser:
        browser.get(link)
        return browser.post(link, data=dict.fromkeys(QUESTIONS, degree) | {"comment": comment})


def _call_back(cast: Cast, case: Document) -> None:
    cast.time.advance_to(cast.next_day_at(10))
    due = cast.heard(feedback.RevisitDue, case)
    path = f"/v1/revisits/{due.revisit_id}"
    outcome: dict[str, Json] = {"outcome": "satisfied", "notes": "客户表示满意"}
    done = cast.caller.change(f"{path}/completion", outcome, of=path)
    cast.heard(feedback.RevisitCompleted, case)
    cast.step("revisit", f"{case['number']}: {text(done, 'outcome')}", service="feedback")
