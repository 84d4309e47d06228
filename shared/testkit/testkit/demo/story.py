"""The story that the demo lives: calls, cases, work orders, offers, visits and clocks, through the front doors only."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from shared.contracts import dispatch, intake
from testkit.business_time import BusinessTime
from testkit.clients import Document, Json, Person, Refused, items, text
from testkit.contact_centre import Push, TwilioCentre, ZammadCentre
from testkit.demo.set_up import (
    TWILIO_SECRET,
    ZAMMAD_SECRET,
    certificates,
    push_sources,
    technicians,
    units,
)
from testkit.demo.steps import Shown
from testkit.demo.watcher import Watcher
from testkit.suite import Suite

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Story:
    """Everything the demo does, in its order. Steps are noted in `shown` once they have happened."""

    def __init__(self, suite: Suite, *, watcher: Watcher, shown: Shown) -> None:
        self._suite = suite
        self._watcher = watcher
        self._shown = shown
        self._agent = Person(suite.client("intake", role="agent", subject="agent-li"))
        self._dispatcher = Person(suite.client("dispatch", role="dispatcher", subject="dispatcher-qian"))
        services = {name: suite.client(name, role="admin") for name in suite.services}
        self._admins = {name: Person(client) for name, client in services.items()}
        self._time = BusinessTime(services)

    def live(self) -> None:
        """From an empty suite to the end of the story."""
        self._wait_for_a_working_morning()
        self._set_up()
        call = self._zammad_call()
        other_call = self._twilio_call()
        self._forgery()
        case = self._repair_in_warranty(call)
        self._find_technician(case)
        self._quote_accepted(other_call)
        self._waiver_approved()
        self._waiver_rejected()
        self._nobody_fits()
        self._cancelled()
        self._offer_expired()
        self._clock_runs_out()
        self._timeline(case)

    def _step(self, key: str, what: str, *, service: str) -> None:
        self._shown.step(key, service=service, time=self._time.now(), what=what)

    # ---------------------------------------------------------------- set-up

    def _wait_for_a_working_morning(self) -> None:
        """Nine o'clock on a Wednesday that is not a holiday: promises run in working time."""
        now = self._time.now().astimezone(SHANGHAI)
        morning = now.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
        while morning.weekday() != 2 or morning.month in {1, 2, 5, 10}:  # noqa: PLR2004  # where the long holidays lie
            morning += timedelta(days=1)
        self._time.advance_to(morning)

    def _set_up(self) -> None:
        today = self._time.now().astimezone(SHANGHAI).date()
        admin = self._admins["intake"]
        admin.upload("/v1/units/import", units(today))
        admin.upload("/v1/push-sources/import", push_sources(self._suite.services["intake"].url))
        self._admins["dispatch"].upload("/v1/technicians/import", technicians())
        self._admins["dispatch"].upload("/v1/certificates/import", certificates(today))
        self._sources = {text(source, "name"): source for source in items(admin.read("/v1/push-sources"))}
        self._technicians = {
            text(one, "id"): text(one, "name") for one in items(self._dispatcher.read("/v1/technicians"))
        }
        self._staff = {
            text(one, "id"): text(one, "staff_number") for one in items(self._dispatcher.read("/v1/technicians"))
        }
        self._step(
            "set_up", f"{len(self._technicians)} technicians, {len(self._sources)} push sources", service="dispatch"
        )

    # ---------------------------------------------------------------- calls

    def _zammad_call(self) -> Document:
        source = text(self._sources["switchboard"], "id")
        centre = ZammadCentre(self._suite.push_client(), f"/v1/push/zammad/{source}/{ZAMMAD_SECRET}")
        ringing, answered, ended = centre.call("demo-call-1", caller="13800138000")
        self._push(centre.push, [answered, ended, ringing, ended, answered])
        return self._complete_call("13800138000", key="zammad_call", sent="answer, hangup, newCall, hangup, answer")

    def _twilio_call(self) -> Document:
        source = text(self._sources["cloud"], "push_url")
        centre = TwilioCentre(self._suite.push_client(), url=source, auth_token=TWILIO_SECRET)
        ringing, answered, completed = centre.call("CA00000000000000000000000000000001", caller="+8613900139000")
        self._push(centre.push, [completed, ringing, answered, ringing])
        return self._complete_call(
            "+86 139 0013 9000", key="twilio_call", sent="completed, ringing, in-progress, ringing"
        )

    def _push(self, push: Callable[[Push], httpx.Response], events: list[Push]) -> None:
        for event in events:
            answer = push(event)
            if not answer.is_success:
                raise Refused(answer)

    def _complete_call(self, number: str, *, key: str, sent: str) -> Document:
        (call,) = items(self._agent.read("/v1/calls", number=number))
        call_id = UUID(text(call, "id"))
        self._watcher.wait_for(intake.CallEnded, where=lambda event: event.call_id == call_id)
        if call["state"] != "ended" or call["outcome"] != "answered":
            raise RuntimeError(f"the call is not complete: {call}")
        what = f"{call['customer_label']} was heard as {sent}: one call, {call['state']}, {call['outcome']}"
        self._step(key, what, service="intake")
        return call

    def _forgery(self) -> None:
        centre = TwilioCentre(
            self._suite.push_client(), url=text(self._sources["cloud"], "push_url"), auth_token=TWILIO_SECRET
        )
        answer = centre.forge(centre.call("CA0000000000000000000000000000dead", caller="+8613700137000")[0])
        auditor = Person(self._suite.client("intake", role="auditor"))
        traces = [entry for entry in items(auditor.read("/v1/audit")) if entry["action"] == "push_forged"]
        unknown = not items(self._agent.read("/v1/calls", number="+8613700137000"))
        if answer.status_code == httpx.codes.UNAUTHORIZED and len(traces) == 1 and unknown:
            self._step("forgery", "401, one entry in the audit log, no call", service="intake")

    # ---------------------------------------------------------------- cases

    def _register(self, serial_number: str, **more: Json) -> Document:
        """An agent fills in the form of a repair; a customer of its own for each."""
        customer: Mapping[str, Json] = {"name": f"客户 {serial_number}", "phones": [f"1360013{len(serial_number):04d}"]}
        form: dict[str, Json] = {
            "customer": customer,
            "site": {"district": "xuhui", "address": "漕溪北路 1 号"},
            "serial_number": serial_number,
            "problem_code": "no_function",
            "description": "开机无反应",
            **more,
        }
        return self._agent.create("/v1/cases", form)

    def _cleared(self, case: Document) -> intake.CaseCleared:
        case_id = UUID(text(case, "id"))
        return self._watcher.wait_for(intake.CaseCleared, where=lambda event: event.case_id == case_id)

    def _repair_in_warranty(self, call: Document) -> Document:
        parts: list[Json] = [{"part_code": "PCB-77", "quantity": 1}]
        case = self._register("WH-1001", call_id=call["id"], urgency="urgent", parts=parts)
        basis = self._cleared(case).basis
        self._step(
            "in_warranty", f"{case['number']} on the call of {call['customer_label']}, basis {basis}", service="intake"
        )
        return case

    def _quoted(self, serial_number: str, *, price: str, **more: Json) -> tuple[Document, str]:
        """A case out of warranty with a quote; the case, and the path of the quote."""
        case = self._register(serial_number, **more)
        path = f"/v1/cases/{case['id']}"
        lines: list[Json] = [{"kind": "labour", "text": "检修", "price": price}]
        case = self._agent.change(f"{path}/quotes", {"solution": "更换主板", "lines": lines}, of=path)
        (quote,) = items(case, "quotes")
        return case, f"{path}/quotes/{quote['id']}"

    def _quote_accepted(self, call: Document) -> None:
        case, quote = self._quoted("AC-2001", price="380.00", call_id=call["id"])
        self._agent.change(f"{quote}/acceptance", {"by": "customer"}, of=f"/v1/cases/{case['id']}")
        cleared = self._cleared(case)
        self._accept(self._offered(case))
        self._step("quote_accepted", f"{case['number']}: 380 yuan, basis {cleared.basis}", service="intake")

    def _waiver(self, serial_number: str, *, price: str) -> tuple[Document, intake.ApprovalRequested]:
        case, quote = self._quoted(serial_number, price=price)
        self._agent.change(f"{quote}/refusal", {"by": "customer"}, of=f"/v1/cases/{case['id']}")
        case_id = UUID(text(case, "id"))
        asked = self._watcher.wait_for(intake.ApprovalRequested, where=lambda event: event.case_id == case_id)
        return case, asked

    def _decide(self, asked: intake.ApprovalRequested, *, decision: str) -> None:
        approver = Person(self._suite.client("intake", role=asked.approver_role))
        path = f"/v1/approvals/{asked.approval_id}"
        approver.change(f"{path}/decision", {"decision": decision}, of=path)

    def _waiver_approved(self) -> None:
        case, asked = self._waiver("AC-2002", price="10000.00")
        self._decide(asked, decision="approved")
        basis = self._cleared(case).basis
        self._accept(self._offered(case))
        what = f"{case['number']}: {asked.amount} yuan, decided by {asked.approver_role}, basis {basis}"
        if asked.approver_role == "marketing_vp":
            self._step("waiver_approved", what, service="intake")

    def _waiver_rejected(self) -> None:
        case, asked = self._waiver("BO-3001", price="10000.01")
        self._decide(asked, decision="rejected")
        case_id = UUID(text(case, "id"))
        cancelled = self._watcher.wait_for(intake.CaseCancelled, where=lambda event: event.case_id == case_id)
        what = f"{case['number']}: {asked.amount} yuan, decided by {asked.approver_role}, {cancelled.reason}"
        if asked.approver_role == "general_manager":
            self._step("waiver_rejected", what, service="intake")

    # ---------------------------------------------------------------- work orders

    def _offered(self, case: Document, *, turn: int = 1) -> dispatch.TechnicianOffered:
        """The offer number `turn` of the case's work order."""
        case_id = UUID(text(case, "id"))
        seen: list[UUID] = []

        def is_it(event: dispatch.TechnicianOffered) -> bool:
            if event.case_id == case_id and event.offer_id not in seen:
                seen.append(event.offer_id)
            return event.case_id == case_id and seen.index(event.offer_id) == turn - 1

        return self._watcher.wait_for(dispatch.TechnicianOffered, where=is_it)

    def _technician(self, offer: dispatch.TechnicianOffered) -> Person:
        staff_number = self._staff[str(offer.technician_id)]
        return Person(self._suite.client("dispatch", role="technician", subject=staff_number))

    def _name(self, technician_id: UUID) -> str:
        return self._technicians[str(technician_id)]

    def _accept(self, offer: dispatch.TechnicianOffered) -> dispatch.TechnicianAssigned:
        self._technician(offer).create(f"/v1/offers/{offer.offer_id}/acceptance", {})
        return self._watcher.wait_for(
            dispatch.TechnicianAssigned, where=lambda event: event.work_order_id == offer.work_order_id
        )

    def _find_technician(self, case: Document) -> None:
        case_id = UUID(text(case, "id"))
        opened = self._watcher.wait_for(dispatch.WorkOrderOpened, where=lambda event: event.case_id == case_id)
        what = f"{opened.work_order_number}, {opened.department}, zone {opened.zone}"
        self._step("work_order", what, service="dispatch")
        first = self._offered(case)
        reasons = ", ".join(f"{self._name(one.technician_id)}: {one.reason}" for one in first.passed_over)
        self._step("passed_over", f"{self._name(first.technician_id)} is asked; {reasons}", service="dispatch")
        self._technician(first).create(f"/v1/offers/{first.offer_id}/refusal", {"reason": "still_busy"})
        second = self._offered(case, turn=2)
        what = f"{self._name(first.technician_id)} refuses, {self._name(second.technician_id)} is asked"
        self._step("offer_refused", what, service="dispatch")
        assigned = self._accept(second)
        self._step(
            "assigned", f"{self._name(assigned.technician_id)} takes {opened.work_order_number}", service="dispatch"
        )
        self._visit(assigned)

    def _visit(self, assigned: dispatch.TechnicianAssigned) -> None:
        order = f"/v1/work-orders/{assigned.work_order_id}"
        begin = self._time.now().astimezone(SHANGHAI).replace(hour=13, minute=30, second=0, microsecond=0)
        window: dict[str, Json] = {
            "starts_at": begin.isoformat(),
            "ends_at": (begin + timedelta(hours=1)).isoformat(),
            "agreed_at": (self._time.now() - timedelta(minutes=1)).isoformat(),
        }
        visit = self._dispatcher.change(f"{order}/visits", window, of=order)
        what = f"{begin:%H:%M} to {begin + timedelta(hours=1):%H:%M} with {self._name(assigned.technician_id)}"
        clash = self._double_booking(assigned, window=window)
        self._step("visit", f"{what}; the same hour again: {clash}", service="dispatch")
        self._time.advance_to(begin + timedelta(minutes=5))
        path = f"/v1/visits/{visit['id']}"
        technician = self._suite.client("dispatch", role="technician", subject=self._staff[str(assigned.technician_id)])
        Person(technician).change(f"{path}/arrival", {}, of=path)
        arrived = self._watcher.wait_for(
            dispatch.TechnicianArrived, where=lambda event: event.work_order_id == assigned.work_order_id
        )
        self._step("arrived", f"{arrived.arrived_at.astimezone(SHANGHAI):%H:%M}", service="dispatch")

    def _double_booking(self, assigned: dispatch.TechnicianAssigned, *, window: Mapping[str, Json]) -> str:
        """The same technician gets another order and the same hour: what the service says to that."""
        case = self._register("WH-1002", urgency="emergency")
        turn = 1
        while (offer := self._offered(case, turn=turn)).technician_id != assigned.technician_id:
            self._technician(offer).create(f"/v1/offers/{offer.offer_id}/refusal", {"reason": "other"})
            turn += 1
        order = f"/v1/work-orders/{self._accept(offer).work_order_id}"
        try:
            self._dispatcher.change(f"{order}/visits", window, of=order)
        except Refused as refused:
            return f"{refused.answer.status_code} {refused.answer.json()['title']}"
        raise RuntimeError("a technician was booked into two places at once")

    def _nobody_fits(self) -> None:
        case = self._register("EL-4001")
        case_id = UUID(text(case, "id"))
        failed = self._watcher.wait_for(dispatch.AssignmentFailed, where=lambda event: event.case_id == case_id)
        reasons = ", ".join(sorted({one.reason for one in failed.passed_over}))
        again = failed.retry_at.astimezone(SHANGHAI)
        self._step("nobody_fits", f"{failed.work_order_number} ({reasons}), again at {again:%H:%M}", service="dispatch")

    def _cancelled(self) -> None:
        case = self._register("WH-1003")
        self._offered(case)
        path = f"/v1/cases/{case['id']}"
        self._agent.change(f"{path}/cancellation", {"reason": "customer_withdrew"}, of=path)
        case_id = UUID(text(case, "id"))
        cancelled = self._watcher.wait_for(dispatch.WorkOrderCancelled, where=lambda event: event.case_id == case_id)
        self._step("cancelled", f"{cancelled.work_order_number}, {cancelled.reason}", service="dispatch")

    def _offer_expired(self) -> None:
        case = self._register("WH-1004")
        first = self._offered(case)
        self._time.advance_to(first.expires_at + timedelta(seconds=1))
        second = self._offered(case, turn=2)
        self._accept(second)
        what = f"{self._name(first.technician_id)} says nothing, {self._name(second.technician_id)} is asked"
        self._step("offer_expired", what, service="dispatch")

    # ---------------------------------------------------------------- clocks

    def _clock_runs_out(self) -> None:
        """Nobody calls the customer back. Half an hour before closing time: the night does not count."""
        evening = self._time.now().astimezone(SHANGHAI).replace(hour=17, minute=0, second=0, microsecond=0)
        self._time.advance_to(evening)
        case = self._register("WH-1005")
        self._accept(self._offered(case))
        case_id = UUID(text(case, "id"))
        self._time.advance_to(evening + timedelta(hours=16, minutes=15))
        warned = self._watcher.wait_for(intake.ClockWarned, where=lambda event: event.case_id == case_id)
        breached = self._watcher.wait_for(intake.ClockBreached, where=lambda event: event.case_id == case_id)
        due = breached.clock.due_at.astimezone(SHANGHAI)
        self._step("warned", f"{case['number']}: mark {warned.mark}", service="intake")
        self._step("breached", f"{case['number']}: due at {due:%Y-%m-%d %H:%M:%S}", service="intake")
        clock = self._agent.read(f"/v1/clocks/{breached.clock.clock_id}")
        stretches = items(clock, "intervals")
        told = "; ".join(
            f"{text(one, 'since')[11:16]} to {text(one, 'until')[11:16]} UTC {one['why']}" for one in stretches[:6]
        )
        self._step("explained", told, service="intake")

    def _timeline(self, case: Document) -> None:
        self._time.settle()
        entries = items(self._agent.read(f"/v1/cases/{case['id']}/timeline"), "happenings")
        services = sorted({text(entry, "service") for entry in entries})
        if services == ["dispatch", "intake"]:
            what = f"{case['number']} has {len(entries)} entries from {' and '.join(services)}"
            self._step("timeline", what, service="intake")
