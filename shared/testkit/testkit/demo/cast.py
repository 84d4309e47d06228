"""Who takes part in the demo, and what they do again and again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts import dispatch, feedback, intake
from shared.contracts import parts as parts_said
from shared.contracts.notifier import EscalationEvent
from testkit.at_work import TechnicianAtWork
from testkit.business_time import BusinessTime
from testkit.clients import Document, Json, Person, items, text
from testkit.demo.set_up import certificates, parts, push_sources, staff, stock, technicians, units
from testkit.demo.steps import Shown
from testkit.running import RunningSuite
from testkit.smtp_sink import Mail
from testkit.watcher import Watcher

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENS, CLOSES = 9, 16
SATURDAY = 5
LONG_HOLIDAYS = {1, 2, 5, 10}
"""Months in which the long holidays lie."""

type CaseNews = (
    intake.CaseEvent | dispatch.WorkOrderEvent | parts_said.PartsEvent | feedback.AftercareEvent | EscalationEvent
)


def is_usual(day: datetime) -> bool:
    """Whether people work on this day as on any other."""
    return day.weekday() < SATURDAY and day.month not in LONG_HOLIDAYS


def address(serial_number: str) -> str:
    """The mail address of the customer with this unit."""
    return f"customer-{serial_number.lower()}@example.com"


class Cast:
    """The people of the demo with their tokens, the clock that they live by, and what was set up."""

    def __init__(self, suite: RunningSuite, *, watcher: Watcher, shown: Shown) -> None:
        self.suite = suite
        self.watcher = watcher
        self._shown = shown
        self.agent = Person(suite.client("intake", role="agent", subject="agent-li"))
        self.dispatcher = Person(suite.client("dispatch", role="dispatcher", subject="dispatcher-qian"))
        self.storekeeper = Person(suite.client("parts", role="storekeeper", subject="storekeeper-he"))
        self.workshop = Person(suite.client("dispatch", role="workshop_manager", subject="workshop-lin"))
        self.workshop_at_parts = Person(suite.client("parts", role="workshop_manager", subject="workshop-lin"))
        self.caller = Person(suite.client("feedback", role="agent", subject="agent-li"))
        services = {name: suite.client(name, role="admin") for name in suite.services}
        self.admins = {name: Person(client) for name, client in services.items()}
        self.time = BusinessTime(services)

    def step(self, key: str, what: str, *, service: str) -> None:
        """Note that a step of the story was shown, now."""
        self._shown.step(key, service=service, time=self.time.now(), what=what)

    def wait_for_a_working_morning(self) -> None:
        """Nine o'clock on a Monday that is not a holiday: promises run in working time."""
        now = self.time.now().astimezone(SHANGHAI)
        morning = now.replace(hour=OPENS, minute=0, second=0, microsecond=0) + timedelta(days=1)
        while morning.weekday() != 0 or not is_usual(morning):
            morning += timedelta(days=1)
        self.time.advance_to(morning)

    def set_up(self) -> None:
        """Enter staff, units, push sources, technicians and certificates, as a newcomer would: from spreadsheets."""
        today = self.time.now().astimezone(SHANGHAI).date()
        admin = self.admins["intake"]
        self.admins["notifier"].upload("/v1/staff/import", staff())
        self.admins["parts"].upload("/v1/parts/import", parts())
        self.admins["parts"].upload("/v1/stock/import", stock())
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
            "email": address(serial_number),
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

    def heard[E: CaseNews](self, event: type[E], case: Document, *, turn: int = 1) -> E:
        """The event number `turn` of this type about the case, come already or to come."""
        case_id = UUID(text(case, "id"))
        seen: list[E] = []

        def is_it(one: E) -> bool:
            if one.case_id == case_id and one not in seen:
                seen.append(one)
            return one.case_id == case_id and seen.index(one) == turn - 1

        return self.watcher.wait_for(event, where=is_it)

    def all_heard[E: CaseNews](self, event: type[E], case: Document) -> list[E]:
        """Every event of this type about the case so far."""
        case_id = UUID(text(case, "id"))
        told = [heard.event for heard in self.watcher.heard]
        return [one for one in told if isinstance(one, event) and one.case_id == case_id]

    def next_day_at(self, hour: int) -> datetime:
        """That hour of the next day on which people work as usual."""
        day = self.time.now().astimezone(SHANGHAI) + timedelta(days=1)
        while not is_usual(day):
            day += timedelta(days=1)
        return day.replace(hour=hour, minute=0, second=0, microsecond=0)

    def soon(self) -> datetime:
        """The next half hour in which a visit may begin."""
        now = self.time.now().astimezone(SHANGHAI)
        begin = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return begin if OPENS <= begin.hour < CLOSES else self.next_day_at(OPENS)

    def agree_visit(self, case: Document, *, begin: datetime) -> dispatch.VisitScheduled:
        """The dispatcher agrees an hour from `begin` with the customer, for the order that the case has now."""
        case_id = text(case, "id")
        order = f"/v1/work-orders/{items(self.dispatcher.read('/v1/work-orders', case_id=case_id))[0]['id']}"
        window: dict[str, Json] = {
            "starts_at": begin.isoformat(),
            "ends_at": (begin + timedelta(hours=1)).isoformat(),
            "agreed_at": (self.time.now() - timedelta(minutes=1)).isoformat(),
        }
        visit = UUID(text(self.dispatcher.change(f"{order}/visits", window, of=order), "id"))
        return self.watcher.wait_for(dispatch.VisitScheduled, where=lambda event: event.visit_id == visit)

    def at_work(self, technician_id: UUID) -> TechnicianAtWork:
        """The technician with this id, and what he does on his visits."""
        staff_number = self.staff[str(technician_id)]
        return TechnicianAtWork(Person(self.suite.client("dispatch", role="technician", subject=staff_number)))

    def walk(self, visit: dispatch.VisitScheduled) -> None:
        """The technician prepares, and stands before the unit when the window opens."""
        self.time.advance_to(visit.starts_at)
        technician = self.at_work(visit.technician_id)
        technician.step(visit.visit_id, "preparation")
        technician.go(visit.visit_id)

    def visited(self, case: Document) -> dispatch.VisitScheduled:
        """Whoever is asked accepts, the visit is agreed, and the technician is there."""
        self.accept(self.offered(case))
        visit = self.agree_visit(case, begin=self.soon())
        self.walk(visit)
        return visit

    def mails_to(self, address: str) -> Sequence[Mail]:
        """What this address was sent, in order, once nothing is under way."""
        self.time.settle()
        return self.suite.mails.to(address)

    def call_off(self, case: Document) -> None:
        """The customer withdraws it."""
        path = f"/v1/cases/{case['id']}"
        self.agent.change(f"{path}/cancellation", {"reason": "customer_withdrew"}, of=path)

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
