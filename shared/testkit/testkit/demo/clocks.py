"""Chapter four: a promise is broken, and a case tells its whole story."""

from datetime import datetime, timedelta
from uuid import UUID

from shared.contracts import intake
from testkit.clients import Document, items, text
from testkit.demo.cast import SHANGHAI, Cast


def clock_runs_out(cast: Cast) -> Document:
    """Nobody calls the customer back. Half an hour before closing time: the night does not count."""
    evening = cast.next_day_at(17)
    cast.time.advance_to(evening)
    case = cast.register("WH-1005")
    cast.accept(cast.offered(case))
    case_id = UUID(text(case, "id"))
    cast.time.advance_to(evening + timedelta(hours=16, minutes=15))
    warned = cast.watcher.wait_for(intake.ClockWarned, where=lambda event: event.case_id == case_id)
    breached = cast.watcher.wait_for(intake.ClockBreached, where=lambda event: event.case_id == case_id)
    due = breached.clock.due_at.astimezone(SHANGHAI)
    cast.step("warned", f"{case['number']}: mark {warned.mark}", service="intake")
    cast.step("breached", f"{case['number']}: due at {due:%Y-%m-%d %H:%M:%S}", service="intake")
    clock = cast.agent.read(f"/v1/clocks/{breached.clock.clock_id}")
    stretches = items(clock, "intervals")
    told = "; ".join(
        f"{_local(text(one, 'since'))} to {_local(text(one, 'until'))} {one['why']}" for one in stretches[:6]
    )
    cast.step("explained", told, service="intake")
    return case


def timeline(cast: Cast, case: Document) -> None:
    """One case, told across the services."""
    cast.time.settle()
    entries = items(cast.agent.read(f"/v1/cases/{case['id']}/timeline"), "happenings")
    services = sorted({text(entry, "service") for entry in entries})
    if services == ["dispatch", "feedback", "intake", "notifier", "parts"]:
        what = f"{case['number']} has {len(entries)} entries from {' and '.join(services)}"
        cast.step("timeline", what, service="intake")


def _local(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(SHANGHAI):%H:%M}"
