"""The day after: the customer is asked, counted once, called, and heard where he is not satisfied."""

from datetime import timedelta

import httpx
import pytest

from shared.contracts import dispatch, feedback, intake, notifier
from support.company import Company
from support.customers import QUESTIONS, call_the_day_after, link_in_the_mail, tick


@pytest.mark.rule("R364", "R366")
def test_a_customer_answers_the_link_in_his_mail_and_is_counted_once(company: Company) -> None:
    company.technician()
    case = company.register()
    case.repaired()
    link = link_in_the_mail(company, case)
    assert tick(link, degree="very_satisfied").is_success
    answered = case.heard(feedback.SurveyAnswered)
    assert {score.question for score in answered.scores} == set(QUESTIONS)
    with httpx.Client(timeout=30) as browser:
        again = browser.post(link, data=dict.fromkeys(QUESTIONS, "very_dissatisfied"))
    assert again.is_client_error
    told = case.told()
    assert told.count("feedback.survey_answered.v1") == 1
    assert "feedback.dissatisfaction_raised.v1" not in told


def test_a_bad_answer_reopens_the_case_escalates_and_leads_to_a_further_visit(company: Company) -> None:
    technician = company.technician()
    supervisor = company.member("cs_supervisor")
    case = company.register()
    case.repaired()
    assert case.step("closure")["state"] == "closed"
    assert tick(link_in_the_mail(company, case), degree="very_dissatisfied").is_success
    case.heard(feedback.DissatisfactionRaised)
    case.heard(intake.CaseReopened)
    escalated = case.heard(notifier.EscalationRaised)
    assert escalated.role == "cs_supervisor"
    assert any(str(case.read()["number"]) in mail.subject + mail.text for mail in company.mails_to(supervisor))
    assert case.read()["state"] == "reopened"

    case.step("further-visit")
    offer = case.heard(dispatch.TechnicianOffered, turn=2)
    technician.accept(offer)
    second = case.heard(dispatch.WorkOrderOpened, turn=2)
    assert second.round == 2
    company.time.settle()
    on_site = case.visited_by(technician, begin=company.time.now() + timedelta(minutes=30))
    technician.work.complete(on_site.visit_id)
    technician.work.sign_off(on_site.order_id, opinion="very_satisfied")
    company.time.settle()
    assert case.step("closure")["state"] == "closed"


@pytest.mark.rule("R361", "R358")
def test_the_customer_is_called_the_next_day(company: Company) -> None:
    company.technician()
    case = company.register()
    case.repaired()
    assert call_the_day_after(company, case).outcome == "satisfied"
