"""What differs between companies and dispatch obeys: the typed form of `deploy/policies/<profile>/dispatch.toml`."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from dispatch.domain.reports import units_allowance
from dispatch.domain.rotation import Need
from dispatch.domain.visits import WindowTerms
from shared.clocks.terms import ClockPolicy, TimedPolicy, WorkingDays, WrittenMark
from shared.contracts.facts import Urgency, WarrantyStatus
from shared.policy import Duration, Policy
from shared.policy.labels import Code, Label, Labels
from shared.refusals import Refusal
from shared.working_time import Calendar
from shared.working_time.calendar import Zone as TimeZone

OTHER = "other"
"""The entry of `needs` for a product family that is not listed."""


class CompanyPolicy(Policy):
    """Where the company is at home."""

    time_zone: TimeZone = Field(description="IANA name; decides on which day a certificate ends")


class RoutingPolicy(Policy):
    """Which department repairs (R015), and the zone of a district that no zone lists."""

    in_warranty: Code = Field(description="a department")
    out_of_warranty: Code = Field(description="a department")
    other_districts: Code = Field(description="a zone")


class ZonePolicy(Policy):
    """A part of the territory with an arrival promise of its own (R222)."""

    name: Label
    clock: str = Field(description="a clock of this file")
    districts: tuple[str, ...] = ()


class NeedPolicy(Policy):
    """What a product family asks of whoever repairs it (R235, R246)."""

    skills: tuple[Code, ...] = ()
    certificates: tuple[Code, ...] = ()


class RotationPolicy(Policy):
    """Technicians in turn (R234)."""

    answer_within: Duration = Field(description="how long an offer stands, in the time of `calendar`")
    max_open_orders: int = Field(ge=1, description="orders accepted and not arrived for yet")
    retry_after: Duration = Field(description="until an order is tried again for which nobody fitted, likewise")
    calendar: str = Field(description="when technicians answer")
    round_the_clock: tuple[Urgency, ...] = Field(default=(), description="urgencies that are answered at any hour")


class PriorityPolicy(Policy):
    """The order of those that wait (R236, R242): the greater number first."""

    urgency: dict[Urgency, int] = Field(description="a number for each urgency")
    per_failure: int = Field(ge=0, description="added each time nobody fitted")
    carried_over: int = Field(ge=0, description="added each time a visit ends unfinished")

    @model_validator(mode="after")
    def _every_urgency(self) -> Self:
        if missing := set(Urgency) - set(self.urgency):
            raise ValueError(f"a number for every urgency; missing: {', '.join(sorted(missing))}")
        return self


class VisitPolicy(Policy):
    """Windows that may be agreed with a customer (R251), and what begins and ends a visit."""

    starts_with: Literal["preparation", "start"] = Field(description="what starts the order, so that parts are issued")
    carry_over: Literal["same_technician", "rotation"] = Field(description="who goes again after an unfinished visit")
    shortest: Duration
    longest: Duration
    furthest: Duration = Field(description="how far ahead a window may start, by the clock")
    grid: Duration = Field(description="free windows are proposed on this grid")
    proposals: int = Field(ge=1, le=20, description="how many free windows are proposed")
    calendar: str = Field(description="proposed windows lie in this calendar's working time")

    @property
    def terms(self) -> WindowTerms:
        return WindowTerms(shortest=self.shortest, longest=self.longest, furthest=self.furthest, grid=self.grid)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.shortest <= self.longest:
            raise ValueError("shortest not longer than longest")
        if not self.grid:
            raise ValueError("a grid of more than nothing")
        return self


class RequiredByPolicy(Policy):
    """The clock of an instant that the customer named (R188, R217)."""

    marks: tuple[WrittenMark, ...] = Field(default=(), description='marks such as "2h before"')


class TakeInPolicy(Policy):
    """What is taken to the workshop: until when it is repaired (R225), what is promised (R309), who inspects (R306)."""

    clock: str = Field(description="a clock of this file: what is allowed for `units`")
    units: int = Field(ge=1, description="up to so many the clock allows once, up to twice as many twice, and so on")
    inspectors: tuple[str, ...] = Field(min_length=1, description="roles that inspect what was repaired")
    resolution: Code = Field(description="a resolution: how an order ends whose item was repaired in the workshop")
    marks: tuple[WrittenMark, ...] = Field(default=(), description="of the promise to the customer (R229)")


class DispatchPolicy(TimedPolicy):
    """The whole file."""

    company: CompanyPolicy
    routing: RoutingPolicy
    departments: Labels = Field(min_length=1)
    zones: dict[Code, ZonePolicy] = Field(min_length=1)
    needs: dict[Code, NeedPolicy]
    skills: Labels
    certificates: Labels
    rotation: RotationPolicy
    priority: PriorityPolicy
    visits: VisitPolicy
    required_by: RequiredByPolicy
    take_in: TakeInPolicy
    absence_reasons: Labels
    refusal_reasons: Labels
    reschedule_reasons: Labels
    resolutions: Labels = Field(min_length=1)
    unfinished_reasons: Labels = Field(min_length=1)
    expense_kinds: Labels
    checks: Labels = Field(description="what is kept on site (R258)")
    purposes: Labels = Field(description="what the words of customers are read for")

    def department(self, warranty: WarrantyStatus) -> str:
        """Who repairs: 工程科 inside the warranty period, 生产部 outside it (R015)."""
        inside = warranty is WarrantyStatus.IN_WARRANTY
        return self.routing.in_warranty if inside else self.routing.out_of_warranty

    def zone(self, district: str) -> str:
        """The zone of a district code."""
        found = (name for name, zone in self.zones.items() if district in zone.districts)
        return next(found, self.routing.other_districts)

    def arrival_clock(self, zone: str) -> ClockPolicy:
        """The promise to arrive in a zone (R222)."""
        return self.clocks[self.zones[zone].clock]

    def workshop_clock(self, units: int) -> ClockPolicy:
        """R225: until when so many units are repaired."""
        promise = self.clocks[self.take_in.clock]
        times = units_allowance(units, at_once=self.take_in.units)
        if isinstance(promise.allowed, WorkingDays):
            return promise.model_copy(update={"allowed": WorkingDays(days=promise.allowed.days * times)})
        return promise.model_copy(update={"allowed": promise.allowed * times})

    def repaired_by(self, taken_in_at: datetime, *, units: int) -> datetime:
        """R225: the end of that, where nothing else is promised (R309)."""
        promise = self.workshop_clock(units)
        calendar = self.calendars[promise.calendar]
        return calendar.add(taken_in_at, duration=promise.terms(calendar, start=taken_in_at).allowed)

    def need(self, *, family: str, department: str, zone: str) -> Need:
        """What an order of this product family, routed so, asks of its technician."""
        asked = self.needs.get(family, self.needs[OTHER])
        return Need(
            department=department,
            zone=zone,
            skills=frozenset(asked.skills),
            certificates=frozenset(asked.certificates),
            max_open_orders=self.rotation.max_open_orders,
        )

    def answered_after(self, start: datetime, *, duration: timedelta, urgency: Urgency) -> datetime:
        """When technicians have had `duration` to answer: nobody is asked in the night, save in an emergency."""
        if urgency in self.rotation.round_the_clock:
            return start + duration
        return self.calendars[self.rotation.calendar].add(start, duration=duration)

    @property
    def visiting_hours(self) -> Calendar:
        return self.calendars[self.visits.calendar]

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Self:
        routing = (self.routing.in_warranty, self.routing.out_of_warranty)
        _require(routing, known=self.departments, what="departments named by routing")
        _require((self.routing.other_districts,), known=self.zones, what="the zone routing.other_districts")
        _require((zone.clock for zone in self.zones.values()), known=self.clocks, what="the clocks of zones")
        _require((self.visits.calendar,), known=self.calendars, what="the calendar visits.calendar")
        _require((self.rotation.calendar,), known=self.calendars, what="the calendar rotation.calendar")
        _require((self.take_in.clock,), known=self.clocks, what="the clock take_in.clock")
        _require((self.take_in.resolution,), known=self.resolutions, what="the resolution take_in.resolution")
        _require((OTHER,), known=self.needs, what="needs for families that are not listed")
        for need in self.needs.values():
            _require(need.skills, known=self.skills, what="the skills of needs")
            _require(need.certificates, known=self.certificates, what="the certificates of needs")
        return self

    @model_validator(mode="after")
    def _each_district_once(self) -> Self:
        districts = [district for zone in self.zones.values() for district in zone.districts]
        if twice := {district for district in districts if districts.count(district) > 1}:
            raise ValueError(f"each district in one zone; twice: {', '.join(sorted(twice))}")
        return self


def require_known(given: Collection[str], *, known: Collection[str], field: str) -> None:
    """Raises Refusal, which names the codes that the policy knows, when `given` has another one."""
    if unknown := sorted(set(given) - set(known)):
        raise Refusal(
            "unknown_code",
            detail=f"{field}: {', '.join(unknown)} is not in the policy",
            expected=f"{field} of: {', '.join(sorted(known))}",
        )


def _require(given: Iterable[str], *, known: Collection[str], what: str) -> None:
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"{what} of: {', '.join(sorted(known))}; not {', '.join(unknown)}")
