"""A ledger says the same for every order and repetition of its entries, and what a minute counter says."""

from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clocks.ledger import Entry, Ledger
from support.calendars import shanghai
from support.clocks import entry, terms
from support.minute_counter import MinuteCounter

MINUTE = timedelta(minutes=1)
BEGIN = shanghai("2026-02-12 00:00")
END = BEGIN + timedelta(days=14)
moments = st.integers(0, 6 * 1440).map(lambda minutes: BEGIN + minutes * MINUTE)
refs = st.sampled_from(["one", "two", "three"])
reasons = st.sampled_from(["customer", "weather", "nothing in particular"])


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    told = [entry("start", draw(moments))]
    told += draw(
        st.lists(st.builds(lambda at, ref, why: entry("pause", at, ref=ref, reason=why), moments, refs, reasons))
    )
    told += draw(st.lists(st.builds(lambda at, ref: entry("resume", at, ref=ref), moments, refs)))
    told += draw(st.lists(st.builds(lambda at: entry("stop", at), moments), max_size=1))
    return told


@given(entries(), st.data())
def test_order_and_repetition_change_nothing(told: list[Entry], data: st.DataObject) -> None:
    repeated = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=4))))
    one, other = Ledger.of(told, terms=terms()), Ledger.of(repeated, terms=terms())
    assert one.marks() == other.marks()
    assert one.pauses == other.pauses
    assert one.elapsed(END) == other.elapsed(END)


@settings(max_examples=40)
@given(entries(), moments)
def test_elapsed_and_due_agree_with_counting_minutes(told: list[Entry], at: datetime) -> None:
    ledger = Ledger.of(told, terms=terms())
    counted = running_minutes(told)
    assert ledger.elapsed(at) == sum(counted[: (at - BEGIN) // MINUTE]) * MINUTE
    unstopped = accumulate(running_minutes([told_entry for told_entry in told if told_entry.kind != "stop"]))
    used_up = [number for number, so_far in enumerate(unstopped) if so_far == 6 * 60][:1]
    expected = [BEGIN + (number + 1) * MINUTE for number in used_up]
    assert [due for due in [ledger.due()] if due and due <= END] == expected


@cache
def working_minutes() -> list[bool]:
    return MinuteCounter(terms().calendar, since=BEGIN, until=END).working


def running_minutes(told: list[Entry]) -> list[bool]:
    """Minute by minute: working time, started, not stopped, and in no pause that counts."""
    started = min(told_entry.at for told_entry in told if told_entry.kind == "start")
    stopped = min((told_entry.at for told_entry in told if told_entry.kind == "stop"), default=END)
    paused: set[int] = set()
    for ref in ("one", "two", "three"):
        begun = sorted((e.at, e.reason) for e in told if e.kind == "pause" and e.ref == ref)
        ended = min((e.at for e in told if e.kind == "resume" and e.ref == ref), default=END)
        if begun and begun[0][1] in {"customer", "weather"}:
            paused |= set(range((begun[0][0] - BEGIN) // MINUTE, (ended - BEGIN) // MINUTE))
    return [
        open_ and started <= BEGIN + number * MINUTE < stopped and number not in paused
        for number, open_ in enumerate(working_minutes())
    ]
