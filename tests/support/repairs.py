"""A repair case and the technician who works on it, followed by the company's people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import httpx
import pytest

from shared.contracts import dispatch, parts
from shared.contracts.dispatch import TechnicianAssigned, TechnicianOffered
from testkit.at_work import SIGNATURE, TAKEN, TechnicianAtWork
from testkit.clients import Document, Json, Person, Refused, items, text
from testkit.demo.cast import CaseNews

if TYPE_CHECKING:
    from support.company import Company

HALF_AN_HOUR = timedelta(minutes=30)
SIGNED: Mapping[str, Json] = {"signer": "客户本人", "signature": SIGNATURE}


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

    @property
    def work(self) -> TechnicianAtWork:
        """What he does on his visits."""
        return TechnicianAtWork(self.person)

    def arrive(self, visit: Document) -> Document:
        """He packs, drives, and stands before the unit."""
        visit_id = UUID(text(visit, "id"))
        self.work.step(visit_id, "preparation")
        self.work.step(visit_id, "departure")
        return self.work.step(visit_id, "arrival")


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

    def heard[E: CaseNews](self, event: type[E], *, turn: int = 1) -> E:
        """The event number `turn` of this type about the case, come already or to come."""
        seen: list[E] = []

        def is_it(one: E) -> bool:
            if one.case_id == self.id and one not in seen:
                seen.append(one)
            return one.case_id == self.id and seen.index(one) == turn - 1

        return self.company.watcher.wait_for(event, where=is_it)

    def said_at(self, event: type[CaseNews]) -> datetime:
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
        return [
            heard.event.TYPE for heard in self.company.watcher.heard if getattr(heard.event, "case_id", None) == self.id
        ]

    def order(self) -> Document:
        """Its work order, once dispatch has opened it; the newest where a further visit needed another one."""
        self.heard(dispatch.WorkOrderOpened)
        return items(self.company.dispatcher.read("/v1/work-orders", case_id=str(self.id)))[0]

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

    def at_the_unit(self, *, begin: datetime | None = None) -> "OnSite":
        """Whoever is asked takes it, the visit is agreed for `begin` (by default in half an hour), and he has begun."""
        technician = self.assigned()
        return self.visited_by(technician, begin=begin or self.company.time.now() + HALF_AN_HOUR)

    def visited_by(self, technician: Technician, *, begin: datetime) -> "OnSite":
        """The visit is agreed, the time has come, and he has begun to work."""
        on_site = OnSite(case=self, technician=technician, visit_id=UUID(text(self.visit(begin), "id")))
        self.company.time.advance_to(begin)
        technician.work.step(on_site.visit_id, "preparation")
        technician.work.go(on_site.visit_id)
        return on_site

    def repaired(self, *, opinion: str = "satisfied") -> "OnSite":
        """Visited, repaired and signed for."""
        on_site = self.at_the_unit()
        on_site.technician.work.finish(on_site.visit_id, order_id=on_site.order_id, opinion=opinion)
        self.heard(dispatch.WorkOrderSignedOff)
        self.company.time.settle()
        return on_site

    def issue(self, part_code: str, *, to: Technician) -> Document:
        """The storekeeper hands over the piece that is reserved, and dispatch hears it; the order has to be started."""
        self.company.time.settle()
        path = f"/v1/requests/{self.heard(parts.PartsReserved).request_id}"
        drawn: dict[str, Json] = {
            "lines": [{"part_code": part_code, "quantity": 1}],
            "issued_to": to.staff_number,
        }
        issued = self.company.storekeeper.change(f"{path}/issues", drawn, of=path)
        self.company.time.settle()
        return issued

    def missing(self) -> str:
        """What stands in the way of closing it, once nothing is under way: the problem's detail."""
        self.company.time.settle()
        with pytest.raises(Refused) as refused:
            self.step("closure")
        assert refused.value.answer.status_code == httpx.codes.CONFLICT
        return str(refused.value.answer.json()["detail"])

    def visit(self, begin: datetime) -> Document:
        """An hour from `begin` is agreed with the customer."""
        return self.company.dispatcher.create(
            f"/v1/work-orders/{self.order()['id']}/visits", self.company.window(begin)
        )


@dataclass(frozen=True)
class OnSite:
    """A technician at the unit of a case."""

    case: Repair
    technician: Technician
    visit_id: UUID

    @property
    def order_id(self) -> UUID:
        """The work order that he works on."""
        return UUID(text(self.case.company.dispatcher.read(f"/v1/visits/{self.visit_id}"), "work_order_id"))

    def take_in(self, *, promised: datetime) -> Document:
        """It cannot be repaired here: it goes to the workshop, and the customer has it again when he was told."""
        handed_over: dict[str, Json] = {
            **SIGNED,
            **TAKEN,
            "description": "热水器一台",
            "promised_at": promised.isoformat(),
        }
        visit = self.technician.work.step(self.visit_id, "take-in", handed_over)
        [item] = items(self.case.company.dispatcher.read(f"/v1/work-orders/{visit['work_order_id']}"))
        return item

    def give_back(self, item: Document, *, fitted: Sequence[Json] = ()) -> None:
        """Repaired with these parts, inspected by the manager of the workshop, and back against its receipt."""
        path, mechanic = f"/v1/items/{item['id']}", self.technician.person
        repair: dict[str, Json] = {"work_minutes": 90, "fitted": list(fitted), "findings": "更换密封圈"}
        mechanic.change(f"{path}/repair", repair, of=path)
        inspector = self.case.company.person("dispatch", role="workshop_manager")
        inspector.change(f"{path}/inspection", {"result": "passed"}, of=path)
        back: dict[str, Json] = {**SIGNED, "opinion": "satisfied", "receipt_number": item["receipt_number"]}
        mechanic.change(f"{path}/return", back, of=path)
