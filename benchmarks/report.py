"""The figures as `benchmarks/latest.json`, as a table on the terminal, and as a table of `docs/performance.md`."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import asyncpg

from benchmarks.figures import Figure
from benchmarks.ground import Ground

ROOT = Path(__file__).parents[1]
LATEST = ROOT / "benchmarks" / "latest.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of the figures -->"
HEAD = ("what", "measured", "against", "reference", "ratio", "spread", "must", "after")


type Entry = Mapping[str, object]

WHOLE_FROM = 100
"""Figures from here on are shown without decimals: three digits are what a reader needs."""


def entry(figure: Figure, *, machine: str) -> Entry:
    """One entry of `latest.json`; `spread` is the lowest and highest ratio of any run."""
    low, high = figure.spread
    return {
        "name": figure.name,
        "value": _rounded(figure.value),
        "reference": _rounded(figure.reference),
        "ratio": _rounded(figure.ratio),
        "must": figure.goal.must,
        "spread": [_rounded(low), _rounded(high)],
        "after": figure.goal.after,
        "unit": figure.unit,
        "runs": len(figure.runs),
        "passes": figure.passes,
        "row": row(figure),
        "machine": machine,
    }


def write_down(figures: Sequence[Figure], *, machine: str) -> None:
    """Replace the entries of these names in `latest.json`, keep the others, and make the page's table of them all."""
    known: dict[str, Entry] = {one["name"]: one for one in json.loads(LATEST.read_text())} if LATEST.exists() else {}
    known |= {figure.name: entry(figure, machine=machine) for figure in figures}
    LATEST.write_text(json.dumps(list(known.values()), indent=2, ensure_ascii=False) + "\n")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text("\n".join([before.rstrip(), "", BEGIN, "", *_told(known), "", END]) + after)


def _told(known: Mapping[str, Entry]) -> Sequence[str]:
    """Where what was measured, and the table: entries of different runs may be of different machines."""
    machines = sorted({str(one["machine"]) for one in known.values()})
    places = [
        f"Measured on: {machine} ({', '.join(name for name, one in known.items() if one['machine'] == machine)})."
        for machine in machines
    ]
    rows = [one["row"] for one in known.values()]
    return [*places, "", *table([[str(cell) for cell in row] for row in rows if isinstance(row, Sequence)])]


def row(figure: Figure) -> Sequence[str]:
    """The cells of a figure, as `HEAD` calls them; what fails is marked."""
    low, high = figure.spread
    verdict = "" if figure.passes else " **missed**"
    return (
        figure.what,
        f"{_shown(figure.value)} {figure.unit}",
        figure.against,
        f"{_shown(figure.reference)} {figure.unit}",
        f"{_shown(figure.ratio)}{verdict}",
        f"{_shown(low)} to {_shown(high)} ({len(figure.runs)} runs)",
        figure.goal.must,
        f"{figure.goal.after} {'reached' if figure.arrives else 'not reached'}" if figure.goal.after else "",
    )


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of Markdown under their head."""
    return [f"| {' | '.join(cells)} |" for cells in (HEAD, ["---"] * len(HEAD), *rows)]


async def machine_of(ground: Ground) -> str:
    """What it was measured on."""
    connection = await asyncpg.connect(ground.postgres.url)
    try:
        postgres = await connection.fetchval("SHOW server_version")
    finally:
        await connection.close()
    overview = ground.rabbitmq.management.get("/api/overview").json()
    parts = {
        "PostgreSQL": postgres,
        "RabbitMQ": overview["rabbitmq_version"],
        "Erlang": overview["erlang_version"],
        "Python": platform.python_version(),
        "processors": f"{os.process_cpu_count()} ({_processor()})",
        "system": f"{platform.system()} {platform.machine()}",
    }
    return ", ".join(f"{what} {value}" for what, value in parts.items())


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")


def _shown(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= WHOLE_FROM else f"{number:.3g}"
