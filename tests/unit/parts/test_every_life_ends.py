"""What the store and purchasing keep open: from every state that can be reached, some path ends it."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from parts.domain import goods_returns, purchasing, supplier_cases, takes, tools
from parts.domain.goods_returns import ReturnState
from parts.domain.purchasing import Arrangement, Delivery, Ordered, OrderState
from parts.domain.supplier_cases import CaseState
from parts.domain.takes import TakeState
from parts.domain.tools import Compensation, LoanState, LostLate, Way
from shared.refusals import IllegalTransition, Refusal

DUE = datetime(2040, 3, 5, 1, 0, tzinfo=UTC)
PRICE = Decimal(80)


@dataclass(frozen=True, slots=True)
class Purchase:
    """A request for two boards, and the order that was placed for what is missing of it."""

    request: Arrangement = Arrangement.OPEN
    missing: int = 2
    order: OrderState | None = None
    received: int = 0
    ordered: int = 0

    @property
    def lines(self) -> list[Ordered]:
        return [Ordered(part_code="PCB", ordered=self.ordered, received=self.received, unit_price=PRICE)]


def ask(purchase: Purchase, *, by: Arrangement) -> Purchase:
    purchasing.require_open(purchase.request)
    return replace(purchase, request=by, missing=0 if by is Arrangement.ALLOCATED else purchase.missing)


def place(purchase: Purchase) -> Purchase:
    placed = ask(purchase, by=Arrangement.ORDERED)
    return replace(placed, order=OrderState.PLACED, ordered=purchase.missing, received=0)


def receive(purchase: Purchase, *, pieces: int, delivery: Delivery) -> Purchase:
    purchasing.require_placed(purchase.order or "")
    lines, is_closed = purchasing.receive(purchase.lines, came={"PCB": pieces}, delivery=delivery)
    after = replace(purchase, received=lines[0].received)
    return _over(after, order=OrderState.RECEIVED) if is_closed else after


def call_off(purchase: Purchase) -> Purchase:
    purchasing.require_placed(purchase.order or "")
    purchasing.require_nothing_came(purchase.lines)
    return _over(purchase, order=OrderState.CANCELLED)


def _over(purchase: Purchase, *, order: OrderState) -> Purchase:
    """What did not come is to be arranged anew."""
    [share] = purchasing.shared_out({"PCB": purchase.received}, missing=[{"PCB": purchase.missing}])
    missing = purchase.missing - share["PCB"]
    request = Arrangement.OPEN if missing else purchase.request
    return replace(purchase, order=order, missing=missing, request=request)


def lose(state: LoanState, *, late: LostLate, hours: int) -> LoanState:
    tools.require_lent(state)
    return tools.loss(DUE + timedelta(hours=hours), due_at=DUE, price=PRICE, late=late)[0]


def bring_back(state: LoanState) -> LoanState:
    tools.require_lent(state)
    return LoanState.RETURNED


def make_good(state: LoanState, *, given: Compensation) -> LoanState:
    tools.check_compensation(given, state=state, owed=PRICE, model="X")
    return LoanState.COMPENSATED


def come_back(state: ReturnState) -> ReturnState:
    goods_returns.check_receivable(state)
    return ReturnState.RECEIVED


def decide(state: ReturnState, *, approved: goods_returns.Decision) -> ReturnState:
    return goods_returns.decide(state, role="gm", consents="gm", approved=approved)


@dataclass(frozen=True, slots=True)
class Take:
    """A stock take of one part that may have moved since it was counted."""

    state: TakeState = TakeState.OPEN
    counted_after: int | None = None
    moved: int = 0


def count(take: Take) -> Take:
    takes.check_open(take.state)
    return replace(take, counted_after=take.moved)


def take_away(take: Take) -> Take:
    """Somebody draws the part; once is enough to see what follows."""
    return replace(take, moved=1)


def post(take: Take) -> Take:
    takes.check_open(take.state)
    counts = [
        takes.Count(part_code="PCB", counted=1, booked=2, movements=after, counted_at=DUE)
        for after in (take.counted_after,)
        if after is not None
    ]
    takes.differences(counts, movements={"PCB": take.moved}, lying={}, location="A")
    return replace(take, state=TakeState.POSTED)


def abandon(take: Take) -> Take:
    takes.check_open(take.state)
    return replace(take, state=TakeState.ABANDONED)


@dataclass(frozen=True, slots=True)
class Life[State: Hashable]:
    """Where it begins, what may happen to it, where it is over, and whether every state that it knows is reached."""

    start: State
    moves: Iterable[Callable[[State], State]]
    is_over: Callable[[State], bool]
    knows: set[State]

    def reachable(self, start: State) -> set[State]:
        seen, waiting = {start}, [start]
        while waiting:
            state = waiting.pop()
            for move in self.moves:
                try:
                    after = move(state)
                except (IllegalTransition, Refusal):
                    continue
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)
        return seen


def require_ends[State: Hashable](life: Life[State]) -> set[State]:
    seen = life.reachable(life.start)
    assert life.knows <= seen
    stuck = [state for state in seen if not any(map(life.is_over, life.reachable(state)))]
    assert not stuck
    return seen


def test_every_purchase_ends_with_nothing_on_order_and_nothing_missing_that_nobody_declined() -> None:
    moves: list[Callable[[Purchase], Purchase]] = [place, call_off]
    moves += [partial(receive, pieces=pieces, delivery=way) for pieces in range(3) for way in Delivery]
    moves += [partial(ask, by=way) for way in (Arrangement.ALLOCATED, Arrangement.DECLINED)]
    life = Life(
        start=Purchase(),
        moves=moves,
        is_over=lambda one: one.order is not OrderState.PLACED and one.request is not Arrangement.OPEN,
        knows=set(),
    )
    seen = require_ends(life)
    assert {one.request for one in seen} == set(Arrangement)
    assert {one.order for one in seen} == {None, *OrderState}
    over = [one for one in seen if life.is_over(one)]
    assert all(one.missing == 0 for one in over if one.request is not Arrangement.DECLINED)
    assert all(one.order is OrderState.PLACED for one in seen if one.request is Arrangement.ORDERED and one.missing)


@pytest.mark.rule("R318")
def test_every_loan_of_a_tool_ends_with_the_tool_back_written_off_or_made_good() -> None:
    gifts = (
        Compensation(way=Way.PAYMENT, amount=PRICE, model=None),
        Compensation(way=Way.SAME_MODEL, amount=None, model="X"),
    )
    for given in gifts:  # either way is enough
        life = Life(
            start=LoanState.LENT,
            moves=[
                bring_back,
                partial(lose, late=LostLate.BORROWER_PAYS, hours=-1),
                partial(lose, late=LostLate.BORROWER_PAYS, hours=1),
                partial(make_good, given=given),
            ],
            is_over=lambda one: one not in {LoanState.LENT, LoanState.LOST},
            knows=set(LoanState),
        )
        assert all(len(life.reachable(one)) == 1 for one in require_ends(life) if life.is_over(one))


def test_goods_that_come_back_end_in_the_store_whoever_bears_the_cost() -> None:
    life = Life(
        start=ReturnState.ASKED,
        moves=[come_back, partial(decide, approved="approve"), partial(decide, approved="reject")],
        is_over=lambda one: one is ReturnState.RECEIVED,
        knows=set(ReturnState),
    )
    require_ends(life)
    assert life.reachable(ReturnState.RECEIVED) == {ReturnState.RECEIVED}


def test_every_supplier_case_ends_settled() -> None:
    life = Life(
        start=CaseState.RAISED,
        moves=[partial(supplier_cases.follow, step=step) for step in supplier_cases.Step],
        is_over=lambda one: one is CaseState.SETTLED,
        knows=set(CaseState),
    )
    require_ends(life)
    assert life.reachable(CaseState.SETTLED) == {CaseState.SETTLED}


def test_every_stock_take_can_be_counted_again_and_posted_or_abandoned() -> None:
    life = Life(
        start=Take(),
        moves=[count, take_away, post, abandon],
        is_over=lambda one: one.state is not TakeState.OPEN,
        knows=set(),
    )
    seen = require_ends(life)
    open_ = [one for one in seen if one.state is TakeState.OPEN]
    assert all({end.state for end in life.reachable(one)} == set(TakeState) for one in open_)
    posted = [one for one in seen if one.state is TakeState.POSTED]
    assert all(one.counted_after is not None for one in posted)
