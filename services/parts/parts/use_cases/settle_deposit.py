"""A deposit (订金) is taken, given back, kept or not asked for any more, and whoever waits for it hears so."""

from collections.abc import Mapping
from types import MappingProxyType

from parts.domain.deposit_ledger import EntryKind
from parts.domain.supply_words import Command, Happening
from parts.queries.dossiers import Dossier
from parts.tables import DepositEntryRow
from shared.contracts.parts import DepositForfeited, DepositPaid, DepositRefunded, DepositWaived
from shared.messaging.unit_of_work import UnitOfWork

DUE_DEADLINE = "deposit"

_WHY: Mapping[Happening, str] = MappingProxyType(
    {
        Happening.REJECTED: "unavailable",
        Happening.NOT_OBTAINABLE: "unavailable",
        Happening.EXPIRED: "never_fitted",
        Happening.NOT_FITTED: "not_needed",
        Happening.FOUND: "not_needed",
    }
)
"""Why a deposit ends, where that is not the name of what happened: `declined`, `unpaid`, `cancelled`, `fitted`."""


def settle_deposit(work: UnitOfWork, *, command: Command, dossier: Dossier, happening: Happening) -> None:
    """R320, R321: what the saga decided about the money."""
    deposit, reason = dossier.its_deposit, _WHY.get(happening, str(happening))
    work.cancel_deadline(f"{DUE_DEADLINE}/{deposit.id}")
    ids = {
        "request_id": dossier.request.id,
        "work_order_id": dossier.request.work_order_id,
        "case_id": dossier.request.case_id,
        "deposit_id": deposit.id,
        "claim_order_id": deposit.claim_order_id,
    }
    if command is Command.TAKE:
        deposit.paid_at = work.now
        _enter(work, dossier=dossier, kind=EntryKind.PAID, reason=EntryKind.PAID)
        work.publish(DepositPaid(**ids, amount=deposit.amount, paid_at=work.now))
        return
    deposit.settled_at, deposit.reason = work.now, reason
    match command:
        case Command.REFUND:
            _enter(work, dossier=dossier, kind=EntryKind.REFUNDED, reason=reason)
            work.publish(DepositRefunded(**ids, amount=deposit.amount, reason=reason, refunded_at=work.now))
        case Command.FORFEIT:
            _enter(work, dossier=dossier, kind=EntryKind.FORFEITED, reason=reason)
            work.publish(DepositForfeited(**ids, amount=deposit.amount, reason=reason, forfeited_at=work.now))
        case _:
            work.publish(DepositWaived(**ids, amount=deposit.amount, reason=reason, waived_at=work.now))


def _enter(work: UnitOfWork, *, dossier: Dossier, kind: EntryKind, reason: str) -> None:
    """R321: what was taken, given back or kept stands in the ledger of deposits."""
    deposit = dossier.its_deposit
    work.session.add(
        DepositEntryRow(
            id=work.new_id(),
            deposit_id=deposit.id,
            kind=kind,
            amount=deposit.amount,
            reason=reason,
            at=work.now,
            by=work.cause.actor.id,
        )
    )
