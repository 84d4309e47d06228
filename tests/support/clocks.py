"""Ledgers for tests."""

from datetime import datetime, timedelta

from shared.clocks.ledger import Entry, EntryKind, Ledger
from shared.clocks.terms import Mark, Terms
from shared.working_time import Calendar
from support.calendars import office, shanghai

MARKS = (Mark(percent=80), Mark(before=timedelta(minutes=30)))
VERSION = "0123456789ab"


def terms(*, allowed: timedelta = timedelta(hours=6), calendar: Calendar | None = None) -> Terms:
    """Six working hours in the office; waiting for the customer or the weather does not count."""
    return Terms(
        allowed=allowed,
        calendar=calendar or office(),
        pause_reasons=frozenset({"customer", "weather"}),
        marks=MARKS,
    )


def entry(kind: EntryKind, at: datetime, *, ref: str = "", reason: str = "") -> Entry:
    return Entry(kind=kind, at=at, ref=ref or kind, reason=reason or kind, policy_version=VERSION)


def story(*told: tuple[EntryKind, str] | tuple[EntryKind, str, str] | tuple[EntryKind, str, str, str]) -> Ledger:
    """A ledger from `(kind, "2026-06-01 09:00", ref, reason)` in Shanghai; ref and reason may be left out."""
    entries = []
    for kind, at, *rest in told:
        ref, reason = (*rest, "", "")[:2]
        entries.append(entry(kind, shanghai(at), ref=ref, reason=reason or "customer"))
    return Ledger.of(entries, terms=terms())
