"""What is compared, who leads, and the tables of docs/benchmarks.md, all from a file of result lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import trackers

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
RESULTS = Path(__file__).resolve().parents[1] / "peers.jsonl"
BEGIN, END = "<!-- tables: python -m benchmarks.peers --table --write -->", "<!-- end of tables -->"
OURS = "runstore"
BUSY = 1.0  # the load average from which a reader is told


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of every tracker; less is better in all of them."""

    what: str
    unit: str


ROWS = {
    "scalars": Row("log one scalar: a call", "us"),
    "scalars_finished": Row("the same until the run has ended: a point", "us"),
    "wide": Row("log 100 at once: a point", "us"),
    "wide_finished": Row("the same until the run has ended: a point", "us"),
    "many": Row("{runs} runs, each with 10 params and 10 steps of 5 metrics", "s"),
    "board": Row("leaderboard over these, a fresh process", "ms"),
    "curve_fresh": Row("a curve of {curve} points, a fresh process", "ms"),
    "curve_warm": Row("the same curve, read before", "ms"),
    "curve_bytes": Row("bytes per point of this curve", "B"),
    "many_bytes": Row("bytes of the {runs} runs at rest", "MB"),
    "many_files": Row("files of the {runs} runs at rest", ""),
    "lost": Row("points lost after SIGKILL, logging without a pause (worst of {kills})", ""),
    "lost_paced": Row("the same, a pause of 1 ms after each point", ""),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How runstore stands in a row: ``leads`` also where another one is as good."""

    leads: bool
    best: str  # of the others
    ratio: float | None  # the best other's figure / runstore's; none where one of them is zero

    @property
    def text(self) -> str:
        """As a cell of the table."""
        title = trackers.find(self.best).title
        if self.ratio is None:
            return f"yes, as {title}" if self.leads else f"**no**: {title}"
        return (
            f"yes, {number(self.ratio)}x before {title}"
            if self.leads
            else f"**no**: {title}, {number(1 / self.ratio)}x"
        )


def verdict(figures: Mapping[str, float]) -> Verdict | None:
    """Of one row, by tracker; none where there is nobody to compare with."""
    others = {name: figure for name, figure in figures.items() if name != OURS}
    if OURS not in figures or not others:
        return None
    best, ours = min(others, key=lambda name: others[name]), figures[OURS]
    return Verdict(ours <= others[best], best, others[best] / ours if ours and others[best] else None)


def row_figures(results: Iterable[Mapping[str, Any]], row: str) -> dict[str, float]:
    """One row's figures, of those who have one."""
    return {line["peer"]: line["figures"][row] for line in results if row in line.get("figures", {})}


def render(results: Sequence[Mapping[str, Any]]) -> str:
    """Figures, what they are of, and where they were measured."""
    if not results:
        return "Not measured yet."
    return "\n\n".join([_figures(results), _trackers(results), _measured(results[0])])


def _figures(results: Sequence[Mapping[str, Any]]) -> str:
    there = [line for line in results if "figures" in line]
    titles = [trackers.find(line["peer"]).title for line in there]
    lines = [f"| | {' | '.join(titles)} | runstore leads |", f"| --- |{' ---: |' * len(titles)} --- |"]
    for key, row in ROWS.items():
        figures = row_figures(there, key)
        best = min(figures.values(), default=None)
        cells = [_cell(figures.get(line["peer"]), best) for line in there]
        found = verdict(figures)
        what = row.what.format(**{name: f"{size:,}" for name, size in results[0]["sizes"].items()})
        what = f"{what}, {row.unit}" if row.unit else what
        lines.append(f"| {what} | {' | '.join(cells)} | {found.text if found else ''} |")
    return "\n".join(lines)


def _cell(figure: float | None, best: float | None) -> str:
    if figure is None:
        return "failed"
    return f"**{number(figure)}**" if figure == best else number(figure)


def number(figure: float) -> str:
    """Three digits that count, all of those before the point."""
    return f"{figure:,.0f}" if abs(figure) >= 100 or figure == int(figure) else f"{figure:.3g}"


def _trackers(results: Sequence[Mapping[str, Any]]) -> str:
    lines = ["| tracker | versions | what was used |", "| --- | --- | --- |"]
    for line in results:
        tracker = trackers.find(line["peer"])
        if "unavailable" in line:
            lines.append(f"| {tracker.title} | | can't be installed: {_one_line(line['unavailable'])} |")
            continue
        versions = ", ".join(f"{name} {version}" for name, version in line["versions"].items())
        failures = "".join(f"; failed: {part}: {_one_line(why)}" for part, why in line["failed"].items())
        lines.append(f"| {tracker.title} | {versions} | {tracker.used}{failures} |")
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def _measured(line: Mapping[str, Any]) -> str:
    machine = line["machine"]
    where = f"{machine['cpus']} cores, Python {machine['python']}, {machine['system']}, {machine['file_system']}"
    measured = f"Measured in one run of `{line['command']}` on {where}."
    if (machine["load"] or 0) <= BUSY:
        return measured
    return f"{measured} Others were at work there (load average {machine['load']:.1f} before it began): compare ratios."


def write(text: str, page: Path = PAGE) -> None:
    """Put the tables in their place on the page."""
    whole = page.read_text(encoding="utf-8")
    before, _, rest = whole.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
