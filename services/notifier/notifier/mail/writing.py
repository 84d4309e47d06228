"""A mail as it is sent: text and HTML, in the language of whoever reads it. Written at the moment of sending."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifier.desk import Desk
from notifier.domain.texts import fill, value_at
from notifier.use_cases.claim_messages import Addressee, Contents, Errand
from notifier.wording import said
from shared.policy.labels import Label


class Button(NamedTuple):
    """What there is to press, and where it leads."""

    label: str
    url: str


def templates() -> Environment:
    """Everything that notifier writes in HTML; what is put in is escaped."""
    return Environment(
        loader=PackageLoader("notifier", "mail"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Writer:
    """Writes mails. `public_url` is where people reach notifier's page, `sender` the address that mails come from."""

    def __init__(self, *, desk: Desk, public_url: str, sender: str) -> None:
        self._desk = desk
        self._public_url = public_url.rstrip("/")
        self._sender = sender
        self._html = templates().get_template("mail.html")

    def write(self, errand: Errand, *, contents: Contents, to: Addressee) -> EmailMessage:
        """The mail. Raises ValueError where the address can stand in no header.

        The Message-ID is the same at every attempt: whoever receives the mail twice can tell.
        """
        policy = self._desk.policy
        word = partial(policy.word, language=to.language)
        subject = _one_line(fill(_said(contents.route.subject, to), facts=contents.facts, word=word))
        text = fill(_said(contents.route.text, to), facts=contents.facts, word=word)
        greeting = fill(_said(policy.wording.greeting, to), facts={"name": to.name}, word=str)
        button, note = self._button(errand.message_id, contents=contents, to=to), None
        if contents.answer_by is not None:
            asked = _said(policy.wording.asked_to_acknowledge, to)
            note = fill(asked, facts={"answer_by": contents.answer_by}, word=word)
        signature = f"{_said(policy.company.name, to)} · {_said(policy.wording.signature, to)}"
        mail = self._envelope(errand, subject=subject, to=to)
        parts = [greeting, text, note, f"{button.label}: {button.url}" if button else None, f"-- \n{signature}"]
        mail.set_content("\n\n".join(part for part in parts if part) + "\n")
        html = self._html.render(
            language=to.language.value,
            company=_said(policy.company.name, to),
            subject=subject,
            greeting=greeting,
            paragraphs=text.split("\n"),
            note=note,
            button=button,
            signature=signature,
        )
        mail.add_alternative(html, subtype="html")
        return mail

    def _envelope(self, errand: Errand, *, subject: str, to: Addressee) -> EmailMessage:
        name, domain = _said(self._desk.policy.company.name, to), self._sender.rpartition("@")[2]
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Address(_one_line(name), addr_spec=self._sender)
        mail["To"] = Address(_one_line(to.name), addr_spec=to.email)
        mail["Subject"] = subject
        mail["Date"] = format_datetime(errand.taken_at)
        mail["Message-ID"] = f"<{errand.message_id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: answering machines keep quiet
        mail["Content-Language"] = to.language.value
        return mail

    def _button(self, message_id: UUID, *, contents: Contents, to: Addressee) -> Button | None:
        if contents.link_expires_at is not None:
            token = self._desk.links.token(message_id, expires_at=contents.link_expires_at)
            return Button(_said(self._desk.policy.wording.acknowledge, to), f"{self._public_url}/acknowledge/{token}")
        action = contents.route.action
        if action is None or not (url := value_at(contents.facts, action.field)):
            return None
        return Button(_said(action.label, to), str(url))


def _said(label: Label, to: Addressee) -> str:
    return said(label, language=to.language)


def _one_line(text: str) -> str:
    return " ".join(text.split())
