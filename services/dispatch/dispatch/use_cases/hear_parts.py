"""Parts answers a request: reserved, short, ordered, gone, drawn, back. In any order, even before the case is heard."""

from dispatch.desk import Desk
from dispatch.domain.arrangement import PartsHeard
from dispatch.domain.parts_requests import Answer, Request, hear
from dispatch.queries import cases, parts_requests, work_orders
from dispatch.queries.parts_requests import facts_of, needs, stored
from dispatch.tables import PartsRequestRow
from dispatch.use_cases.arrange import arrange, write_request
from shared.contracts.parts import PartsShort, PartsUnavailable
from shared.messaging.unit_of_work import UnitOfWork


async def hear_parts(work: UnitOfWork, *, answer: Answer, desk: Desk) -> None:
    """Write down what was said; where it changes something for the visit, do that."""
    await cases.lock(work.session, case_id=answer.case_id)
    known = await parts_requests.order_of(work.session, request_id=answer.request_id)
    order = await work_orders.lock_if_known(work.session, order_id=known or answer.work_order_id)
    row = await parts_requests.lock(work.session, request_id=answer.request_id)
    facts = hear(facts_of(row), answer)
    _note(row, answer=answer)
    if order is None or row.work_order_id is None:
        write_request(row, request=Request(lines=needs(row.lines), facts=facts))
        return
    await arrange(work, order=order, happening=PartsHeard(request_id=row.id, facts=facts), desk=desk)


def _note(row: PartsRequestRow, *, answer: Answer) -> None:
    """What people want to know of it, and nothing is decided on."""
    match answer:
        case PartsShort(missing=missing):
            row.missing = stored(missing)
        case PartsUnavailable(reason=reason):
            row.unavailable_reason = reason
        case _:
            pass
