"""A supplier solves what is wrong with his part (外调产品质量问题): from the first call until the costs are settled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from shared.refusals import IllegalTransition, Refusal


class CaseState(StrEnum):
    """Where it stands."""

    RAISED = "raised"
    CONTACTED = "contacted"
    NOTIFIED = "notified"
    ON_SITE = "on_site"
    SOLVED = "solved"
    SETTLED = "settled"


class Step(StrEnum):
    """What is done about it."""

    CONTACT = "contact"  # R328: purchasing calls him at the first moment
    NOTIFY = "notify"  # R329: he is told in writing; again where something changed
    ARRIVE = "arrive"  # he is on site
    SOLVE = "solve"
    SETTLE = "settle"  # who bears what is agreed


class Bearer(StrEnum):
    """Who bears a cost."""

    SUPPLIER = "supplier"
    COMPANY = "company"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the problem costs, by a kind of the policy, yuan, and who bears it."""

    kind: str
    amount: Decimal
    bearer: Bearer


_STEPS: Mapping[Step, tuple[frozenset[CaseState], CaseState]] = MappingProxyType(
    {
        Step.CONTACT: (frozenset({CaseState.RAISED}), CaseState.CONTACTED),
        Step.NOTIFY: (frozenset({CaseState.RAISED, CaseState.CONTACTED, CaseState.NOTIFIED}), CaseState.NOTIFIED),
        Step.ARRIVE: (frozenset({CaseState.NOTIFIED}), CaseState.ON_SITE),
        Step.SOLVE: (frozenset({CaseState.CONTACTED, CaseState.NOTIFIED, CaseState.ON_SITE}), CaseState.SOLVED),
        Step.SETTLE: (frozenset({CaseState.SOLVED}), CaseState.SETTLED),
    }
)
REPORTED = frozenset({CaseState.CONTACTED, CaseState.NOTIFIED, CaseState.ON_SITE})
"""While it stands so, purchasing tracks the supplier and reports how he serves (R330)."""


def follow(state: CaseState, *, step: Step) -> CaseState:
    """Where it stands after the step. Raises IllegalTransition where that does not lead on.

    R329: nobody comes to the site who was not told in writing what he finds there, by when, and at whose cost.
    """
    before, after = _STEPS[step]
    if state not in before:
        following = [one for one, (states, _) in _STEPS.items() if state in states]
        raise IllegalTransition(
            f"not_to_{step}",
            detail=f"the supplier case is {state}",
            expected=f"one of: {', '.join(following)}" if following else "nothing more: it has ended",
        )
    return after


def require_tracked(state: CaseState) -> None:
    """R330: raises IllegalTransition before the supplier is contacted, and once it is solved."""
    if state not in REPORTED:
        raise IllegalTransition(
            "not_tracked",
            detail=f"the supplier case is {state}",
            expected=f"a case that is {', '.join(sorted(REPORTED))}: he is tracked until it is solved",
        )


def require_supplier_of(part_code: str, *, sources: Collection[str], number: str) -> None:
    """R185: raises Refusal for the company's own part, or one that is bought from somebody else."""
    if number not in sources:
        raise Refusal(
            "not_his_part",
            detail=f"{part_code} is not bought from the supplier {number}",
            expected=f"one of: {', '.join(sources)}" if sources else "the company itself: nobody supplies this part",
        )


def require_costs(costs: Sequence[Cost]) -> None:
    """Raises IllegalTransition where nobody has said who bears what."""
    if not costs:
        raise IllegalTransition(
            "costs_unknown",
            detail="nobody has said who bears the costs",
            expected="each cost with its bearer, none of 0 yuan at least, before it is settled",
        )


def borne_by(bearer: Bearer, *, costs: Sequence[Cost]) -> Decimal:
    """What one of them bears, yuan."""
    return sum((cost.amount for cost in costs if cost.bearer is bearer), Decimal("0.00"))
