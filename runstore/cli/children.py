"""A sweep, watched until it has ended: its runs in a table that is drawn again and again, or told one by one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runstore.cli import figures, output, runs, style, table, watch
from runstore.cli.follow import GOING_ON, redraw
from runstore.cli.table import Column
from runstore.cli.text import safe
from runstore.launch.sweep import results
from runstore.query.listing import short

if TYPE_CHECKING:
    from runstore import Run, Workspace

INTERVAL = 1.0  # seconds between two looks
SHOWN = 16  # runs in the table: those that go on, and the best of the others
_RUNS = "SELECT run_id, name, status, started, ended, error FROM runs WHERE parent_id = ? ORDER BY started"


def follow(ws: Workspace, run: Run, format_: str | None) -> None:
    """Show a sweep's runs until it has ended.

    Args:
        ws: its workspace.
        run: the sweep's own run.
        format_: ``json`` for one object a line: each run as it ends, and how the sweep ended.

    Raises:
        RunFailed: the sweep has failed, or was canceled.
    """
    search = _Search(ws, run)
    if format_ != "json" and style.watched():
        redraw(lambda: (search.lines(), run.status in GOING_ON), INTERVAL)
    else:
        for one in _ended(search, run):
            if format_ == "json":
                output.print_json_line(one)
            else:
                style.echo(_sentence(one))
    watch.end(run, format_)


def _ended(search: _Search, run: Run) -> Iterator[dict[str, Any]]:
    """The sweep's runs, each when it has ended."""
    told: set[str] = set()
    more = True
    while more:
        more = run.status in GOING_ON
        for one in search.runs():
            if one["run_id"] not in told and one["status"] not in GOING_ON:
                told.add(one["run_id"])
                yield one
        if more:
            time.sleep(INTERVAL)


def _sentence(one: dict[str, Any]) -> str:
    told = " ".join(f"{name}={output.flat(value)}" for name, value in one["hyperparameters"].items())
    best = f"  {one['metric']}={figures.number(one['value'])}" if one["value"] is not None else ""
    return safe(f"{one['run_id']}  {one['status']}  {told}{best}")


class _Search:
    """What a sweep looks for, and its runs."""

    def __init__(self, ws: Workspace, run: Run) -> None:
        self._ws, self._run = ws, run
        self.metric, maximize = results.primary(run)
        self._sign = -1 if maximize else 1
        self._total = run.tags.get("max_total_jobs") or "?"

    def runs(self) -> list[dict[str, Any]]:
        """The runs, the first one first: what was tried, and the best that came of it."""
        relation = self._ws.sql(_RUNS, [self._run.id])
        rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
        found = {one.run_id: one for one in results.found(self._run)}
        for row in rows:
            one = found.get(row["run_id"])
            row["metric"], row["value"] = self.metric, one.best_primary_metric if one else None
            row["hyperparameters"] = one.hyperparameters if one else {}
        return rows

    def lines(self) -> list[str]:
        """The picture: how far it is, and a table of the runs that go on and the best of those that have ended."""
        children = self.runs()
        ranked = sorted(children, key=lambda one: (one["value"] is None, self._sign * (one["value"] or 0)))
        going = [one for one in children if one["status"] in GOING_ON]
        shown = [*going, *[one for one in ranked if one not in going]][:SHOWN]
        more = len(children) - len(shown)
        rest = [style.dim(f"{figures.plural(more, 'run')} more; `runstore runs` lists them")] if more > 0 else []
        head = self._head(len(children) - len(going), len(going), ranked)
        return [head, *(["", *_table(shown, self.metric)] if shown else []), *rest]

    def _head(self, over: int, going: int, ranked: list[dict[str, Any]]) -> str:
        done = f"{over} of {self._total} runs ended, {going} running"
        best = ranked[0] if ranked and ranked[0]["value"] is not None else None
        told = f"best {safe(self.metric)} {figures.number(best['value'])} in {_number(best)}" if best else ""
        return "   ".join(filter(None, [style.status(self._run.status), done, told]))


def _number(one: dict[str, Any]) -> str:
    """What tells a run of a sweep from the others: the number at the end of its id."""
    _, _, number = one["run_id"].rpartition("_")
    return f"#{number}" if number.isdecimal() else safe(short(one["run_id"]))


def _table(children: list[dict[str, Any]], metric: str) -> list[str]:
    names = dict.fromkeys(name for one in children for name in one["hyperparameters"])
    tried = {name: [one["hyperparameters"].get(name) for one in children] for name in names}
    columns = [
        Column("run", [_number(one) for one in children], right=True, weight=100),
        runs.column("status", [one["status"] for one in children], 90),
        runs.column(metric, [one["value"] for one in children], 95),
        *(runs.column(name, values, 80 - at) for at, (name, values) in enumerate(tried.items())),
        runs.column("duration", [runs.seconds(one) for one in children], 20),
    ]
    return table.render(columns, style.columns())[0]
