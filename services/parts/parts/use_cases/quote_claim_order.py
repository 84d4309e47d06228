"""A claim order is quoted and its quotation signed before it may be placed (R195 to R197); a mis-order is charged."""

from collections.abc import Sequence
from uuid import UUID

from parts.desk import Desk
from parts.domain.issuing import is_addition
from parts.domain.quotations import QuotationState, QuotedLine, check_quotation, check_reason, check_signed, sign
from parts.domain.supply_words import ORDERED
from parts.policy import require_known
from parts.queries import dossiers, returns, stock
from parts.queries.dossiers import Dossier
from parts.tables import MisorderRow, QuotationRow
from shared.contracts.facts import WarrantyStatus
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal, require_version


def ask_for_quotation(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    """R195: where the policy says so, nothing of the order goes out before its quotation is signed."""
    terms = desk.policy.quotations
    if WarrantyStatus(dossier.request.warranty) in terms.asked_for:
        work.session.add(
            QuotationRow(
                claim_order_id=dossier.its_claim.id, state=QuotationState.NEEDED, signer=terms.signed_by, lines=[]
            )
        )


async def write_quotation(
    work: UnitOfWork,
    *,
    claim_order_id: UUID,
    version: int | None,
    lines: Sequence[QuotedLine],
    reason: str | None,
    desk: Desk,
) -> tuple[Dossier, QuotationRow]:
    """R195 to R197: the service advisor (服务顾问) writes it, or writes it anew until it is signed.

    Raises Refusal for a part that the catalogue does not have or calls otherwise, and an addition without its reason.
    """
    dossier, row = await _its_quotation(work, claim_order_id=claim_order_id, version=version)
    if row.state == QuotationState.SIGNED:
        raise IllegalTransition(
            "quotation_signed", detail=f"{row.signed_by} has signed it", expected="a quotation that is not signed yet"
        )
    reasons = desk.policy.quotations.addition_reasons
    earlier = await dossiers.asked_before(work.session, request=dossier.request)
    check_reason(reason, is_addition=is_addition(earlier), reasons=sorted(reasons))
    if reason is not None:
        require_known(reason, known=reasons, field="reason")
    catalogue = await stock.parts_by_code(work.session, codes={line.part_code for line in lines})
    names = {code: (part.name_zh, part.name_en) for code, part in catalogue.items()}
    check_quotation(lines, ordered=dossier.ordered, names=names)
    row.lines = [{"part_code": line.part_code, "name": line.name, "quantity": line.quantity} for line in lines]
    row.state, row.reason, row.written_at, row.written_by = (
        QuotationState.WRITTEN,
        reason,
        work.now,
        work.cause.actor.id,
    )
    dossier.its_claim.version += 1
    await desk.audit.record(work, action="quotation_written", subject=f"claim_order/{claim_order_id}")
    return dossier, row


async def sign_quotation(
    work: UnitOfWork, *, claim_order_id: UUID, version: int | None, desk: Desk
) -> tuple[Dossier, QuotationRow]:
    """R195, R197: only what the responsible person has signed may be ordered. Raises NotAllowed, IllegalTransition."""
    dossier, row = await _its_quotation(work, claim_order_id=claim_order_id, version=version)
    row.state = sign(QuotationState(row.state), role=work.cause.actor.role, signer=row.signer)
    row.signed_at, row.signed_by = work.now, work.cause.actor.id
    dossier.its_claim.version += 1
    await desk.audit.record(work, action="quotation_signed", subject=f"claim_order/{claim_order_id}")
    return dossier, row


async def require_signed_quotation(work: UnitOfWork, *, dossier: Dossier) -> None:
    """R195, R197: raises IllegalTransition for an order whose quotation nobody has signed."""
    row = await returns.quotation_of(work.session, claim_order_id=dossier.its_claim.id)
    check_signed(None if row is None else QuotationState(row.state))


async def charge_misorder(
    work: UnitOfWork, *, claim_order_id: UUID, part_code: str, person: str, desk: Desk
) -> MisorderRow:
    """R196: who misquoted (误报) or mis-ordered (误订) a part, and what the policy charges him. Raises Refusal.

    Each time (每次) is one order of one part: several people may be charged for it, each once. Raises
    IllegalTransition for a second charge, and for an order that is neither quoted nor with the supplier.
    """
    dossier = await dossiers.lock_claim(work.session, claim_order_id=claim_order_id)
    quotation = await returns.quotation_of(work.session, claim_order_id=claim_order_id)
    is_quoted = quotation is not None and quotation.state != QuotationState.NEEDED
    if not is_quoted and dossier.supply.claim not in ORDERED:
        raise IllegalTransition(
            "not_ordered",
            detail=f"the claim order is {dossier.supply.claim}, and nothing was quoted for it",
            expected="an order whose quotation is written, or which the supplier has or had",
        )
    if part_code not in dossier.ordered:
        raise Refusal(
            "not_on_the_order",
            detail=f"{part_code} is not on this claim order",
            expected=f"a part of the order: {', '.join(sorted(dossier.ordered))}",
        )
    earlier = await returns.misorder_of(work.session, claim_order_id=claim_order_id, part_code=part_code, person=person)
    if earlier is not None:
        raise _charged(earlier)
    charge = desk.policy.quotations.misorder_charge
    row = MisorderRow(
        id=work.new_id(),
        claim_order_id=claim_order_id,
        part_code=part_code,
        person=person,
        charge=charge,
        at=work.now,
        by=work.cause.actor.id,
    )
    work.session.add(row)
    await desk.audit.record(
        work,
        action="misorder_charged",
        subject=f"claim_order/{claim_order_id}",
        details={"person": person, "part_code": part_code, "charge": str(charge)},
    )
    return row


def _charged(earlier: MisorderRow) -> IllegalTransition:
    return IllegalTransition(
        "misorder_charged",
        detail=f"{earlier.by} charged {earlier.person} {earlier.charge} yuan for {earlier.part_code} of this order at"
        f" {earlier.at.isoformat()}: {earlier.id}",
        expected="another person, another part or another order: each is charged once",
    )


async def _its_quotation(
    work: UnitOfWork, *, claim_order_id: UUID, version: int | None
) -> tuple[Dossier, QuotationRow]:
    dossier = await dossiers.lock_claim(work.session, claim_order_id=claim_order_id)
    require_version(dossier.its_claim.version, expected=version)
    row = await returns.quotation_of(work.session, claim_order_id=claim_order_id)
    if row is None:
        raise IllegalTransition(
            "no_quotation_needed",
            detail="no quotation is asked for on this order",
            expected="an order of a warranty status of the policy's quotations.asked_for",
        )
    return dossier, row
