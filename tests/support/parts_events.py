"""What parts answers to a request of dispatch."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from dispatch.domain.parts_requests import request_id
from shared.contracts.dispatch import PartsRequested
from shared.contracts.facts import PartNeed
from shared.contracts.intake import CaseCleared
from shared.contracts.parts import (
    ClaimOrderPlaced,
    DepositPaid,
    DepositRequired,
    DepositWaived,
    PartsIssued,
    PartsReserved,
    PartsReturned,
    PartsShort,
    PartsUnavailable,
    ReservationExpired,
)

BOARD = (PartNeed(part_code="PCB", quantity=1),)


class PartsDesk:
    """Answers one request."""

    def __init__(self, *, asked: UUID, order_id: UUID, case_id: UUID) -> None:
        self.request_id = asked
        self._about = {"request_id": asked, "work_order_id": order_id, "case_id": case_id}
        self._deposit = {**self._about, "deposit_id": uuid4(), "claim_order_id": uuid4(), "amount": Decimal(60)}

    def reserved(self, at: datetime) -> PartsReserved:
        return PartsReserved(lines=BOARD, reserved_at=at, expires_at=at + timedelta(days=14), **self._about)

    def short(self, at: datetime) -> PartsShort:
        return PartsShort(missing=BOARD, short_at=at, **self._about)

    def placed(self, at: datetime, *, expected_at: datetime) -> ClaimOrderPlaced:
        return ClaimOrderPlaced(claim_order_id=uuid4(), placed_at=at, expected_at=expected_at, **self._about)

    def deposit_required(self, at: datetime) -> DepositRequired:
        due_at = at + timedelta(days=3)
        return DepositRequired(customer_id=uuid4(), required_at=at, due_at=due_at, **self._deposit)

    def deposit_paid(self, at: datetime) -> DepositPaid:
        return DepositPaid(paid_at=at, **self._deposit)

    def deposit_waived(self, at: datetime) -> DepositWaived:
        return DepositWaived(reason="declined", waived_at=at, **self._deposit)

    def unavailable(self, at: datetime) -> PartsUnavailable:
        return PartsUnavailable(reason="deposit_declined", unavailable_at=at, **self._about)

    def expired(self, at: datetime) -> ReservationExpired:
        return ReservationExpired(expired_at=at, **self._about)

    def issued(self, at: datetime, *, lines: tuple[PartNeed, ...] = BOARD) -> PartsIssued:
        return PartsIssued(issue_id=uuid4(), lines=lines, issued_to="T1", issued_at=at, **self._about)

    def returned(self, at: datetime, *, lines: tuple[PartNeed, ...] = BOARD) -> PartsReturned:
        return PartsReturned(return_id=uuid4(), lines=lines, returned_at=at, **self._about)


def parts_desk(asked: PartsRequested) -> PartsDesk:
    """For a request that dispatch made."""
    return PartsDesk(asked=asked.request_id, order_id=asked.work_order_id, case_id=asked.case_id)


def early_parts_desk(case: CaseCleared) -> PartsDesk:
    """For the first request of a case that dispatch has not heard of yet."""
    asked = request_id(case.case_id, round_=case.round, number=1)
    return PartsDesk(asked=asked, order_id=uuid4(), case_id=case.case_id)
