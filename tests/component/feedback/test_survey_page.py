"""The survey page in a real browser, as customers use it: on a phone, at a desk, by keyboard, in both languages."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import uvicorn
from selenium.webdriver.common.keys import Keys

from shared.contracts.feedback import DissatisfactionRaised, SurveyAnswered, SurveyRequested
from support.aftercare import QUESTIONS, AftercareDesk, open_aftercare, signed_off
from support.browser import DESK, PHONE, Browser
from support.waiting import eventually
from testkit.servers.ports import free_port
from testkit.servers.postgres import Postgres

type Size = tuple[int, int]


@pytest.fixture
async def served(postgres: Postgres, feedback_template: str, tmp_path: Path) -> AsyncIterator[AftercareDesk]:
    """A feedback whose page a browser of this machine can open."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with open_aftercare(postgres, template=feedback_template, home=tmp_path, public_url=url) as desk:
        server = uvicorn.Server(uvicorn.Config(desk.service.api, port=port, log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve())

        async def started() -> bool:
            return server.started

        await eventually(started)
        yield desk
        server.should_exit = True
        await serving


async def link_of(desk: AftercareDesk) -> str:
    """What a customer is sent after a repair."""
    order = signed_off()
    await desk.hear(order)
    await desk.path_of_link(order)
    return (await desk.said(SurveyRequested))[-1].link


async def browse(act: Callable[[Browser], None], *, size: Size = PHONE, language: str = "zh-CN") -> None:
    """Have a person do something in a browser, while the service answers."""

    def person() -> None:
        with Browser.running(size=size, language=language) as browser:
            act(browser)

    await asyncio.to_thread(person)


@pytest.mark.rule("R366")
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_customer_ticks_four_questions_writes_a_line_and_is_thanked(
    served: AftercareDesk, size: Size, language: str
) -> None:
    link = await link_of(served)
    name = f"{size[0]}-{language}"

    def customer(browser: Browser) -> None:
        browser.open(link)
        assert browser.one("html").get_attribute("lang") == language
        assert ("维修单" if language == "zh-CN" else "Work order") in browser.text()
        assert browser.overflow() <= 0
        assert browser.too_small_for_fingers() == []
        browser.picture(f"{name}-empty")
        for question in QUESTIONS[:3]:
            browser.tick(question, "very_satisfied")
        browser.leave_by(browser.one("button.send").click)
        assert browser.ticked() == dict.fromkeys(QUESTIONS[:3], "very_satisfied")
        assert [one.get_attribute("id") for one in browser.all(".wrong")] == ["promises-field"]
        assert ("请选择一项" if language == "zh-CN" else "Please choose one") in browser.text("#promises-field")
        assert browser.overflow() <= 0
        assert browser.too_small_for_fingers() == []
        browser.picture(f"{name}-incomplete")
        browser.tick("promises", "satisfied")
        browser.one("textarea").send_keys("师傅很细心 / careful work")
        browser.leave_by(browser.one("button.send").click)
        assert ("谢谢" if language == "zh-CN" else "Thank you") in browser.text("h1")
        browser.picture(f"{name}-thanks")
        assert browser.driver.get_cookies() == []
        browser.open(link)
        assert ("已经评价" if language == "zh-CN" else "already answered") in browser.text("h1")
        browser.picture(f"{name}-counted")
        assert browser.complaints() == []

    await browse(customer, size=size, language=language)
    [answered] = await served.said(SurveyAnswered)
    assert {score.question: str(score.degree) for score in answered.scores} == dict.fromkeys(
        QUESTIONS, "very_satisfied"
    ) | {"promises": "satisfied"}
    [survey] = (await served.get("/v1/surveys?state=answered"))["items"]
    assert survey["language"] == language
    comment = await served.get(f"/v1/surveys/{survey['id']}/comment?purpose=survey")
    assert comment["text"] == "师傅很细心 / careful work"


async def test_changing_the_language_half_way_keeps_what_was_entered(served: AftercareDesk) -> None:
    link = await link_of(served)

    def customer(browser: Browser) -> None:
        browser.open(link)
        browser.tick("attitude", "dissatisfied")
        browser.one("textarea").send_keys("迟到了半小时")
        browser.leave_by(browser.one(".switch").click)
        assert browser.text("h1") == "How was your repair?"
        assert browser.ticked() == {"attitude": "dissatisfied"}
        assert browser.one("textarea").get_attribute("value") == "迟到了半小时"
        assert browser.all(".wrong, .faults") == []
        for question in QUESTIONS[1:]:
            browser.tick(question, "satisfied")
        browser.leave_by(browser.one("button.send").click)
        assert "Thank you" in browser.text("h1")
        assert browser.complaints() == []

    await browse(customer)
    [raised] = await served.said(DissatisfactionRaised)
    assert raised.questions == ("attitude",)


async def test_the_card_can_be_filled_in_and_sent_by_keyboard_alone(served: AftercareDesk) -> None:
    link = await link_of(served)

    def customer(browser: Browser) -> None:
        browser.open(link)
        keys = browser.driver.switch_to
        browser.one("body").send_keys(Keys.TAB)  # the language
        assert keys.active_element.get_attribute("class") == "switch"
        for _ in QUESTIONS:
            keys.active_element.send_keys(Keys.TAB)
            keys.active_element.send_keys(Keys.SPACE)
            keys.active_element.send_keys(Keys.ARROW_RIGHT)
        assert browser.ticked() == dict.fromkeys(QUESTIONS, "satisfied")
        browser.leave_by(lambda: keys.active_element.send_keys(Keys.ENTER))
        assert "Thank you" in browser.text("h1")

    await browse(customer, size=DESK, language="en")
    assert len(await served.said(SurveyAnswered)) == 1


async def test_a_link_that_was_cut_short_says_what_to_do(served: AftercareDesk) -> None:
    link = await link_of(served)

    def customer(browser: Browser) -> None:
        browser.open(link[:-9])
        assert browser.text("h1") == "链接无效"
        browser.picture("360-zh-CN-forged")
        browser.leave_by(browser.one(".switch").click)
        assert browser.text("h1") == "This link does not work"
        assert browser.one(".foot a").get_attribute("href") == "tel:4008200000"
        assert browser.overflow() <= 0
        assert browser.complaints() == []

    await browse(customer)
