"""Who takes part in the demo, and what they do again and again."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts import dispatch, intake
from testkit.business_time import BusinessTime
from testkit.clients import Document, Json, Person, items, text
from testkit.demo.set_up import certificates, push_sources, staff, technicians, units
from testkit.demo.steps import Shown
from testkit.demo.watcher import Watcher
from testkit.suite import Suite

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Cast:
    """The people of the demo with their tokens, the clock that they live by, and what was set up."""

    def __init__(self, suite: Suite, *, watcher: Watcher, shown: Shown) -> None:
        self.suite = suite
        self.watcher = watcher
        self._shown = shown
        self.agent = Person(suite.client("intake", role="agent", subject="agent-li"))
        self.dispatcher = Person(suite.client("dispatch", role="dispatcher", subject="dispatcher-qian"))
        services = {name: suite.client(name, role="admin") for name in suite.services}
        self.admins = {name: Person(client) for name, client in services.items()}
        self.time = BusinessTime(services)

    def step(self, key: str, what: str, *, service: str) -> None:
        """Note that a step of the story was shown, now."""
        self._shown.step(key, service=service, time=self.time.now(), what=what)

    def wait_for_a_working_morning(self) -> None:
        """Nine o'clock on a Wednesday that is not a holiday: promises run in working time."""
        now = self.time.now().astimezone(SHANGHAI)
        morning = now.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
        while morning.weekday() != 2 or morning.month in {1, 2, 5, 10}:  # noqa: PLR2004  # where the long holidays lie
            morning += timedelta(days=1)
        self.time.advance_to(morning)

    def set_up(self) -> None:
        """Enter staff, units, push sources, technicians and certificates, as a newcomer would: from spreadsheets."""
        today = self.time.now().astimezone(SHANGHAI).date()
        admin = self.admins["intake"]
        admin.upload("/v1/staff/import", staff())
        admin.upload("/v1/units/import", units(today))
        admin.upload("/v1/push-sources/import", push_sources(self.suite.services["intake"].url))
        self.admins["dispatch"].upload("/v1/technicians/import", technicians())
        self.admins["dispatch"].upload("/v1/certificates/import", certificates(today))
        self.sources = {text(source, "name"): source for source in items(admin.read("/v1/push-sources"))}
        known = items(self.dispatcher.read("/v1/technicians"))
        self.technicians = {text(one, "id"): text(one, "name") for one in known}
        self.staff = {text(one, "id"): text(one, "staff_number") for one in known}
        self.step(
            "set_up", f"{len(self.technicians)} technicians, {len(self.sources)} push sources", service="dispatch"
        )

    def register(self, serial_number: str, *, phone: str | None = None, **more: Json) -> Document:
        """An agent fills in the form of a repair; a customer of its own for each, with a number of its own."""
        customer: Mapping[str, Json] = {
            "name": f"客户 {serial_number}",
            "phones": [phone or f"1360013{serial_number[-4:]}"],
        }
        form: dict[str, Json] = {
            "customer": customer,
            "site": {"district": "xuhui", "address": "漕溪北路 1 号"},
            "serial_number": serial_number,
            "problem_code": "no_function",
            "description": "开机无反应",
            **more,
        }
        return self.agent.create("/v1/cases", form)

    def cleared(self, case: Document) -> intake.CaseCleared:
        """Wait until the case may be dispatched."""
        case_id = UUID(text(case, "id"))
        return self.watcher.wait_for(intake.CaseCleared, where=lambda event: event.case_id == case_id)

    def offered(self, case: Document, *, turn: int = 1) -> dispatch.TechnicianOffered:
        """The offer number `turn` of the case's work order."""
        case_id = UUID(text(case, "id"))
        seen: list[UUID] = []

        def is_it(event: dispatch.TechnicianOffered) -> bool:
            if event.case_id == case_id and event.offer_id not in seen:
                seen.append(event.offer_id)
            return event.case_id == case_id and seen.index(event.offer_id) == turn - 1

        return self.watcher.wait_for(dispatch.TechnicianOffered, where=is_it)

    def technician(self, offer: dispatch.TechnicianOffered) -> Person:
        """The technician whose turn it is."""
        staff_number = self.staff[str(offer.technician_id)]
        return Person(self.suite.client("dispatch", role="technician", subject=staff_number))

    def name(self, technician_id: UUID) -> str:
        """What people call him."""
        return self.technicians[str(technician_id)]

    def accept(self, offer: dispatch.TechnicianOffered) -> dispatch.TechnicianAssigned:
        """The technician says yes."""
        self.technician(offer).create(f"/v1/offers/{offer.offer_id}/acceptance", {})
        return self.watcher.wait_for(
            dispatch.TechnicianAssigned, where=lambda event: event.work_order_id == offer.work_order_id
        )
