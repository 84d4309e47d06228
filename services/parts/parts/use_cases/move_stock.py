"""The one way in which stock changes: a line in the ledger, under the lock of its part (R324)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from parts.desk import Desk
from parts.domain.books import Book, Entry, Site, bring_in, take_away, transfer, worth_of_found
from parts.domain.ledger import Kind, change, post
from parts.domain.valuation import Layer, part_of, worth_of
from parts.queries import places, stock, waiting
from parts.tables import MovementRow, StockRow
from parts.use_cases.keep_books import Books, open_books, write_stock
from parts.use_cases.move_serials import Named, move_serials
from parts.use_cases.promise_day import look_again
from parts.use_cases.publish_report import schedule_cost_table
from parts.use_cases.set_up_location import usual_place
from shared.messaging.unit_of_work import UnitOfWork

FREED_DEADLINE = "freed"
OF_NO_PLACE = frozenset({Kind.RESERVE, Kind.RELEASE, Kind.CONSUME, Kind.LOSS})
"""Pieces are kept wherever they lie, and what is fitted or lost lies nowhere any more."""
USING_UP = frozenset({Kind.ISSUE, Kind.INTERNAL})
"""With the first of these in a month there is something to report (R325)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """So many pieces of one part. `reference`: the paper or the reason behind it.

    `location`: where they come to lie or leave, the first storeroom where nobody says; `destination`: where a transfer
    ends; `unit_cost`: yuan that a piece of a receipt cost, where its paper says so, and `worth`: what all of them did;
    `serials`: their numbers, all of a serial-tracked part; `left_with`: the paper with which they left that are given
    back, where that was for no request.
    """

    part_code: str
    kind: Kind
    pieces: int
    reference: str
    request_id: UUID | None = None
    location: str | None = None
    destination: str | None = None
    unit_cost: Decimal | None = None
    worth: Decimal | None = None
    serials: tuple[str, ...] = ()
    left_with: str | None = None


async def move_stock(work: UnitOfWork, *, moves: Sequence[Move], desk: Desk) -> list[MovementRow]:
    """Post them all. Raises IllegalTransition where pieces are lacking, Unknown for what the catalogue has not.

    Where pieces become free for which a request waits, it is served right after this transaction: it hangs on a work
    order of its own, which may not be locked after stock.
    """
    placed = [move for move in moves if move.kind not in OF_NO_PLACE]
    if placed:
        await usual_place(work, desk=desk)
    held = await stock.lock(work.session, codes={move.part_code for move in moves})
    for move in moves:
        await _require_stock(work, part_code=move.part_code, held=held)
    lines = [_keep(work, move=move, row=held[move.part_code]) for move in moves if move.kind in OF_NO_PLACE]
    if placed:
        lines += await _place_all(work, moves=placed, held=held, desk=desk)
    work.session.add_all(lines)
    if any(line.kind in USING_UP for line in lines):
        schedule_cost_table(work, moment=work.now, desk=desk)
    freed = {line.part_code for line in lines if line.on_hand > line.reserved and line.kind != Kind.TRANSFER}
    waited_for = await waiting.waited_for(work.session, codes=held.keys())
    wake_short(work, codes=[part_code for part_code in waited_for if part_code in freed])
    look_again(work, codes=waited_for)
    return lines


def wake_short(work: UnitOfWork, *, codes: Collection[str]) -> None:
    """Have those who wait for these parts looked at right after this transaction."""
    for part_code in codes:
        work.set_deadline(
            f"{FREED_DEADLINE}/{part_code}", kind=FREED_DEADLINE, due=work.now, data={"part_code": part_code}
        )


async def _require_stock(work: UnitOfWork, *, part_code: str, held: Mapping[str, StockRow]) -> None:
    if part_code not in held:
        await stock.find_part(work.session, part_code=part_code)
        raise LookupError(f"the part {part_code} has no stock")


def _keep(work: UnitOfWork, *, move: Move, row: StockRow) -> MovementRow:
    movement = change(move.kind, pieces=move.pieces)
    write_stock(row, stock=post(stock.stock_of(row), part_code=move.part_code, movement=movement))
    return _line(work, move=move, entry=Entry(change=movement))


async def _place_all(
    work: UnitOfWork, *, moves: Sequence[Move], held: Mapping[str, StockRow], desk: Desk
) -> list[MovementRow]:
    named = {code for move in moves for code in (move.location, move.destination) if code is not None}
    books = await open_books(work, held=held, locations=named, desk=desk)
    lines = []
    for move in moves:
        if books.catalogue[move.part_code].is_serial:
            await move_serials(work, named=_named(move, books=books))
        book, entries = await _place(work, move=move, books=books, desk=desk)
        books.write(book, entries=entries)
        lines += [_line(work, move=move, entry=entry) for entry in entries]
    return lines


async def _place(work: UnitOfWork, *, move: Move, books: Books, desk: Desk) -> tuple[Book, tuple[Entry, ...]]:
    book, site, method = books.book(move.part_code), books.site(move.location), desk.policy.valuation.method
    if move.kind is Kind.TRANSFER:
        goal = books.site(move.destination)
        return transfer(book, pieces=move.pieces, source=site, destination=goal, method=method)
    movement = change(move.kind, pieces=move.pieces)
    if movement.on_hand < 0:
        after, entry = take_away(book, movement=movement, site=site)
    else:
        worth = await _worth(work, move=move, site=site, book=book, price=books.price(move.part_code))
        after, entry = bring_in(book, movement=movement, site=site, worth=worth, method=method)
    return after, (entry,)


def _named(move: Move, *, books: Books) -> Named:
    """Where its pieces leave, and where they come to lie."""
    place = books.site(move.location).code
    movement = change(move.kind, pieces=move.pieces)
    is_leaving = move.kind is Kind.TRANSFER or movement.on_hand < 0
    goal = books.site(move.destination).code if move.kind is Kind.TRANSFER else place
    return Named(
        part_code=move.part_code,
        kind=move.kind,
        pieces=abs(movement.on_hand),
        serials=move.serials,
        source=place if is_leaving else None,
        goal=None if movement.on_hand < 0 else goal,
        request_id=move.request_id,
        left_with=move.left_with,
        reference=move.reference,
    )


async def _worth(work: UnitOfWork, *, move: Move, site: Site, book: Book, price: Decimal) -> Decimal:
    """What pieces are worth that come in: those that come back, as much as they cost when they left (R010)."""
    if move.kind is Kind.RETURN and move.request_id is not None:
        out, cost = await places.out_with(work.session, request_id=move.request_id, part_code=move.part_code)
        return part_of(Layer(pieces=out, value=cost), pieces=move.pieces)
    if move.worth is not None:
        return move.worth
    listed = worth_of(move.pieces, unit_cost=price if move.unit_cost is None else move.unit_cost)
    found = worth_of_found(book, site=site, pieces=move.pieces) if move.kind is Kind.ADJUSTMENT else None
    return listed if found is None else found


def _line(work: UnitOfWork, *, move: Move, entry: Entry) -> MovementRow:
    return MovementRow(
        id=work.new_id(),
        part_code=move.part_code,
        kind=move.kind,
        on_hand=entry.change.on_hand,
        reserved=entry.change.reserved,
        issued=entry.change.issued,
        location=None if entry.site is None else entry.site.code,
        department=None if entry.site is None else entry.site.department,
        value=entry.value,
        request_id=move.request_id,
        reference=move.reference,
        at=work.now,
        by=work.cause.actor.id,
    )
