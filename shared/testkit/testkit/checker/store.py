"""What must hold in the books of parts: no piece and no yuan appears or is lost (I10)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from shared.contracts.dispatch import PartsRequested
from shared.contracts.parts import DepositForfeited, DepositPaid, DepositRefunded, DepositRequired, DepositWaived
from testkit.checker.books import Deposit, Line, Pieces, Said, ids
from testkit.checker.violations import Violation, same, violation

PAID = frozenset({"held", "refunded", "forfeited"})


def store(
    said: Sequence[Said],
    *,
    lines: Sequence[Line],
    stock: Sequence[Pieces],
    movements: Sequence[Pieces],
    deposits: Sequence[Deposit],
) -> Iterator[Violation]:
    """Every sum that is wrong."""
    yield from _lines(said, lines=lines)
    yield from _sums(stock, added=movements, place="the movements")
    yield from _kept(stock, lines=lines)
    yield from _deposits(said, deposits=deposits)


def _lines(said: Iterable[Said], *, lines: Iterable[Line]) -> Iterator[Violation]:
    """I4: each line was asked for."""
    wanted = [
        (event.id_in("request_id"), line["part_code"], line["quantity"])
        for event in said
        if event.type == PartsRequested.TYPE
        for line in event.rows_in("lines")
    ]
    found = [(line.request_id, line.part_code, line.asked) for line in lines]
    yield from same("line", wanted=wanted, found=found, place="the parts requests", invariant="I4")


def _sums(stock: Sequence[Pieces], *, added: Sequence[Pieces], place: str) -> Iterator[Violation]:
    """Stock is the sum of its movements, and never negative."""
    on_hand, reserved, issued = Counter[str](), Counter[str](), Counter[str]()
    for movement in added:
        on_hand[movement.part_code] += movement.on_hand
        reserved[movement.part_code] += movement.reserved
        issued[movement.part_code] += movement.issued
    codes = {row.part_code for row in (*stock, *added)}
    wanted = [Pieces(code, on_hand[code], reserved[code], issued[code]) for code in codes]
    yield from same("stock", wanted=wanted, found=stock, place=place, invariant="I10")
    for row in stock:
        if min(row.on_hand, row.reserved, row.issued) < 0:
            yield violation("I10", ("stock", row.part_code), f"is negative: {row}")


def _kept(stock: Sequence[Pieces], *, lines: Sequence[Line]) -> Iterator[Violation]:
    """What is reserved or out is so for a request."""
    reserved, out = Counter[str](), Counter[str]()
    for line in lines:
        reserved[line.part_code] += line.reserved
        out[line.part_code] += line.out
    for row in stock:
        if (row.reserved, row.issued) != (reserved[row.part_code], out[row.part_code]):
            kept = f"requests keep {reserved[row.part_code]} and {out[row.part_code]} are out"
            yield violation("I10", ("stock", row.part_code), f"is {row}, but {kept}")


def _deposits(said: Sequence[Said], *, deposits: Sequence[Deposit]) -> Iterator[Violation]:
    """Deposits taken are held, refunded or forfeited; those that were not taken are still open, or waived."""
    required = ids(said, event=DepositRequired, field="deposit_id")
    yield from same(
        "deposit", wanted=required, found=(one.deposit_id for one in deposits), place="parts", invariant="I4"
    )
    for event, states in (
        (DepositPaid, PAID),
        (DepositRefunded, {"refunded"}),
        (DepositForfeited, {"forfeited"}),
        (DepositWaived, {"waived"}),
    ):
        wanted = [one.deposit_id for one in deposits if one.state in states]
        found = ids(said, event=event, field="deposit_id")
        yield from same("deposit", wanted=wanted, found=found, place=f"the events {event.TYPE}", invariant="I10")
