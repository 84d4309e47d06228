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


def entry(figure: Figure) -> dict[str, object]:
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
    }


def write_latest(figures: Sequence[Figure]) -> None:
    """Replace the entries of these names, keep the others."""
    known = {one["name"]: one for one in json.loads(LATEST.read_text())} if LATEST.exists() else {}
    known |= {figure.name: entry(figure) for figure in figures}
    LATEST.write_text(json.dumps(list(known.values()), indent=2, ensure_ascii=False) + "\n")


def write_page(figures: Sequence[Figure], *, machine: Mapping[str, str]) -> None:
    """Put the table between the two marks of the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    told = ", ".join(f"{what} {value}" for what, value in machine.items())
    lines = [f"Measured on: {told}.", "", *table(figures)]
    PAGE.write_text("\n".join([before.rstrip(), "", BEGIN, "", *lines, "", END]) + after)


def table(figures: Sequence[Figure]) -> list[str]:
    """Rows of Markdown; what fails is marked."""
    rows = [HEAD, tuple("---" for _ in HEAD)]
    for figure in figures:
        low, high = figure.spread
        verdict = "" if figure.passes else " **missed**"
        rows.append(
            (
                figure.what,
                f"{_shown(figure.value)} {figure.unit}",
                figure.against,
                f"{_shown(figure.reference)} {figure.unit}",
                f"{_shown(figure.ratio)}{verdict}",
                f"{_shown(low)} to {_shown(high)} ({len(figure.runs)} runs)",
                figure.goal.must,
                f"{figure.goal.after} {'reached' if figure.arrives else 'not reached'}" if figure.goal.after else "",
            )
        )
    return [f"| {' | '.join(row)} |" for row in rows]


async def machine_of(ground: Ground) -> dict[str, str]:
    """What it was measured on."""
    connection = await asyncpg.connect(ground.postgres.url)
    try:
        postgres = await connection.fetchval("SHOW server_version")
    finally:
        await connection.close()
    overview = ground.rabbitmq.management.get("/api/overview").json()
    return {
        "PostgreSQL": postgres,
        "RabbitMQ": overview["rabbitmq_version"],
        "Erlang": overview["erlang_version"],
        "Python": platform.python_version(),
        "processors": f"{os.process_cpu_count()} ({_processor()})",
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")


def _shown(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"  # noqa: PLR2004 - how many digits a reader needs
