"""How much is measured: enough to trust the figures, or (`--quick`) just enough to see that everything works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Counts, and durations in seconds."""

    runs: int = 5
    load_seconds: float = 6.0
    backlog: int = 20_000
    deliveries: int = 4_000
    arrivals_per_second: int = 20
    arriving_seconds: float = 30.0
    stories: int = 150
    cases: int = 1_000_000
    look_ups: int = 1_500
    movements: int = 1_000_000
    balances: int = 500
    technicians: int = 10_000
    turns: int = 100
    clocks: int = 100_000
    counted_clocks: int = 200
    memory_from_seconds: float = 120.0
    memory_to_seconds: float = 1_200.0


FULL = Sizes()
QUICK = Sizes(
    runs=2,
    load_seconds=2.0,
    backlog=2_000,
    deliveries=500,
    arrivals_per_second=5,
    arriving_seconds=5.0,
    stories=10,
    cases=20_000,
    look_ups=150,
    movements=20_000,
    balances=100,
    technicians=2_000,
    turns=10,
    clocks=10_000,
    counted_clocks=20,
    memory_from_seconds=5.0,
    memory_to_seconds=15.0,
)
