"""A broken promise is carried from one to the next until somebody answers."""

from datetime import timedelta

import httpx
import pytest

from shared.contracts import intake, notifier
from support.company import Company
from support.repairs import Repair
from testkit.smtp_sink import Behaviour, Mail

QUARTER = timedelta(minutes=15)


def about(company: Company, address: str, case: Repair) -> list[Mail]:
    number = str(case.read()["number"])
    return [mail for mail in company.mails_to(address) if number in mail.subject + mail.text and acknowledge_link(mail)]


def told(company: Company, address: str, subject: str) -> int:
    return sum(mail.subject.startswith(subject) for mail in company.mails_to(address))


def acknowledge_link(mail: Mail) -> str | None:
    return next((link for link in mail.links if "/acknowledge/" in link), None)


def broken_promise(company: Company) -> Repair:
    """Nobody calls the customer back within the hour."""
    company.technician()
    case = company.register()
    case.assigned()
    company.time.advance(timedelta(minutes=65))
    case.heard(intake.ClockBreached)
    return case


@pytest.mark.rule("R430")
def test_a_breach_climbs_from_the_supervisor_to_the_director_who_acknowledges_by_the_link(company: Company) -> None:
    supervisor, director, manager = (
        company.member(role) for role in ("cs_supervisor", "aftersales_director", "general_manager")
    )
    case = broken_promise(company)
    assert case.heard(notifier.EscalationRaised).level == 1
    assert about(company, supervisor, case)
    assert not about(company, director, case)
    while not about(company, director, case):
        company.time.advance_to_next(at_most=QUARTER)
    [mail] = about(company, director, case)
    with httpx.Client(timeout=30) as browser:
        link = acknowledge_link(mail)
        assert link is not None
        assert browser.get(link).is_success
        company.time.settle()
        assert "notifier.escalation_acknowledged.v1" not in case.told()
        assert browser.post(link).is_success
    assert case.heard(notifier.EscalationAcknowledged).via == "link"
    so_far = [len(about(company, address, case)) for address in (supervisor, director, manager)]
    company.time.advance(timedelta(hours=5))
    assert [len(about(company, address, case)) for address in (supervisor, director, manager)] == so_far
    assert so_far == [1, 1, 0]


@pytest.mark.rule("R229")
def test_what_will_not_be_ready_in_time_calls_for_help_until_the_customer_has_it_again(company: Company) -> None:
    workshop, supervisor = company.member("workshop_manager"), company.member("cs_supervisor")
    company.technician()
    case = company.register()
    on_site, promised = case.at_the_unit(), company.at(15)
    item = on_site.take_in(promised=promised)
    number = case.order()["number"]
    warned, late = f"取回件时限提醒：{number}（", f"取回件超时：{number}"
    assert (told(company, workshop, warned), told(company, supervisor, warned)) == (0, 0)
    company.time.advance_to(promised - timedelta(hours=2))
    assert (told(company, workshop, warned), told(company, supervisor, warned)) == (1, 1)
    company.time.advance_to(promised)
    assert (told(company, workshop, late), told(company, supervisor, late)) == (1, 0)
    on_site.give_back(item)
    company.time.settle()
    company.time.advance(timedelta(hours=2))
    assert (told(company, workshop, late), told(company, supervisor, late)) == (1, 0)


def test_a_mail_server_that_refuses_for_now_loses_and_doubles_no_mail(company: Company) -> None:
    supervisor = company.member("cs_supervisor")
    company.suite.mails.behave(Behaviour.REFUSE_FOR_NOW, to=supervisor)
    case = broken_promise(company)
    case.heard(notifier.EscalationRaised)
    company.suite.mails.behave(Behaviour.TAKE)
    while not about(company, supervisor, case):
        company.time.advance_to_next(at_most=QUARTER)
    assert len(about(company, supervisor, case)) == 1
