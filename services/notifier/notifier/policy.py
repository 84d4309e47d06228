"""What differs between companies and notifier obeys: the typed form of `deploy/policies/<profile>/notifier.toml`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from notifier.domain.forms import Language
from notifier.domain.ladder import Level
from notifier.domain.sending import Patience
from notifier.domain.texts import field_names, fields_of, has_field
from notifier.wording import MARK_BEFORE, WordingPolicy, said
from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.contracts.envelope import Event
from shared.policy import Duration, Policy, PolicyFile
from shared.policy.durations import parse_duration
from shared.policy.labels import Code, Label, Labels
from shared.security.roles import ROLES
from shared.working_time import Calendars
from shared.working_time.calendar import Zone

CASE_NUMBER = "case_number"
"""A field that every text about a case may have, whether its event says it or not: notifier remembers it."""
CUSTOMER_ID = "customer_id"
CASE_ID = "case_id"


def _role(role: str) -> str:
    if role not in ROLES:
        raise ValueError(f"a role of: {', '.join(sorted(ROLES))}")
    return role


def _heard(event_type: str) -> str:
    if event_type not in heard_events():
        raise ValueError(f"an event that notifier hears: {', '.join(sorted(heard_events()))}")
    return event_type


type Role = Annotated[str, AfterValidator(_role)]
type HeardType = Annotated[str, AfterValidator(_heard)]


class CompanyPolicy(Policy):
    """Where the company is at home, and how it signs."""

    name: Label = Field(description="stands under every message")
    time_zone: Zone = Field(description="IANA name; instants in messages are of there")


class SendingPolicy(Policy):
    """How a message is tried, in all time, for mail servers keep no office hours."""

    pauses: tuple[Duration, ...] = Field(min_length=1, description="after each attempt that failed for now, in order")
    give_up_after: Duration = Field(description="a message older than that is tried no more")
    link_lifetime: Duration = Field(description="how long the link in a message acknowledges, from when it was made")
    customer_language: Language = Field(description="in which customers are written to")

    @property
    def patience(self) -> Patience:
        return Patience(pauses=self.pauses, give_up_after=self.give_up_after)

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if not all((*self.pauses, self.give_up_after, self.link_lifetime)):
            raise ValueError("pauses, give_up_after and link_lifetime of more than nothing")
        return self


class LevelPolicy(Policy):
    """One level of a ladder."""

    role: Role = Field(description="whoever has this role is told")
    answer_within: Duration = Field(description="then the next level is told")

    @model_validator(mode="after")
    def _has_time(self) -> Self:
        if not self.answer_within:
            raise ValueError("answer_within of more than nothing")
        return self


class LadderPolicy(Policy):
    """Who is told after whom (逐级上报, R430)."""

    name: Label
    calendar: str | None = Field(default=None, description="in whose time the levels answer; none: round the clock")
    levels: tuple[LevelPolicy, ...] = Field(min_length=1)

    @property
    def climb(self) -> tuple[Level, ...]:
        return tuple(Level(role=level.role, answer_within=level.answer_within) for level in self.levels)


class ToRoles(Policy):
    """To every active member of the staff with one of these roles."""

    kind: Literal["roles"]
    roles: tuple[Role, ...] = Field(min_length=1)


class ToRoleNamed(Policy):
    """To every active member of the staff with the role that the event names, such as `approver_role`."""

    kind: Literal["role_named_in"]
    field: str = Field(description="a field of the event that holds a role")


class ToMember(Policy):
    """To the one whom the event names by staff number."""

    kind: Literal["member_named_in"]
    field: str = Field(description="a field of the event that holds a staff number")


class ToCustomer(Policy):
    """To the customer of the event, or of its case."""

    kind: Literal["customer"]


class ToLadder(Policy):
    """To one level after the other, until somebody acknowledges or one of the events in `ended_by` is heard."""

    kind: Literal["ladder"]
    ladder: str = Field(description="a section [ladders.<name>]")
    ended_by: tuple[HeardType, ...] = Field(default=(), description="event types of the same case that end it")
    only_after: dict[HeardType, Annotated[tuple[HeardType, ...], Field(min_length=1)]] = Field(
        default={},
        description="of those, which one counts only after one of which others, since what the escalation is about:"
        " closed only after resolved or reopened",
    )

    @property
    def remembered(self) -> frozenset[str]:
        """The types of events that have a say in when it ends."""
        return frozenset((*self.ended_by, *chain.from_iterable(self.only_after.values())))

    @model_validator(mode="after")
    def _ends_after(self) -> Self:
        _require(self.only_after, known=self.ended_by, what="only_after: event types")
        _require_field(CASE_ID, of=self.remembered)
        return self


type To = Annotated[ToRoles | ToRoleNamed | ToMember | ToCustomer | ToLadder, Field(discriminator="kind")]


class ActionPolicy(Policy):
    """A button in the message that leads to the address that the event carries."""

    label: Label
    field: str = Field(description="a field of the event that holds an address")


class OvertakenPolicy(Policy):
    """What makes a message old that was not sent yet: it is withdrawn."""

    by: tuple[HeardType, ...] = Field(min_length=1, description="types of events that happen later")
    same: str = Field(description="a field that both events say, with the same value: `visit_id`")

    @model_validator(mode="after")
    def _all_say_it(self) -> Self:
        _require_field(self.same, of=self.by)
        return self


def _as_many(wanted: object) -> object:
    return (wanted,) if isinstance(wanted, str) else wanted


type Wanted = Annotated[tuple[str, ...], BeforeValidator(_as_many), Field(min_length=1)]


class RoutePolicy(Policy):
    """What is told to whom when an event is heard."""

    on: HeardType = Field(description="type of the event")
    when: dict[str, Wanted] = Field(
        default={},
        description='what the event must say: { "clock.clock" = ["arrival", "required_by"] } is one of two',
    )
    to: To
    subject: Label = Field(description="with {fields} of the event")
    text: Label = Field(description="with {fields} of the event")
    action: ActionPolicy | None = None
    once_per: str | None = Field(
        default=None, description="a field of the event: of each value it is told once, however often it happens"
    )
    again_after: tuple[HeardType, ...] = Field(
        default=(), description="events with the same value in `once_per` after which it may be told again"
    )
    overtaken: tuple[OvertakenPolicy, ...] = ()

    @model_validator(mode="after")
    def _fields_exist(self) -> Self:
        event = heard_events()[self.on]
        asked = [*self.when]
        for text in (self.subject.zh_cn, self.subject.en, self.text.zh_cn, self.text.en):
            asked += fields_of(text)
        if self.action is not None:
            asked.append(self.action.field)
        asked += [overtaken.same for overtaken in self.overtaken]
        if self.once_per is not None:
            asked.append(self.once_per)
            _require_field(self.once_per, of=self.again_after)
            _require_field(CASE_ID, of=(self.on, *self.again_after))  # whoever hears of a case is alone with it
        elif self.again_after:
            raise ValueError("again_after only with once_per: what is told each time needs no leave to be told again")
        if isinstance(self.to, ToRoleNamed | ToMember):
            asked.append(self.to.field)
        known = _known_of_case(event)
        if unknown := sorted(path for path in set(asked) - known if not has_field(event, path)):
            raise ValueError(f"fields of {self.on} ({', '.join(sorted({*field_names(event), *known}))}); not {unknown}")
        if isinstance(self.to, ToCustomer) and not {CUSTOMER_ID, CASE_ID} & set(event.model_fields):
            raise ValueError(f"an event that names a customer or a case; {self.on} does not")
        return self


class NotifierPolicy(PolicyFile):
    """The whole file."""

    company: CompanyPolicy
    calendars: Calendars = Field(description="at least one section [calendars.<name>]")
    sending: SendingPolicy
    ladders: dict[Code, LadderPolicy]
    routes: dict[Code, RoutePolicy] = Field(min_length=1, description="a section [routes.<name>] for each message")
    wording: WordingPolicy
    words: Labels = Field(default={}, description="what people call the codes that stand in the texts")

    @property
    def remembered(self) -> Mapping[str, frozenset[str]]:
        """The types of events that end or overtake something, with the fields by which they are known."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for route in self.routes.values():
            if isinstance(route.to, ToLadder):
                for type_ in route.to.remembered:
                    found[type_].add(CASE_ID)
            for overtaken in route.overtaken:
                for type_ in overtaken.by:
                    found[type_].add(overtaken.same)
            if route.once_per is not None:
                for type_ in route.again_after:
                    found[type_].add(route.once_per)
        return {type_: frozenset(fields) for type_, fields in found.items()}

    def answer_by(self, ladder: str, *, start: datetime, within: timedelta) -> datetime:
        """When a level has had `within` to answer, in the time of the ladder's calendar."""
        known = self.ladders.get(ladder)
        if known is None or known.calendar is None:
            return start + within
        return self.calendars[known.calendar].add(start, duration=within)

    def word(self, value: object, *, language: Language) -> str:
        """A value of an event as people read it: codes in words, instants in local time."""
        if label := self.words.get(str(value)):
            return said(label, language=language)
        if mark := MARK_BEFORE.fullmatch(str(value)):
            return self.wording.before(parse_duration(mark[1]), language=language)
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            moment = None
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            return f"{moment.astimezone(self.company.time_zone):%Y-%m-%d %H:%M}"
        return str(value)

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Self:
        calendars = (ladder.calendar for ladder in self.ladders.values() if ladder.calendar is not None)
        _require(calendars, known=self.calendars, what="the calendars of ladders")
        named = (route.to.ladder for route in self.routes.values() if isinstance(route.to, ToLadder))
        _require(named, known=self.ladders, what="the ladders of routes")
        return self


def heard_events() -> Mapping[str, type[Event]]:
    """Every event that notifier hears, by its type."""
    return {event.TYPE: EVENTS[event.TYPE] for event in SUBSCRIPTIONS["notifier"]}


def _known_of_case(event: type[Event]) -> set[str]:
    """What texts may say of the event's case without the event saying it."""
    return {CASE_NUMBER} if CASE_ID in event.model_fields else set()


def _require_field(field: str, *, of: Iterable[str]) -> None:
    if unknown := sorted(type_ for type_ in of if not has_field(heard_events()[type_], field)):
        raise ValueError(f"events that say {field}; {', '.join(unknown)} does not")


def _require(given: Iterable[str], *, known: Iterable[str], what: str) -> None:
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"{what} of: {', '.join(sorted(known))}; not {', '.join(unknown)}")
