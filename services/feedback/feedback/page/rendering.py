"""The survey page as HTML: templates beside this file, texts of the policy, headers that allow nothing else."""

import base64
import hashlib
from collections.abc import Mapping
from enum import Enum

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from feedback.domain.answers import COMMENT, SWITCH, Card
from feedback.domain.links import LinkUnknown, SurveyCounted, SurveyOver
from feedback.page.languages import LANGUAGES, in_language
from feedback.policy import FeedbackPolicy, Language
from shared.contracts.facts import Degree
from shared.policy.labels import Label
from shared.refusals import Refusal

EMPTY = Card(ticked={}, comment="", faults={}, is_sent=False)
"""A card that nobody has filled in yet."""


class Note(Enum):
    """What the page says where there is nothing to fill in: the field of the policy that holds its title."""

    THANKS = "thanks"
    COUNTED = "counted"
    EXPIRED = "expired"
    FORGED = "forged"
    UNAVAILABLE = "unavailable"


NOTES: Mapping[type[Refusal], Note] = {
    LinkUnknown: Note.FORGED,
    SurveyCounted: Note.COUNTED,
    SurveyOver: Note.EXPIRED,
}
"""What a customer reads when he cannot answer."""


class SurveyPage:
    """Built once in `app.py`; `policy` holds every text."""

    def __init__(self, policy: FeedbackPolicy) -> None:
        self._policy = policy
        self._templates = Environment(
            loader=PackageLoader("feedback.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._style = self._templates.get_template("style.css").render()
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self._headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
                "frame-ancestors 'none'"
            ),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",  # the address is the key to the card
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "X-Robots-Tag": "noindex, nofollow",
            "Vary": "Accept-Language",
        }

    def form(self, card: Card, *, order_number: str, language: Language, status: int = 200) -> HTMLResponse:
        """The card to be filled in, with what was entered before and what is wrong with it."""
        terms = self._policy.surveys
        return self._answer(
            "card.html",
            language=language,
            status=status,
            order_number=order_number,
            card=card,
            comment_field=COMMENT,
            switch_field=SWITCH,
            questions=self._labels(terms.questions, language=language),
            degrees=self._labels({degree: terms.degrees[degree] for degree in Degree}, language=language),
        )

    def note(self, note: Note, *, language: Language, status: int) -> HTMLResponse:
        """A page that says one thing."""
        return self._answer("note.html", language=language, status=status, order_number="", note=note.value)

    def _answer(
        self, template: str, *, language: Language, status: int, order_number: str, **shown: object
    ) -> HTMLResponse:
        other = next(other for other in LANGUAGES if other != language)
        page = self._templates.get_template(template).render(
            language=language,
            other=other,
            style=self._style,
            company=in_language(self._policy.company.name, language),
            hotline=self._policy.company.hotline,
            texts=self._texts(language, order_number=order_number),
            switch=in_language(self._policy.page.switch, other),
            **shown,
        )
        return HTMLResponse(page, status_code=status, headers=self._headers | {"Content-Language": language})

    def _texts(self, language: Language, *, order_number: str) -> dict[str, str]:
        page, company = self._policy.page, self._policy.company
        known = {
            "name": in_language(company.name, language),
            "hotline": company.hotline,
            "longest": self._policy.surveys.longest_comment,
            "number": order_number,
        }
        labels = {field: getattr(page, field) for field in type(page).model_fields}
        return {
            field: in_language(label, language).format(**known)
            for field, label in labels.items()
            if isinstance(label, Label)
        }

    def _labels[Code: str](self, labels: Mapping[Code, Label], *, language: Language) -> dict[Code, str]:
        return {code: in_language(label, language) for code, label in labels.items()}
