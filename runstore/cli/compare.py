"""``runstore compare``: what differs between runs, params first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from runstore.cli import figures, listing, options, output, style, table
from runstore.cli.table import Column
from runstore.cli.text import safe

_MISSING = "-"
_MARK = "*"


@options.command("compare", "runstore compare 3f2a 91bc", "runstore compare 3f2a 91bc 07de --all")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@click.option("--all", "everything", is_flag=True, help="Show also what is the same in all of them.")
@options.as_json
@options.as_csv
def compare(runs: tuple[str, ...], everything: bool, workspace: Path | None, format_: str | None) -> None:
    """Compare the params and the metrics of runs.

    The params that differ come first, then the last values of the metrics. Differences are to the first run. The best
    value is marked where the metric's name says which way is better, as loss and accuracy do. RUN is any unique
    beginning of a run's id.
    """
    ws = options.opened(workspace)
    chosen = options.chosen(ws, runs)
    if len(chosen) < 2:
        raise click.UsageError("it takes two different runs to compare")
    facts = ws.compare(chosen).as_dict()
    if format_ == "json":
        output.print_json(facts)
    elif format_ == "csv":
        _csv(facts)
    else:
        _show(facts, everything)


def _csv(facts: dict[str, Any]) -> None:
    ids = [run["run_id"] for run in facts["runs"]]
    rows = [
        [kind, row["name"], row["changed"], *row["values"]]
        for kind, section in (("param", "params"), ("metric", "metrics"))
        for row in facts[section]
    ]
    output.print_rows(["kind", "name", "changed", *ids], rows, "csv")


def _show(facts: dict[str, Any], everything: bool) -> None:
    titles = [safe(title) for title in listing.shortened([run["run_id"] for run in facts["runs"]])]
    params = [row for row in facts["params"] if row["changed"] or everything]
    metrics = [row for row in facts["metrics"] if row["changed"] or everything]
    blocks = [_runs(facts["runs"], titles)]
    if params:
        blocks.append(_drawn(_params(params, titles)))
    if metrics:
        blocks.append(_metric_block(metrics, titles))
    equal = [
        figures.plural(sum(not row["changed"] for row in facts[section]), noun)
        for section, noun in (("params", "param"), ("metrics", "metric"))
        if not everything and any(not row["changed"] for row in facts[section])
    ]
    if equal:
        blocks.append([style.dim(f"the same in all: {' and '.join(equal)}; --all shows them")])
    if not params and not metrics:
        blocks.append(["no differences in params or metrics"])
    style.echo("\n\n".join("\n".join(block) for block in blocks))


def _runs(runs: Sequence[dict[str, Any]], titles: Sequence[str]) -> list[str]:
    statuses = [style.status(run["status"]) for run in runs]
    columns = [
        Column("run", titles, weight=100),
        Column("status", [style.unpainted(status) for status in statuses], paint=_painter(runs), weight=80, least=11),
        Column("experiment", [safe(run["experiment"]) for run in runs], weight=60),
        Column("name", [safe(run["name"] or "") for run in runs], weight=70),
    ]
    return _drawn([column for column in columns if any(column.cells)])


def _painter(runs: Sequence[dict[str, Any]]) -> Any:
    def paint(row: int, cell: str) -> str:
        sign, colour = style.dot(runs[row]["status"])
        return style.paint(sign, colour) + cell[1:] if cell.startswith(sign) else cell

    return paint


def _params(rows: Sequence[dict[str, Any]], titles: Sequence[str]) -> list[Column]:
    columns = [_named("param", rows)]
    for at, title in enumerate(titles):
        cells = [safe(_value(row, at)) for row in rows]
        columns.append(Column(title, cells, right=_all_numbers(rows, at), weight=50 - at, paint=_changes(rows)))
    return columns


def _value(row: dict[str, Any], at: int) -> str:
    """A param in few digits, unless these don't show the difference."""
    value = row["values"][at]
    if not row["given"][at]:
        return _MISSING
    if value is None:
        return "None"
    if not isinstance(value, float):
        return output.flat(value)
    others = [other for other in row["values"] if isinstance(other, float) and other != value]
    short = figures.number(value)
    return repr(value) if short in map(figures.number, others) else short


def _metric_block(rows: Sequence[dict[str, Any]], titles: Sequence[str]) -> list[str]:
    """The metrics with as much beside the values as there is room for: all of the percentages or none."""
    for beside in (2, 1, 0):
        columns = _metrics(rows, titles, beside)
        _, hidden = table.fit(columns, style.columns())
        if not hidden:
            break
    lines = _drawn(columns)
    if any(row["best"] is not None for row in rows):
        lines.append(style.dim(f"{_MARK} the best, going by the metric's name"))
    return lines


def _metrics(rows: Sequence[dict[str, Any]], titles: Sequence[str], beside: int) -> list[Column]:
    columns = [_named("metric", rows)]
    marked = any(row["best"] is not None for row in rows)
    for at, title in enumerate(titles):
        cells = [_measured(row, at) + (_mark(row, at) if marked else "") for row in rows]
        columns.append(
            Column(f"{title} " if marked else title, cells, right=True, weight=50 - at, paint=_bests(rows, at))
        )
        if at and beside:
            columns.append(Column("change", [_change(row, at) for row in rows], right=True, weight=40 - at))
        if at and beside > 1:
            columns.append(Column("%", [_percent(row, at) for row in rows], right=True, weight=30 - at))
    return columns


def _measured(row: dict[str, Any], at: int) -> str:
    return _MISSING if row["values"][at] is None else figures.number(row["values"][at])


def _mark(row: dict[str, Any], at: int) -> str:
    return _MARK if row["best"] is not None and row["values"][at] == row["best"] else " "


def _bests(rows: Sequence[dict[str, Any]], at: int) -> Any:
    def paint(row: int, cell: str) -> str:
        if _mark(rows[row], at) == _MARK:
            return style.paint(cell, "green", bold=True)
        return cell if rows[row]["changed"] else style.dim(cell)

    return paint


def _change(row: dict[str, Any], at: int) -> str:
    return figures.change(row["delta"][at])


def _percent(row: dict[str, Any], at: int) -> str:
    percent = row["percent"][at]
    return "" if not percent else f"{percent:+.1f}" if abs(percent) < 1000 else f"{percent:+.3g}"


def _named(title: str, rows: Sequence[dict[str, Any]]) -> Column:
    return Column(title, [safe(row["name"]) for row in rows], weight=100, least=16, paint=_changes(rows))


def _changes(rows: Sequence[dict[str, Any]]) -> Any:
    """What is the same in all may be overlooked."""
    return lambda row, cell: cell if rows[row]["changed"] else style.dim(cell)


def _all_numbers(rows: Sequence[dict[str, Any]], at: int) -> bool:
    there = [row["values"][at] for row in rows if row["given"][at]]
    return bool(there) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in there)


def _drawn(columns: Sequence[Column]) -> list[str]:
    lines, hidden = table.render(columns, style.columns())
    if hidden:
        lines.append(style.dim(table.left_out(hidden, "a wider terminal or --json shows all")))
    return lines
