"""What differs between companies and intake obeys: the typed form of `deploy/policies/<profile>/intake.toml`."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from string import Formatter
from typing import Self

from pydantic import Field, model_validator

from shared.clocks.terms import ClockPolicy, TimedPolicy
from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.contracts.envelope import Event
from shared.contracts.intake import CaseEvent
from shared.policy import Duration, Policy
from shared.policy.labels import Label, Labels
from shared.security.roles import ROLES
from shared.working_time.calendar import Zone

RESPONSE = "response"
"""The clock from the registration of a repair to the first contact with the customer (R210, R066)."""


class CompanyPolicy(Policy):
    """Where the company is at home."""

    time_zone: Zone = Field(description="IANA name; decides on which day a warranty ends")
    country: str = Field(pattern="^[A-Z]{2}$", description="ISO 3166 code; numbers without a country code are of there")


class CallPolicy(Policy):
    """How calls are followed."""

    max_call: Duration = Field(description="a call of which nothing was heard for so long is over, by the clock")


class CasePolicy(Policy):
    """What a register form may say (顾客报修登记表)."""

    required_by_furthest: Duration = Field(description="how far ahead a customer may want a repair done (R188)")


class QuotePolicy(Policy):
    """How quotes are made (报价单)."""

    valid_for: Duration = Field(description="a quote that nobody answered for so long expires, by the clock")


class WaiverBand(Policy):
    """Up to and with `up_to` yuan this role decides; the last band has no `up_to` (R189)."""

    up_to: Decimal | None = Field(default=None, gt=0, description="yuan")
    role: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="the role that its token must have")


class WaiverPolicy(Policy):
    """Who may waive a fee that the customer refuses to bear (R189)."""

    bands: tuple[WaiverBand, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        *limited, last = (band.up_to for band in self.bands)
        if last is not None or None in limited:
            raise ValueError("exactly one band without up_to, the last one")
        limits = [limit for limit in limited if limit is not None]
        if limits != sorted(set(limits)):
            raise ValueError("bands whose up_to ascends")
        return self


class IntakePolicy(TimedPolicy):
    """The whole file."""

    company: CompanyPolicy
    calls: CallPolicy
    cases: CasePolicy
    quotes: QuotePolicy
    waiver: WaiverPolicy
    problems: Labels = Field(min_length=1, description="what a customer may report (报修类别, R069)")
    hold_reasons: Labels = Field(description="for what a case may wait; clocks list the ones that pause them")
    cancel_reasons: Labels = Field(description="why an agent may call a case off")
    resolutions: Labels = Field(
        min_length=1, description="how an agent may say that a problem was solved without a visit"
    )
    reopen_reasons: Labels = Field(min_length=1, description="why somebody may open a case again that was resolved")
    erasure_reasons: Labels = Field(min_length=1, description="why the data of a customer may be destroyed")
    purposes: Labels = Field(min_length=1, description="what contact data may be read for; written down each time")
    purposes_of_roles: dict[str, tuple[str, ...]] = Field(
        default={}, description="roles that read contact data for nothing but these purposes (R037, R329, R331)"
    )
    story: dict[str, Label] = Field(description="one text per event type, told in the case's timeline")
    words: Labels = Field(default={}, description="what people call the codes that stand in the texts of the story")

    def purposes_of(self, role: str) -> Collection[str]:
        """What this role may read contact data for."""
        return self.purposes_of_roles.get(role, tuple(self.purposes))

    @property
    def response_clock(self) -> ClockPolicy:
        """R210, R066: how soon a customer who reported a repair is contacted."""
        return self.clocks[RESPONSE]

    def word(self, code: str) -> Label | None:
        """What people call a code that an event carries, where the policy says so."""
        named = (
            self.words,
            self.hold_reasons,
            self.cancel_reasons,
            self.resolutions,
            self.reopen_reasons,
            self.problems,
        )
        return next((labels[code] for labels in named if code in labels), None)

    @model_validator(mode="after")
    def _has_the_response_clock(self) -> Self:
        if set(self.clocks) != {RESPONSE}:
            raise ValueError(f"exactly one section [clocks.{RESPONSE}]: intake times nothing else")
        return self

    @model_validator(mode="after")
    def _pauses_for_known_reasons(self) -> Self:
        if unknown := sorted(set(self.response_clock.pause_reasons) - set(self.hold_reasons)):
            known = ", ".join(sorted(self.hold_reasons))
            raise ValueError(f"hold_reasons in clocks.{RESPONSE}.pause_reasons ({known}); {', '.join(unknown)} is none")
        return self

    @model_validator(mode="after")
    def _roles_have_known_purposes(self) -> Self:
        for role, purposes in self.purposes_of_roles.items():
            if role not in ROLES:
                raise ValueError(f"purposes_of_roles: a role of {', '.join(sorted(ROLES))}; {role} is none")
            if unknown := sorted(set(purposes) - set(self.purposes)):
                known = ", ".join(sorted(self.purposes))
                raise ValueError(f"purposes_of_roles.{role} of: {known}; {', '.join(unknown)} is none")
        return self

    @model_validator(mode="after")
    def _story_is_complete(self) -> Self:
        told = told_events()
        if missing := sorted(set(told) - set(self.story)):
            raise ValueError(f"story: a text for every event that a timeline shows; missing are {', '.join(missing)}")
        for event_type, label in self.story.items():
            if event_type not in told:
                raise ValueError(f"story: {event_type} is no event of a case; they are {', '.join(sorted(told))}")
            known = set(told[event_type].model_fields)
            for text in (label.zh_cn, label.en):
                if unknown := {name for _, name, _, _ in Formatter().parse(text) if name} - known:
                    raise ValueError(f"story.{event_type}: {sorted(unknown)} of {sorted(known)}")
        return self


def told_events() -> Mapping[str, type[Event]]:
    """Every event that a case's timeline may show: intake's own about cases, and all that it hears about one."""
    own = {name: event for name, event in EVENTS.items() if issubclass(event, CaseEvent)}
    return own | {event.TYPE: event for event in SUBSCRIPTIONS["intake"] if "case_id" in event.model_fields}
