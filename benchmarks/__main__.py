"""`python -m benchmarks [--quick] [--keep] [name …]`: measure, print the table, write it down."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from time import perf_counter

from benchmarks import accepting, clocks, delivering, growing, memory, stories, storing, turns
from benchmarks.figures import Figure
from benchmarks.ground import Ground, servers
from benchmarks.report import machine_of, row, table, write_down
from benchmarks.sizes import FULL, QUICK

type Benchmark = Callable[[Ground], Figure]

BENCHMARKS: Mapping[str, Benchmark] = {
    "accept_push": accepting.accept,
    "register_case": accepting.register,
    "relay_backlog": delivering.relay,
    "consume_with_inbox": delivering.consume,
    "accept_to_assigned": stories.assigned,
    "whole_story": stories.whole_story,
    "look_up_among_many": growing.look_ups,
    "balance_of_a_part": storing.balances,
    "next_technician": turns.next_technician,
    "due_times": clocks.due_times,
    "memory": memory.memory,
}


def main() -> int:
    """Measure what the command line names, or everything; 0 where every figure reaches what it must."""
    chosen = _arguments()
    sizes = QUICK if chosen.quick else FULL
    figures = []
    with servers(sizes) as ground:
        for name in chosen.names or BENCHMARKS:
            begun = perf_counter()
            figures.append(BENCHMARKS[name](ground))
            _say(f"{name}: {figures[-1].ratio:.3g} ({perf_counter() - begun:.0f} s)")
        machine = asyncio.run(machine_of(ground))
    _say("\n".join(table([row(figure) for figure in figures])))
    if not chosen.quick:
        write_down(figures, machine=machine)
    return 0 if all(figure.passes for figure in figures) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description="Ratios of two things measured together.")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="name", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="small sizes, and nothing is written down")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
