"""The page behind the link of a message: one big button, or what became of it."""

from functools import partial

from notifier.domain.forms import Language
from notifier.domain.texts import fill
from notifier.mail.writing import templates
from notifier.policy import NotifierPolicy
from notifier.use_cases.open_link import ANSWERABLE, Link, LinkState
from notifier.wording import said

NAMES = {Language.CHINESE: "中文", Language.ENGLISH: "English"}
UNKNOWN = "unknown"


class Page:
    """Shows links in the words of the policy."""

    def __init__(self, policy: NotifierPolicy) -> None:
        self._policy = policy
        self._template = templates().get_template("page.html")

    def of(self, link: Link | None, *, language: Language) -> str:
        """The page; None is a link that is not ours."""
        word = partial(self._policy.word, language=language)
        subject = text = ""
        if link is not None and link.route is not None and link.state in ANSWERABLE:
            subject = fill(said(link.route.subject, language=language), facts=link.facts, word=word)
            text = fill(said(link.route.text, language=language), facts=link.facts, word=word)
        state = UNKNOWN if link is None else link.state.value
        notice = self._notice(link, language=language)
        return self._rendered(state, subject=subject, text=text, notice=notice, language=language)

    def unavailable(self, *, language: Language) -> str:
        """The page where nothing could be looked up."""
        notice = said(self._policy.wording.page_unavailable, language=language)
        return self._rendered(UNKNOWN, subject="", text="", notice=notice, language=language)

    def _rendered(self, state: str, *, subject: str, text: str, notice: str, language: Language) -> str:
        wording, other = self._policy.wording, _other(language)
        return self._template.render(
            language=language.value,
            title=said(wording.page_title, language=language),
            company=said(self._policy.company.name, language=language),
            state=state,
            subject=subject,
            text=text,
            notice=notice,
            button=said(wording.acknowledge, language=language),
            other_language=other.value,
            other_language_name=NAMES[other],
        )

    def _notice(self, link: Link | None, *, language: Language) -> str:
        wording = self._policy.wording
        label = wording.page_unknown
        facts: dict[str, object] = {}
        if link is not None:
            of_state = {
                LinkState.OPEN: wording.page_open,
                LinkState.EXHAUSTED: wording.page_exhausted,
                LinkState.DONE: wording.page_done,
                LinkState.OVER: wording.page_over,
                LinkState.EXPIRED: wording.page_expired,
            }
            label, facts = of_state[link.state], {"name": link.done_by, "at": link.done_at}
        return fill(said(label, language=language), facts=facts, word=partial(self._policy.word, language=language))


def _other(language: Language) -> Language:
    return Language.ENGLISH if language is Language.CHINESE else Language.CHINESE
