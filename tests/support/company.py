"""A company that uses the running suite: its people, its technicians, its customers, its day.

Tests share one suite. Each gets a working morning and technicians who stand behind all earlier ones in the rota, and
leaves neither an open case nor an active technician behind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from dispatch.policy import DispatchPolicy
from shared.contracts import dispatch, intake
from shared.contracts.dispatch import TechnicianAssigned, TechnicianOffered, WorkOrderEvent
from shared.contracts.envelope import Event
from shared.contracts.intake import CaseEvent
from shared.policy import load_policy
from support.suite_clients import Clients
from testkit.business_time import BusinessTime
from testkit.clients import Document, Json, Person, items, text
from testkit.demo.watcher import Watcher
from testkit.suite import Suite, policy_file

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENS, EARLY_ENOUGH = 9, 10
OPEN = ("awaiting_quote", "awaiting_consent", "awaiting_waiver", "cleared")
ANY_VERSION = {"If-Match": "*"}


@dataclass(frozen=True)
class Technician:
    """One technician, and what he does with his own token."""

    id: UUID
    staff_number: str
    person: Person

    def accept(self, offer: TechnicianOffered) -> Document:
        """He takes the order."""
        return self.person.create(f"/v1/offers/{offer.offer_id}/acceptance", {})

    def refuse(self, offer: TechnicianOffered, *, reason: str = "still_busy") -> Document:
        """He does not take it."""
        return self.person.create(f"/v1/offers/{offer.offer_id}/refusal", {"reason": reason})

    def arrive(self, visit: Document) -> Document:
        """He stands before the unit."""
        path = f"/v1/visits/{visit['id']}"
        return self.person.change(f"{path}/arrival", {}, of=path)


@dataclass(frozen=True)
class Repair:
    """A case, followed by the agent who registered it."""

    company: "Company"
    id: UUID

    @property
    def path(self) -> str:
        return f"/v1/cases/{self.id}"

    def read(self) -> Document:
        """The case as it stands."""
        return self.company.agent.read(self.path)

    def step(self, step: str, body: Mapping[str, Json] | None = None) -> Document:
        """`contact`, `holds`, `quotes`, `cancellation` …, on the present version."""
        return self.company.agent.change(f"{self.path}/{step}", body or {}, of=self.path)

    def quote(self, price: str) -> str:
        """Put a fee to the customer; the path of the quote's answers."""
        lines: list[Json] = [{"kind": "labour", "text": "检修", "price": price}]
        case = self.step("quotes", {"solution": "更换主板", "lines": lines})
        return f"quotes/{items(case, 'quotes')[-1]['id']}"

    def hold(self, reason: str) -> str:
        """Let the case wait; the path that ends the wait."""
        case = self.step("holds", {"reason": reason})
        return f"holds/{items(case, 'holds')[-1]['id']}/release"

    def cancel(self) -> Document:
        """The customer withdraws it."""
        return self.step("cancellation", {"reason": "customer_withdrew"})

    def heard[E: CaseEvent | WorkOrderEvent](self, event: type[E], *, turn: int = 1) -> E:
        """The event number `turn` of this type about the case, come already or to come."""
        seen: list[E] = []

        def is_it(one: E) -> bool:
            if one.case_id == self.id and one not in seen:
                seen.append(one)
            return one.case_id == self.id and seen.index(one) == turn - 1

        return self.company.watcher.wait_for(event, where=is_it)

    def said_at(self, event: type[CaseEvent | WorkOrderEvent]) -> datetime:
        """The business time at which it was said, once the event has come."""
        self.heard(event)
        return next(
            heard.time
            for heard in self.company.watcher.heard
            if isinstance(heard.event, event) and heard.event.case_id == self.id
        )

    def told(self) -> list[str]:
        """The types of its events so far, once nothing is under way."""
        self.company.time.settle()
        return [heard.event.TYPE for heard in self.company.watcher.heard if _case_of(heard.event) == self.id]

    def order(self) -> Document:
        """Its work order, once dispatch has opened it."""
        self.heard(dispatch.WorkOrderOpened)
        (order,) = items(self.company.dispatcher.read("/v1/work-orders", case_id=str(self.id)))
        return order

    def timeline(self) -> list[Document]:
        """Everything that happened, once nothing is under way."""
        self.company.time.settle()
        return items(self.company.agent.read(f"{self.path}/timeline"), "happenings")

    def assigned(self) -> Technician:
        """Whoever is asked first takes it."""
        offer = self.heard(TechnicianOffered)
        technician = self.company.technician_of(offer.technician_id)
        technician.accept(offer)
        self.heard(TechnicianAssigned)
        return technician

    def visit(self, begin: datetime) -> Document:
        """An hour from `begin` is agreed with the customer."""
        return self.company.dispatcher.create(
            f"/v1/work-orders/{self.order()['id']}/visits", self.company.window(begin)
        )


