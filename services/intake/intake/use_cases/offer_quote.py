"""Out of warranty the customer hears solution and fee before anything is repaired (R187)."""

from dataclasses import replace
from uuid import UUID

from intake.domain import case_steps
from intake.domain.forms import QuoteForm
from intake.domain.quotes import Line, Quote, total
from intake.office import Office
from intake.queries.cases import CaseRows
from intake.tables import QuoteRow
from intake.use_cases.change_case import keep, open_case
from shared.messaging.unit_of_work import UnitOfWork

QUOTE_EXPIRES = "quote_expires"
"""The deadline at which an unanswered quote ends."""


async def offer_quote(
    work: UnitOfWork, *, case_id: UUID, version: int | None, form: QuoteForm, office: Office
) -> tuple[CaseRows, QuoteRow]:
    """R187, R067: put lines and their sum to the customer. An earlier quote that still waits is superseded."""
    opened = await open_case(work, case_id=case_id, version=version)
    quote = Quote(
        id=work.new_id(),
        amount=total(form.lines),
        offered_at=work.now,
        valid_until=work.now + office.policy.quotes.valid_for,
    )
    kept = keep(work, opened, change=case_steps.offer_quote(opened.case, quote=quote))
    row = QuoteRow(
        id=quote.id,
        case_id=case_id,
        amount=quote.amount,
        solution=office.seal(form.solution, place="case_quote.solution", row=quote.id),
        lines=[_line(line) for line in form.lines],
        state=quote.state,
        offered_at=quote.offered_at,
        offered_by=work.cause.actor.id,
        valid_until=quote.valid_until,
    )
    work.session.add(row)
    work.set_deadline(
        f"quote/{case_id}",
        kind=QUOTE_EXPIRES,
        due=quote.valid_until,
        data={"case_id": str(case_id), "quote_id": str(quote.id)},
    )
    await office.audit.record(
        work,
        action="quote_offered",
        subject=f"case/{case_id}",
        details={"quote_id": str(quote.id), "amount": str(quote.amount)},
    )
    return replace(kept, quotes=[*kept.quotes, row]), row


async def expire_quote(work: UnitOfWork, *, case_id: UUID, quote_id: UUID) -> None:
    """The quote's time ran out: the case needs another one. Harmless if it was answered meanwhile."""
    opened = await open_case(work, case_id=case_id, version=None)
    change = case_steps.expire_quote(opened.case, quote_id=quote_id, at=work.now)
    if change[0] != opened.case:
        keep(work, opened, change=change)


def _line(line: Line) -> dict[str, str]:
    return {
        "kind": line.kind,
        "text": line.text,
        "quantity": str(line.quantity),
        "price": str(line.price),
        "amount": str(line.amount),
    }
