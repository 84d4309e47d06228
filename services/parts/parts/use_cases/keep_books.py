"""The books of the parts that are moved, read under the lock of their stock and written back (R324)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from parts.desk import Desk
from parts.domain.books import Book, Entry, Site
from parts.domain.ledger import Stock
from parts.domain.valuation import Layer, Layers, together
from parts.queries import places, stock
from parts.tables import AccountRow, LocationRow, PartRow, ShelfRow, StockRow
from parts.use_cases.set_up_location import usual_place
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import Unknown


@dataclass(slots=True, kw_only=True)
class Books:
    """Rows of parts whose stock the caller has locked; changes are saved with the unit of work."""

    work: UnitOfWork
    stock: Mapping[str, StockRow]
    catalogue: Mapping[str, PartRow]
    usual: LocationRow
    known: Mapping[str, LocationRow]
    shelves: dict[tuple[str, str], ShelfRow]
    accounts: dict[tuple[str, str], AccountRow]

    def site(self, code: str | None) -> Site:
        """The place that was named, or the first storeroom. Raises Unknown."""
        row = self.usual if code is None else self.known.get(code)
        if row is None:
            raise Unknown(
                "unknown_location", detail=f"there is no place {code}", expected="a code of GET /v1/locations"
            )
        return Site(code=row.code, department=row.department)

    def book(self, part_code: str) -> Book:
        """As the domain sees a part."""
        return Book(
            part_code=part_code,
            stock=stock.stock_of(self.stock[part_code]),
            lying={place: row.on_hand for (code, place), row in self.shelves.items() if code == part_code},
            accounts={name: _layers(row) for (code, name), row in self.accounts.items() if code == part_code},
        )

    def price(self, part_code: str) -> Decimal:
        """What the price list says that one costs (R333)."""
        return stock.cost_of(self.catalogue[part_code])

    def write(self, book: Book, *, entries: Collection[Entry]) -> None:
        """As the domain decided."""
        write_stock(self.stock[book.part_code], stock=book.stock)
        for site in (entry.site for entry in entries if entry.site is not None):
            shelf = self._shelf(book.part_code, place=site.code)
            shelf.on_hand = book.lying[site.code]
            shelf.movements += 1
            _write(self._account(book.part_code, department=site.department), layers=book.account(site))

    def _shelf(self, part_code: str, *, place: str) -> ShelfRow:
        key = (part_code, place)
        if key not in self.shelves:
            self.shelves[key] = ShelfRow(part_code=part_code, location=place)
            self.work.session.add(self.shelves[key])
        return self.shelves[key]

    def _account(self, part_code: str, *, department: str) -> AccountRow:
        key = (part_code, department)
        if key not in self.accounts:
            self.accounts[key] = AccountRow(part_code=part_code, department=department)
            self.work.session.add(self.accounts[key])
        return self.accounts[key]


async def lock_stock(work: UnitOfWork, *, codes: Collection[str], desk: Desk) -> dict[str, StockRow]:
    """Stock of which pieces come or go, locked until the transaction ends.

    The first storeroom is there before, so that two first postings never wait for each other.
    """
    await usual_place(work, desk=desk)
    return await stock.lock(work.session, codes=codes)


async def lock_sheet(work: UnitOfWork, *, codes: Collection[str], locations: Collection[str], desk: Desk) -> None:
    """Stock and places of all lines of a sheet, taken once and in order, before the first line asks for its own."""
    await lock_stock(work, codes=codes, desk=desk)
    usual = await usual_place(work, desk=desk)
    await places.hold(work.session, codes={usual.code, *locations})


async def open_books(
    work: UnitOfWork, *, held: Mapping[str, StockRow], locations: Collection[str], desk: Desk
) -> Books:
    """The books of these parts, whose stock the caller has locked; whose account a place is stays meanwhile."""
    codes, usual = held.keys(), await usual_place(work, desk=desk)
    known = await places.hold(work.session, codes={usual.code, *locations})
    return Books(
        work=work,
        stock=held,
        catalogue=await stock.parts_by_code(work.session, codes=codes),
        usual=known[usual.code],
        known=known,
        shelves=await places.shelves(work.session, codes=codes),
        accounts=await places.accounts(work.session, codes=codes),
    )


def write_stock(row: StockRow, *, stock: Stock) -> None:
    """As the domain decided."""
    row.on_hand, row.reserved, row.issued = stock.on_hand, stock.reserved, stock.issued


def _layers(account: AccountRow) -> Layers:
    return tuple(Layer(pieces=int(one["pieces"]), value=Decimal(one["value"])) for one in account.layers)


def _write(account: AccountRow, *, layers: Layers) -> None:
    account.layers = [{"pieces": one.pieces, "value": str(one.value)} for one in layers]
    whole = together(layers)
    account.pieces, account.value = whole.pieces, whole.value
