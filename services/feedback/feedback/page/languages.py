"""Which language a reader is shown: the one that he chose, else the one that his browser asks for."""

from typing import get_args

from feedback.policy import Language
from shared.policy.labels import Label

LANGUAGES: tuple[Language, ...] = get_args(Language.__value__)


def language_of(chosen: str | None, *, accepted: str, default: Language) -> Language:
    """`chosen` is what `?lang=` says, `accepted` the header Accept-Language (RFC 9110); without either, `default`."""
    for language in LANGUAGES:
        if chosen == language:
            return language
    wishes = sorted((wish for part in accepted.split(",") if (wish := _wish(part))), key=lambda wish: -wish[0])
    return wishes[0][1] if wishes else default


def in_language(label: Label, language: Language) -> str:
    """The text of a label."""
    return label.zh_cn if language == "zh-CN" else label.en


def _wish(part: str) -> tuple[float, Language] | None:
    """How much a language is wanted, `zh-TW;q=0.8` as much as `zh-CN`; None for one that there is not."""
    tag, _, weight = part.strip().partition(";")
    primary = tag.strip().partition("-")[0].lower()
    found = next((language for language in LANGUAGES if language.partition("-")[0] == primary), None)
    try:
        wanted = float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return None
    return (wanted, found) if found is not None and 0 < wanted <= 1 else None
