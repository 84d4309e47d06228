"""Whatever is received, reserved, drawn, brought back, fitted, counted and transferred: nothing comes of nothing."""

from decimal import Decimal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from parts.domain.books import Book, Entry, Site, bring_in, keep, take_away, transfer, worth_of_found
from parts.domain.ledger import Kind, Stock, change, total
from parts.domain.places import check_lies_there
from parts.domain.valuation import Layer, Method, part_of, together
from shared.refusals import IllegalTransition, Refusal

MAIN = Site(code="main", department="aftersales")
SITES = (
    MAIN,
    Site(code="van-1", department="aftersales"),
    Site(code="bay", department="bodywork"),
    Site(code="point-2", department="bodywork"),
)
sites, some = st.sampled_from(SITES), st.integers(1, 6)
KEEPING = {Kind.RESERVE, Kind.RELEASE, Kind.CONSUME, Kind.LOSS}


class AnyStory(RuleBasedStateMachine):
    """One part in four places and two accounts, and everybody who does something with it."""

    @initialize(method=st.sampled_from(Method))
    def begin(self, method: Method) -> None:
        self.method = method
        self.book = Book(part_code="PCB-77", stock=Stock(), lying={}, accounts={})
        self.entries: list[Entry] = []
        self.drawn = Layer(pieces=0, value=Decimal("0.00"))
        self.bought = self.spent = Decimal("0.00")

    @rule(pieces=some, site=sites, cost=st.decimals(0, 300, places=2))
    def receive(self, pieces: int, site: Site, cost: Decimal) -> None:
        movement = change(Kind.RECEIPT, pieces=pieces)
        done = bring_in(self.book, movement=movement, site=site, worth=cost * pieces, method=self.method)
        self._post(done[0], done[1])
        self.bought += cost * pieces

    @rule(pieces=some, kind=st.sampled_from(sorted(KEEPING)))
    def keep(self, pieces: int, kind: Kind) -> None:
        try:
            self._post(*keep(self.book, movement=change(kind, pieces=pieces)))
        except IllegalTransition:
            return
        if kind in {Kind.CONSUME, Kind.LOSS}:  # its cost stays with the work order
            self.drawn = Layer(
                pieces=self.drawn.pieces - pieces,
                value=self.drawn.value - (spent := part_of(self.drawn, pieces=pieces)),
            )
            self.spent += spent

    @rule(pieces=some, site=sites)
    def draw(self, pieces: int, site: Site) -> None:
        try:
            after, entry = take_away(self.book, movement=change(Kind.ISSUE, pieces=pieces), site=site)
        except IllegalTransition:
            return
        self._post(after, entry)
        self.drawn = Layer(pieces=self.drawn.pieces + pieces, value=self.drawn.value - entry.value)

    @rule(pieces=some, site=sites)
    def bring_back(self, pieces: int, site: Site) -> None:
        pieces = min(pieces, self.drawn.pieces)
        if not pieces:
            return
        worth = part_of(self.drawn, pieces=pieces)
        movement = change(Kind.RETURN, pieces=pieces)
        self._post(*bring_in(self.book, movement=movement, site=site, worth=worth, method=self.method))
        self.drawn = Layer(pieces=self.drawn.pieces - pieces, value=self.drawn.value - worth)

    @rule(pieces=some, site=sites)
    def use_up_inside(self, pieces: int, site: Site) -> None:
        try:
            after, entry = take_away(self.book, movement=change(Kind.INTERNAL, pieces=pieces), site=site)
        except IllegalTransition:
            return
        self._post(after, entry)
        self.spent -= entry.value

    @rule(counted=st.integers(0, 8), site=sites)
    def take_stock(self, counted: int, site: Site) -> None:
        difference = counted - self.book.lying.get(site.code, 0)
        movement = change(Kind.ADJUSTMENT, pieces=difference)
        if difference > 0:
            worth = worth_of_found(self.book, site=site, pieces=difference) or Decimal("0.00")
            self._post(*bring_in(self.book, movement=movement, site=site, worth=worth, method=self.method))
            self.bought += worth
        elif difference < 0:
            try:
                after, entry = take_away(self.book, movement=movement, site=site)
            except IllegalTransition:  # less than is reserved
                return
            self._post(after, entry)
            self.spent -= entry.value

    @rule(pieces=some, source=sites, destination=sites)
    def transfer(self, pieces: int, source: Site, destination: Site) -> None:
        before = self.book
        try:
            after, entries = transfer(before, pieces=pieces, source=source, destination=destination, method=self.method)
        except Refusal:
            assert source == destination or before.lying.get(source.code, 0) < pieces
            return
        assert after.stock == before.stock
        self._post(after, *entries)

    @invariant()
    def all_three_views_show_the_same_pieces(self) -> None:
        stock = self.book.stock
        assert stock == total(entry.change for entry in self.entries)
        assert sum(self.book.lying.values()) == stock.on_hand
        assert sum(together(layers).pieces for layers in self.book.accounts.values()) == stock.on_hand
        assert min(self.book.lying.values(), default=0) >= 0
        for department in ("aftersales", "bodywork"):
            lying = sum(self.book.lying.get(site.code, 0) for site in SITES if site.department == department)
            assert together(self.book.accounts.get(department, ())).pieces == lying

    @invariant()
    def no_cent_comes_or_goes(self) -> None:
        there = sum((together(layers).value for layers in self.book.accounts.values()), start=Decimal(0))
        assert there == sum((entry.value for entry in self.entries), start=Decimal(0))
        assert there + self.drawn.value + self.spent == self.bought

    def _post(self, book: Book, *entries: Entry) -> None:
        self.book = book
        self.entries += entries


TestAnyStoryOfTheBooks = pytest.mark.rule("R324")(AnyStory.TestCase)


def test_a_place_gives_what_lies_there_and_the_refusal_names_where_more_is() -> None:
    with pytest.raises(IllegalTransition) as refused:
        check_lies_there(3, part_code="PCB-77", location="main", lying={"main": 2, "van-1": 4, "bay": 0})
    assert refused.value.expected == "at most 2; other places have van-1 (4): transfer from there first"
