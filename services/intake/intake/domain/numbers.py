"""Telephone numbers as callers, exchanges and agents write them (报修电话)."""

import re
from dataclasses import dataclass
from typing import Literal

import phonenumbers

from shared.refusals import Refusal

ANONYMOUS = "anonymous"
WHOLE_NUMBER = 10
"""Digits of a number with its area code; of a shorter one less is shown."""
TOO_SHORT_TO_SHOW = 3

_WITHHELD = frozenset(
    {"", ANONYMOUS, "restricted", "unknown", "unavailable", "private", "withheld", "blocked", "+266696687"},
)
"""What exchanges send for a caller who hides his number; the last is how Twilio spells the word on a keypad."""

_SIP = re.compile(r"^sips?:([^@;]*)(?:[@;].*)?$", re.IGNORECASE)
_NOT_DIALLED = re.compile(r"[^0-9+*#a-z]")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """`raw` as it came, `normal` what two spellings of one number share, `label` what may be shown to anybody.

    `kind` is `public` for a number in E.164 form, `other` for a short number (95598), an extension or anything else
    that an exchange lets through, and `anonymous` for a caller who hides his number; he alone has no `normal`.
    """

    raw: str
    kind: Literal["public", "other", "anonymous"]
    normal: str | None
    label: str


def read_number(raw: str, *, country: str) -> PhoneNumber:
    """Any text that a call may carry becomes a number; nothing is refused.

    `country` is the ISO code of the country whose dialling rules apply to numbers without a country code.
    """
    written = raw.strip()
    if sip := _SIP.match(written):
        written = sip[1]
    if written.casefold() in _WITHHELD:
        return PhoneNumber(raw=raw, kind="anonymous", normal=None, label=ANONYMOUS)
    if (parsed := _parse(written, country=country)) is not None:
        normal = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        return PhoneNumber(raw=raw, kind="public", normal=normal, label=_label(parsed, country=country))
    normal = _NOT_DIALLED.sub("", written.casefold()) or written
    return PhoneNumber(raw=raw, kind="other", normal=normal, label=_mask(normal))


def require_dialable(raw: str, *, country: str) -> PhoneNumber:
    """The number under which a customer can be called back (R053, R066).

    Raises `Refusal` (`number_not_dialable`) for anything but a whole public number: a hidden caller, a short service
    number such as 95598, or digits that no telephone has.
    """
    number = read_number(raw, country=country)
    if number.kind != "public":
        raise Refusal(
            "number_not_dialable",
            detail="This is not a number under which a customer can be called back.",
            expected=f"a complete public telephone number of {country}, or one with its country code, "
            "for instance 13800138000 or +8613800138000",
        )
    return number


def _parse(written: str, *, country: str) -> phonenumbers.PhoneNumber | None:
    """The public number that the text stands for, if any."""
    try:
        parsed = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def _label(parsed: phonenumbers.PhoneNumber, *, country: str) -> str:
    """`138****8000`; a number of another country keeps its country code: `+1415****5309`."""
    national = phonenumbers.national_significant_number(parsed)
    abroad = parsed.country_code != phonenumbers.country_code_for_region(country)
    return (f"+{parsed.country_code}" if abroad else "") + _mask(national)


def _mask(digits: str) -> str:
    """Three first and four last characters at most, and always more hidden than a third."""
    if len(digits) >= WHOLE_NUMBER:
        return f"{digits[:3]}****{digits[-4:]}"
    return "****" + digits[-2:] if len(digits) > TOO_SHORT_TO_SHOW else "****"
