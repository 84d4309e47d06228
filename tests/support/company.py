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
from shared.policy import load_policy
from support.repairs import Repair, Technician
from testkit.business_time import BusinessTime
from testkit.clients import Document, Json, Person, items, text
from testkit.smtp_sink import Mail
from testkit.suite import Suite, policy_file
from testkit.suite_clients import Clients
from testkit.watcher import Watcher

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENS, EARLY_ENOUGH = 9, 10
OPEN = ("awaiting_quote", "awaiting_consent", "awaiting_waiver", "cleared", "reopened")
ANY_VERSION = {"If-Match": "*"}


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
        self.storekeeper = self.person("parts", role="storekeeper")
        self.caller = self.person("feedback", role="agent")
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

    def part(self, *, on_hand: int, price: str = "200.00") -> str:
        """A spare part of which so many pieces lie in the store; its code."""
        code = f"P-{uuid4().hex[:10]}"
        self.admins["parts"].create(
            "/v1/parts", {"part_code": code, "name_zh": "配件", "name_en": "Part", "unit_price": price}
        )
        if on_hand:
            receipt: dict[str, Json] = {"part_code": code, "quantity": on_hand, "reference": "opening stock"}
            self.storekeeper.create("/v1/stock/receipts", receipt)
        return code

    def stock(self, part_code: str) -> Document:
        """`on_hand`, `reserved` and `available` pieces, once nothing is under way."""
        self.time.settle()
        (line,) = items(self.storekeeper.read("/v1/stock", search=part_code))
        return line

    def contact(self, case: Repair) -> Document:
        """Name, numbers and mail address of the customer, as an agent who calls him back reads them."""
        return self.agent.read(f"/v1/customers/{case.read()['customer_id']}/contact", purpose="callback")

    def member(self, role: str) -> str:
        """Somebody of the staff joins; his mail address."""
        number = f"{role}-{uuid4().hex[:8]}"
        record: dict[str, Json] = {
            "staff_number": number,
            "name": "赵敏",
            "role": role,
            "email": f"{number}@example.com",
            "language": "zh-CN",
            "status": "active",
        }
        self.admins["notifier"].create("/v1/staff", record)
        return f"{number}@example.com"

    def mails_to(self, address: str) -> list[Mail]:
        """What was delivered to an address, once nothing is under way."""
        self.time.settle()
        return self.suite.mails.to(address)

    # ---------------------------------------------------------------- what is registered

    def form(self, serial_number: str | None = None, **more: Json) -> dict[str, Json]:
        """顾客报修登记表 of a new customer in the city, by default for a unit in warranty."""
        number = self.number()
        customer: Mapping[str, Json] = {"name": "客户", "phones": [number], "email": f"customer-{number}@example.com"}
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
