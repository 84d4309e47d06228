"""What a piece of work asks of the database: statements and round trips, which no busy machine changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import event

from shared.database import Database

NOT_COUNTED = ("test_clock", "NOTIFY")
"""Production does not ask for the test clock; all commits within 20 ms share one NOTIFY, on its own connection."""


@dataclass(slots=True)
class Bill:
    """The statements in their order; `round_trips` has the beginnings and ends of transactions as well."""

    statements: list[str] = field(default_factory=list)
    ends: int = 0
    begins: int = 0

    @property
    def round_trips(self) -> int:
        return len(self.statements) + self.begins + self.ends


@contextmanager
def metered(database: Database) -> Iterator[Bill]:
    """Count what the block asks of `database`, in whatever task."""
    bill, engine = Bill(), database.engine.sync_engine

    def on_statement(*given: object) -> None:
        statement = str(given[2])
        if not any(word in statement for word in NOT_COUNTED):
            bill.statements.append(statement)
        elif statement.startswith("NOTIFY"):  # its transaction is no part of the work either
            bill.begins, bill.ends = bill.begins - 1, bill.ends - 1

    def on_begin(_: object) -> None:
        bill.begins += 1

    def on_end(_: object) -> None:
        bill.ends += 1

    listeners = (
        ("before_cursor_execute", on_statement),
        ("begin", on_begin),
        ("commit", on_end),
        ("rollback", on_end),
    )
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield bill
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)