@dataclass
class Company:
    """Everybody at once. `start` before and `leave` after each test."""

    suite: Suite
    watcher: Watcher
    clients: Clients
    technicians: list[Technician] = field(default_factory=list)
    chance: Random = field(default_factory=Random)
    positions: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.agent = self.person("intake", role="agent")
        self.dispatcher = self.person("dispatch", role="dispatcher")
        self.admins = {name: self.person(name, role="admin") for name in self.suite.services}
        self.time = BusinessTime({name: admin.client for name, admin in self.admins.items()})
        policy = load_policy(DispatchPolicy, policy_file("dispatch", profile="standard")).policy
        self.hours = policy.calendars["office"]

    def person(self, service: str, *, role: str, subject: str | None = None) -> Person:
        """Somebody with a role."""
        return Person(self.clients.of(service, role=role, subject=subject))

    # ---------------------------------------------------------------- the day

    def start(self) -> None:
        """It is between nine and ten in the morning of a working day, with another one after it."""
        now = self.time.now().astimezone(SHANGHAI)
        if OPENS <= now.hour < EARLY_ENOUGH and self._is_usual(now):
            return
        morning = now.replace(hour=OPENS, minute=0, second=0, microsecond=0)
        while morning <= now or not self._is_usual(morning):
            morning += timedelta(days=1)
        self.time.advance_to(morning)

    def leave(self) -> None:
        """Call off what is open and send everybody home; the next test finds nothing of this one."""
        technicians = self.dispatcher.client.get("/v1/technicians", params={"active": True, "limit": 200}).json()
        for record in items(technicians):
            self._replace(record, active=False)
        cases = self.agent.client.get("/v1/cases", params={"state": OPEN, "limit": 200}).json()
        for case in items(cases):
            path = f"/v1/cases/{case['id']}/cancellation"
            self.agent.client.post(path, json={"reason": "mistake"}, headers=ANY_VERSION).raise_for_status()
        self.technicians.clear()
        self.time.settle()

    def at(self, hour: int, minute: int = 0, *, days: int = 0) -> datetime:
        """A time of this day, or of a day after it."""
        now = self.time.now().astimezone(SHANGHAI)
        return now.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)

    def window(self, begin: datetime) -> dict[str, Json]:
        """An hour that the customer agreed to a minute ago."""
        return {
            "starts_at": begin.isoformat(),
            "ends_at": (begin + timedelta(hours=1)).isoformat(),
            "agreed_at": (self.time.now() - timedelta(minutes=1)).isoformat(),
        }

    def _is_usual(self, day: datetime) -> bool:
        """Neither this day nor the next is a holiday or at the end of a week."""
        days = (day, day + timedelta(days=1))
        whole = timedelta(hours=8)
        midnights = [one.replace(hour=0, minute=0, second=0, microsecond=0) for one in days]
        return day.weekday() in range(4) and all(
            self.hours.between(midnight, midnight + timedelta(days=1)) == whole for midnight in midnights
        )

    # ---------------------------------------------------------------- what is set up

    def unit(self, *, family: str = "water_heater", months: int = 600) -> str:
        """A unit in warranty, whose serial number this is; `months=0` for one out of it."""
        serial_number = f"SN-{uuid4().hex[:12]}"
        record: dict[str, Json] = {
            "serial_number": serial_number,
            "product_family": family,
            "product_model": "RS-60",
            "sold_on": "2020-01-15",
            "warranty_months": months,
        }
        self.admins["intake"].create("/v1/units", record)
        return serial_number

    def technician(self, **more: Json) -> Technician:
        """A technician who can repair water heaters in the city; the next in turn behind those who are there."""
        record: dict[str, Json] = {
            "staff_number": f"T-{uuid4().hex[:10]}",
            "name": "王伟",
            "department": "engineering",
            "rota_position": next(self.positions),
            "zones": ["city"],
            "skills": ["water_heater"],
            **more,
        }
        made = self.admins["dispatch"].create("/v1/technicians", record)
        staff_number = text(made, "staff_number")
        person = self.person("dispatch", role="technician", subject=staff_number)
        technician = Technician(id=UUID(text(made, "id")), staff_number=staff_number, person=person)
        self.technicians.append(technician)
        return technician

    def technician_of(self, technician_id: UUID) -> Technician:
        """The one with this id."""
        return next(one for one in self.technicians if one.id == technician_id)

    def change_technician(self, technician: Technician, **more: Json) -> None:
        """Replace what is known of him."""
        self._replace(self.dispatcher.read(f"/v1/technicians/{technician.id}"), **more)

    def _replace(self, known: Document, **more: Json) -> None:
        record = {name: known[name] for name in RECORD} | more
        path = f"/v1/technicians/{known['id']}"
        self.admins["dispatch"].client.put(path, json=record, headers=ANY_VERSION).raise_for_status()

    def number(self) -> str:
        """A mobile number that nobody has."""
        return f"139{self.chance.randrange(10**8):08d}"

    # ---------------------------------------------------------------- what is registered

    def form(self, serial_number: str | None = None, **more: Json) -> dict[str, Json]:
        """顾客报修登记表 of a new customer in the city, by default for a unit in warranty."""
        customer: Mapping[str, Json] = {"name": "客户", "phones": [self.number()]}
        return {
            "customer": customer,
            "site": {"district": "xuhui", "address": "漕溪北路 1 号"},
            "serial_number": serial_number or self.unit(),
            "problem_code": "no_heat",
            "description": "不出热水",
            **more,
        }

    def register(self, serial_number: str | None = None, **more: Json) -> Repair:
        """An agent registers a repair."""
        made = self.agent.create("/v1/cases", self.form(serial_number, **more))
        return Repair(company=self, id=UUID(text(made, "id")))


RECORD = ("staff_number", "name", "department", "rota_position", "zones", "skills", "active")


def _case_of(event: Event) -> UUID | None:
    return event.case_id if isinstance(event, intake.CaseEvent | dispatch.WorkOrderEvent) else None
