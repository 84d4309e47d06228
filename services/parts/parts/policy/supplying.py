"""How long pieces are kept, what a claim order needs, and its deposit."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from parts.domain.claims import Signer
from parts.domain.deposits import Share
from parts.domain.serving import Partial, Priority
from parts.domain.supply_words import DepositState, Terms, Weight
from parts.policy.money import Yuan
from shared.contracts.facts import WarrantyStatus
from shared.policy import Duration, Policy
from shared.security.roles import ROLES

SIGNING = "claims:approve"


class ReservationPolicy(Policy):
    """How long pieces are kept for a request before they go back to the shelf."""

    kept_for: Duration = Field(description="pieces that were on the shelf")
    kept_for_claim: Duration = Field(
        description="a request for which something was ordered, and what is kept in part until that has come"
    )
    partial: Partial = Field(
        description="`kept`: what there is of a kit is kept and the rest ordered; `whole_kit`: all of it is ordered"
    )
    renewals: int = Field(ge=0, le=100, description="how often a reservation may be renewed, for as long again")
    priorities: tuple[Priority, ...] = Field(description="what goes before age where pieces become free")

    @field_validator("priorities")
    @classmethod
    def _each_once(cls, priorities: tuple[Priority, ...]) -> tuple[Priority, ...]:
        if len(set(priorities)) < len(priorities):
            raise ValueError("each priority once")
        return priorities


class DepositPolicy(Policy):
    """The deposit (订金) of a claim order (R320, R321)."""

    asked_for: tuple[WarrantyStatus, ...] = Field(description="warranty statuses; none: nobody pays a deposit")
    percent: int = Field(ge=0, le=100, description="of what the missing parts cost")
    minimum: Yuan
    maximum: Yuan
    due_within: Duration = Field(description="unpaid by then, it is not waited for any more")
    weight: Weight = Field(description="`blocking`: nothing is ordered before it is paid; `advisory`: asked for only")
    never_fitted: Literal[DepositState.FORFEITED, DepositState.REFUNDED] = Field(
        description="what becomes of a deposit whose parts arrived and were not drawn in time"
    )
    cancelled: Literal[DepositState.FORFEITED, DepositState.REFUNDED] = Field(
        description="what becomes of a deposit whose parts arrived and whose order is called off"
    )

    @property
    def share(self) -> Share:
        return Share(percent=self.percent, minimum=self.minimum, maximum=self.maximum)

    @property
    def terms(self) -> Terms:
        return Terms(weight=self.weight, never_fitted=self.never_fitted, cancelled=self.cancelled)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("minimum not more than maximum")
        return self


class SignaturePolicy(Policy):
    """A signature that a claim order needs (R199)."""

    role: str
    above: Yuan | None = Field(default=None, description="only for orders worth more than so many yuan (大金额备件)")

    @field_validator("role")
    @classmethod
    def _may_sign(cls, role: str) -> str:
        signing = sorted(name for name, scopes in ROLES.items() if SIGNING in scopes)
        if role not in signing:
            raise ValueError(f"a role that may sign: {', '.join(signing)}")
        return role


class ClaimPolicy(Policy):
    """Claim orders (索赔订货)."""

    chase_every: Duration | None = Field(
        default=None, description="how often a customer is told again that his part lies unused (R322); none: he is not"
    )
    signatures: tuple[SignaturePolicy, ...] = Field(description="none: nobody has to sign")

    @property
    def signers(self) -> tuple[Signer, ...]:
        return tuple(Signer(role=one.role, above=one.above) for one in self.signatures)

    @model_validator(mode="after")
    def _each_signs_once(self) -> Self:
        if self.chase_every is not None and not self.chase_every:
            raise ValueError("a chase_every of more than nothing")
        if self.signatures and all(one.above is not None for one in self.signatures):
            raise ValueError("a signature without `above`, so that every order is signed by somebody, or none at all")
        if len({one.role for one in self.signatures}) < len(self.signatures):
            raise ValueError("each role once")
        return self
