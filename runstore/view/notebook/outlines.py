"""What a card, a picture and a text tell of a run, an experiment or a workspace: plain values, asked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runstore.query import listing
from runstore.view.feed import run as feed_run
from runstore.view.feed import runs as feed_runs
from runstore.view.feed import sweeps
from runstore.view.feed import workspace as feed_workspace
from runstore.view.notebook.pictures import Chart, Line, points_of
from runstore.view.terminal.figures import duration, number, plural

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

CHARTS, RUNS, FACTS = 6, 8, 12
"""How many charts, runs and params are shown; of all more the page has."""

_BUCKETS = 120
_COLUMNS = ("name", "experiment", "status", "started", "duration")


@dataclass(frozen=True, slots=True)
class Outline:
    """What is shown. ``facts``: what is said of one run; ``table``: its heads and the rows below them.

    ``status`` is that of one run; ``more``: how many facts there are besides.
    """

    title: str
    kind: str
    note: str
    status: str | None = None
    facts: Sequence[tuple[str, str]] = ()
    more: int = 0
    table: Sequence[Sequence[str]] = ()
    charts: Sequence[Chart] = ()
    error: str | None = None

    def text(self) -> str:
        """The same in a few lines of text."""
        lines = [f"{self.kind} {self.title}", f"  {self.note}"]
        if self.error:
            lines.append(f"  {self.error}")
        lines += [f"  {name} = {value}" for name, value in self.facts]
        lines += [f"  … and {self.more} more"] if self.more else []
        lines += [f"  {one.name}: {number(one.value)}" for one in self.charts if one.value is not None]
        widths = [max(map(len, column)) for column in zip(*self.table, strict=True)]
        for row in self.table:
            lines.append("  " + "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip())
        return "\n".join(lines)


def of_run(ws: Workspace, run_id: str) -> Outline:
    """A run: how it stands, its first params, and its first curves.

    Raises:
        RunNotFound: there is none.
    """
    told = feed_run.run(ws, run_id)
    below = _sweep(ws, told["run_id"]) if told["type"] == sweeps.TYPE else None
    params = [*told["params"].items()]
    curves = [one["name"] for one in told["metrics"] if one["kind"] == "curve"][:CHARTS]
    lasts = {one["name"]: one["last"] for one in told["metrics"]}
    values = [(one["name"], _said(one["last"])) for one in told["metrics"] if one["kind"] == "value"]
    facts = [(name, _said(value)) for name, value in params if value is not None] + values
    parts = [told["status"], told["experiment"], told["run_id"]]
    if told["duration_s"] is not None:
        parts.append(duration(told["duration_s"]))
    parts += [plural(told["points"], "point")] if told["points"] else []
    parts += [plural(told["children"], "child run")] if told["children"] else []
    table, charts = below or ((), _charts(ws, curves, [told["run_id"]], lasts))
    return Outline(
        told["name"] or listing.short(told["run_id"]), "Run" if below is None else "Sweep", " · ".join(parts),
        told["status"], facts[:FACTS], max(0, len(facts) - FACTS), table, charts, told["error"],
    )  # fmt: skip


def _sweep(ws: Workspace, run_id: str) -> tuple[Sequence[Sequence[str]], list[Chart]]:
    """The best children of a sweep with what they were given, and the metric it is about: by child, and as curves."""
    told = sweeps.sweep(ws, run_id)
    metric, maximize = told["metric"] or "metric", told["goal"] == "maximize"
    trials = told["trials"]
    known = [one for one in trials if one["metric"] is not None]
    ranked = sorted(known, key=lambda one: one["metric"], reverse=maximize)
    shown = (ranked + [one for one in trials if one["metric"] is None])[:RUNS]
    heads = ["run", "status", metric, *told["parameters"][:FACTS]]
    rows = [
        [one["name"] or one["run_id"].removeprefix(f"{run_id}_"), one["status"],
         *map(_said, (one["metric"], *(one["values"].get(name) for name in told["parameters"][:FACTS])))]
        for one in shown
    ]  # fmt: skip
    by_trial = points_of((at, *3 * (one["metric"],)) for at, one in enumerate(trials))
    best = ranked[0]["metric"] if ranked else None
    charts = [Chart(f"best {metric} by run", [Line(by_trial)], best)] if by_trial else []
    return [heads, *rows] if rows else [], charts + _charts(ws, [metric], [one["run_id"] for one in shown])


def of_experiment(ws: Workspace, name: str) -> Outline:
    """An experiment: its newest runs, and the first curves of these over each other."""
    found = feed_runs.runs(ws, columns=_COLUMNS, experiment=name, limit=RUNS)
    ids = [row[0] for row in found["rows"]]
    metrics = sorted({one for (one,) in _names(ws, ids)}, key=str.lower)[:CHARTS]
    table = _table(found, experiment=False)
    return Outline(name, "Experiment", _newest(found), table=table, charts=_charts(ws, metrics, ids))


def of_workspace(ws: Workspace) -> Outline:
    """A workspace: how much is in it, and the newest runs."""
    told = feed_workspace.workspace(ws)
    found = feed_runs.runs(ws, columns=_COLUMNS, limit=RUNS)
    parts = [plural(told["experiments"], "experiment"), _newest(found)]
    parts += [f"{told['running']} running"] if told["running"] else []
    return Outline(told["name"], "Workspace", " · ".join([told["url"] or told["path"], *parts]), table=_table(found))


def _newest(found: dict[str, Any]) -> str:
    shown, total = len(found["rows"]), found["total"]
    return plural(total, "run") + (f", the newest {shown} shown" if total > shown else "")


def _table(found: dict[str, Any], experiment: bool = True) -> list[list[str]]:
    """Heads and rows; empty where there is no run."""
    rows = []
    for run_id, name, whose, status, started, took in found["rows"]:
        began = (started or "")[:16].replace("T", " ")
        lasted = "" if took is None else duration(took)
        shown = [name or listing.short(run_id), *([whose] if experiment else []), status, began, lasted]
        rows.append([str(cell) for cell in shown])
    heads = ["run", *(["experiment"] if experiment else []), "status", "started (UTC)", "took"]
    return [heads, *rows] if rows else []


def _names(ws: Workspace, ids: Sequence[str]) -> list[tuple[str]]:
    if not ids:
        return []
    marks = ", ".join("?" * len(ids))
    query = f"SELECT name FROM metric_summary WHERE run_id IN ({marks}) AND count > 1 GROUP BY name"
    return ws.sql(query, list(ids)).fetchall()


def _charts(
    ws: Workspace, metrics: Sequence[str], ids: Sequence[str], lasts: dict[str, Any] | None = None
) -> list[Chart]:
    if not metrics or not ids:
        return []
    found: dict[tuple[str, str], list[tuple[float, float | None, float | None, float | None]]] = {}
    curves = ws.curves(metrics, list(ids), points=_BUCKETS).select("run_id, name, x, mean, min, max")
    for run_id, name, *row in curves.fetchall():
        found.setdefault((name, run_id), []).append((row[0], row[1], row[2], row[3]))
    charts = []
    for name in metrics:
        lines = [Line(points_of(sorted(found[name, one])), at) for at, one in enumerate(ids) if (name, one) in found]
        last = (lasts or {}).get(name)
        charts.append(Chart(name, lines, last if isinstance(last, int | float) else None))
    return charts


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
