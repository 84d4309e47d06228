"""Who may waive a fee, and what he decides (批件, R189, R190)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol
from uuid import UUID

from shared.refusals import IllegalTransition, NotAllowed

type Decision = Literal["approved", "rejected"]


class ApprovalState(StrEnum):
    """A request is decided once, unless its case goes away before."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Band(Protocol):
    """Up to and with `up_to` yuan `role` decides; the last band of a list has no limit."""

    @property
    def up_to(self) -> Decimal | None: ...
    @property
    def role(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A fee that somebody with authority is asked to waive. `amount` in yuan."""

    id: UUID
    amount: Decimal
    approver_role: str
    requested_at: datetime
    state: ApprovalState = ApprovalState.PENDING
    decided_at: datetime | None = None


def approver_for(amount: Decimal, *, bands: Sequence[Band]) -> str:
    """R189: the role that may waive `amount`: the first band that holds it. `bands` ascend, the last without limit."""
    return next(band.role for band in bands if band.up_to is None or amount <= band.up_to)


def decide(approval: Approval, *, decision: Decision, role: str, at: datetime) -> Approval:
    """R189, R190: the decided approval.

    Raises `IllegalTransition` where it was decided or withdrawn before, `NotAllowed` for any other role: a higher one
    does not stand in, because the regulation names who signs.
    """
    if role != approval.approver_role:
        raise NotAllowed(
            "not_the_approver",
            detail=f"A waiver of {approval.amount} yuan is not decided by the role {role}.",
            expected=f"a decision by the role {approval.approver_role}",
        )
    if approval.state is not ApprovalState.PENDING:
        raise IllegalTransition(
            "approval_not_pending",
            detail=f"The approval is {approval.state}.",
            expected="a decision on a pending approval",
        )
    return replace(approval, state=ApprovalState(decision), decided_at=at)


def withdraw(approval: Approval, *, at: datetime) -> Approval:
    """A pending request goes away with its case; a decided one stays what it is."""
    if approval.state is not ApprovalState.PENDING:
        return approval
    return replace(approval, state=ApprovalState.WITHDRAWN, decided_at=at)
