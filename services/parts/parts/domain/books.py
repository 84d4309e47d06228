"""The books of one part (台帐, R324): its stock, where its pieces lie, and in whose accounts they stand at what value.

Three views of the same pieces, changed together: the shelves of all places sum up to what is on hand, and so do the
accounts of all departments. What a department's pieces are worth is what came in less what went out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from parts.domain.ledger import Change, Kind, Stock, change, post
from parts.domain.places import check_apart, check_lies_there
from parts.domain.valuation import NOTHING, Layer, Layers, Method, part_of, take_in, take_out, together


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place of stock and the department whose account its pieces stand in."""

    code: str
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger. `site`: where pieces came to lie or left; `value`: yuan that its account gains by it."""

    change: Change
    site: Site | None = None
    value: Decimal = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """`lying`: place to pieces; `accounts`: department to what it has."""

    part_code: str
    stock: Stock
    lying: Mapping[str, int]
    accounts: Mapping[str, Layers]

    def account(self, site: Site) -> Layers:
        """That of a place."""
        return self.accounts.get(site.department, ())


def keep(book: Book, *, movement: Change) -> tuple[Book, Entry]:
    """A movement that leaves pieces where they are. Raises IllegalTransition."""
    return replace(book, stock=post(book.stock, part_code=book.part_code, movement=movement)), Entry(change=movement)


def bring_in(book: Book, *, movement: Change, site: Site, worth: Decimal, method: Method) -> tuple[Book, Entry]:
    """Pieces come to lie in a place and enter its account. Raises IllegalTransition."""
    stock = post(book.stock, part_code=book.part_code, movement=movement)
    entering = Layer(pieces=movement.on_hand, value=worth)
    after = _enter(_lay(book, site=site, pieces=movement.on_hand), site=site, entering=entering, method=method)
    return replace(after, stock=stock), Entry(change=movement, site=site, value=worth)


def take_away(book: Book, *, movement: Change, site: Site) -> tuple[Book, Entry]:
    """Pieces leave a place, and its account at what they have cost. Raises IllegalTransition."""
    stock = post(book.stock, part_code=book.part_code, movement=movement)
    after, cost = _leave(_lay(book, site=site, pieces=movement.on_hand), site=site, pieces=-movement.on_hand)
    return replace(after, stock=stock), Entry(change=movement, site=site, value=-cost)


def transfer(
    book: Book, *, pieces: int, source: Site, destination: Site, method: Method
) -> tuple[Book, tuple[Entry, Entry]]:
    """Both sides at once (调拨); between departments at what the pieces have cost. Raises IllegalTransition.

    What is reserved may be brought elsewhere: it is kept wherever it lies.
    """
    check_apart(source.code, destination=destination.code)
    after = _lay(_lay(book, site=source, pieces=-pieces), site=destination, pieces=pieces)
    value = NOTHING
    if source.department != destination.department:
        after, value = _leave(after, site=source, pieces=pieces)
        after = _enter(after, site=destination, entering=Layer(pieces=pieces, value=value), method=method)
    leaving = Entry(change=change(Kind.TRANSFER, pieces=-pieces), site=source, value=-value)
    arriving = Entry(change=change(Kind.TRANSFER, pieces=pieces), site=destination, value=value)
    return after, (leaving, arriving)


def worth_of_found(book: Book, *, site: Site, pieces: int) -> Decimal | None:
    """What pieces are worth that were found: as much as those of that account; None where it has none."""
    there = together(book.account(site))
    if not there.pieces:
        return None
    whole, rest = divmod(pieces, there.pieces)
    return there.value * whole + (part_of(there, pieces=rest) if rest else NOTHING)


def _lay(book: Book, *, site: Site, pieces: int) -> Book:
    if pieces < 0:
        check_lies_there(-pieces, part_code=book.part_code, location=site.code, lying=book.lying)
    return replace(book, lying={**book.lying, site.code: book.lying.get(site.code, 0) + pieces})


def _enter(book: Book, *, site: Site, entering: Layer, method: Method) -> Book:
    layers = take_in(book.account(site), entering=entering, method=method)
    return replace(book, accounts={**book.accounts, site.department: layers})


def _leave(book: Book, *, site: Site, pieces: int) -> tuple[Book, Decimal]:
    layers, cost = take_out(book.account(site), pieces=pieces)
    return replace(book, accounts={**book.accounts, site.department: layers}), cost
