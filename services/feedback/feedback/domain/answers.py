"""What a customer sends back: read from a form as any browser, or anybody, may fill it in."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.facts import Degree, Score

COMMENT = "comment"
"""The field of the form for words of his own (R363)."""

SWITCH = "switch"
"""The button that shows the same card in the other language and sends nothing."""

INVISIBLE = frozenset({"Cc", "Cs"})
"""Control characters and halves of surrogate pairs: no customer types them, and not everything can store them."""


class Fault(StrEnum):
    """What is wrong with a field."""

    UNANSWERED = "unanswered"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card as it was filled in so far: the degrees that were ticked, the comment, and what is wrong, by field."""

    ticked: Mapping[str, Degree]
    comment: str
    faults: Mapping[str, Fault]
    is_sent: bool

    @property
    def counts(self) -> bool:
        """Whether it was sent, and can be counted as it is."""
        return self.is_sent and not self.faults

    @property
    def scores(self) -> tuple[Score, ...]:
        """One score for each question that was answered, in the order of the questions."""
        return tuple(Score(question=question, degree=degree) for question, degree in self.ticked.items())


def read_card(form: Mapping[str, str], *, questions: Collection[str], longest_comment: int) -> Card:
    """The card of a form: every question has to be answered by one of the four degrees (R366), the comment need not.

    Nothing is wrong with a card that was not sent: its customer looks at it in another language. What the form has
    besides is not looked at. `longest_comment` counts characters.
    """
    known = {str(degree): degree for degree in Degree}
    ticked = {question: known[form[question]] for question in questions if form.get(question) in known}
    comment = _plain(form.get(COMMENT, ""))
    is_sent = SWITCH not in form
    faults = {question: Fault.UNANSWERED for question in questions if question not in ticked}
    if len(comment) > longest_comment:
        faults[COMMENT] = Fault.TOO_LONG
    return Card(ticked=ticked, comment=comment, faults=faults if is_sent else {}, is_sent=is_sent)


def _plain(text: str) -> str:
    """The text with line ends as they are counted, and without characters that nobody can see."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "".join(one for one in lines if one in "\n\t" or unicodedata.category(one) not in INVISIBLE)
