"""``runstore runs``: the runs as a table, the columns that tell them apart first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runstore.cli import figures, listing, options, output, style, table
from runstore.cli.follow import AT_WORK
from runstore.cli.table import Column
from runstore.cli.text import safe

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from runstore import Workspace

SHOWN = 25
_ID = 8
_EVERY = 2**62


@options.command(
    "runs",
    "runstore runs --sort loss",
    "runstore runs --where \"lr < 0.1 and status = 'Completed'\" --columns run_id,lr,loss --csv",
)
@options.experiment
@options.where
@options.sort
@click.option(
    "--columns", metavar="NAMES",
    help="Show these, by commas: columns of runs, params, metrics. A name with a comma goes in double quotes.",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(min=0), metavar="N",
    help=f"Show at most N runs; 0: all. Default: {SHOWN} on a terminal, all in a pipe.",
)  # fmt: skip
@click.option("--offset", type=click.IntRange(min=0), metavar="N", help="Leave out the first N runs.")
@click.option(
    "--page", type=click.IntRange(min=1), metavar="N", help=f"The N-th page of --limit runs, else of {SHOWN}."
)
@click.option("--deleted", is_flag=True, help="Only the deleted runs, which are in no other list.")
@options.as_of
@options.as_json
@options.as_csv
def runs(
    workspace: Path | None,
    experiment: str | None,
    where: str | None,
    sort: tuple[str, ...],
    columns: str | None,
    limit: int | None,
    offset: int | None,
    page: int | None,
    deleted: bool,
    as_of: str | None,
    format_: str | None,
) -> None:
    """List the runs, the newest first.

    Shows the params that differ and the last values of the metrics, as many as the terminal has room for.
    """
    ws = options.opened(workspace)
    names = _names(columns) if columns else None
    if limit is None and (page is not None or (style.watched() and format_ is None)):
        limit = SHOWN
    start = _start(limit, offset, page)
    if deleted:
        if where is not None or sort or names or as_of or offset is not None or page is not None:
            raise click.UsageError("--deleted goes with --experiment, --limit, --json and --csv only")
        from runstore.cli import deleted as gone

        return gone.show(ws, experiment, limit or None, format_)

    def ask(names: Sequence[str] | None) -> DuckDBPyRelation:
        return ws.runs(where, sort, names, experiment=experiment, as_of=as_of)

    if format_ is not None:
        _export(_paged(ask(names), limit or None, start), format_)
    elif names is not None:
        _table_of(ask(names), limit or None, start)
    else:
        _overview(ws, ask, limit or None, _asked_for(sort, where), as_of, start)


def _start(limit: int | None, offset: int | None, page: int | None) -> int:
    """How many runs come before the first one to show."""
    if page is None:
        return offset or 0
    if offset is not None or not limit:
        raise click.UsageError("--page goes with a --limit above 0 and without --offset")
    return (page - 1) * limit


def _paged(relation: DuckDBPyRelation, limit: int | None, start: int) -> DuckDBPyRelation:
    return relation if limit is None and not start else relation.limit(_EVERY if limit is None else limit, start)


def _names(columns: str) -> list[str]:
    import csv

    return [name.strip() for row in csv.reader([columns], skipinitialspace=True) for name in row if name.strip()]


def _asked_for(sort: Sequence[str], where: str | None) -> Callable[[str], bool]:
    """Whether a name is one that the order or the filter is about."""
    by = {one.removesuffix(" desc").removesuffix(" asc").strip() for one in sort}
    by |= {name.partition(".")[2] for name in by if name.startswith(("params.", "last."))}
    return lambda name: name in by or (where is not None and name in where)


def _export(relation: DuckDBPyRelation, format_: str) -> None:
    """As JSON, the runs view as it is; as CSV, a column for every param, metric and tag."""
    if format_ == "csv":
        output.print_rows(*_flattened(relation), format_)
    else:
        output.print_rows(relation.columns, output.rows_of(relation), format_)


def _flattened(relation: DuckDBPyRelation) -> tuple[list[str], list[list[Any]]]:
    rows = relation.fetchall()
    columns: list[str] = []
    cells: list[list[Any]] = [[] for _ in rows]
    for at, column in enumerate(relation.columns):
        if str(relation.types[at]).startswith(("STRUCT", "MAP")):
            fields = dict.fromkeys(name for row in rows for name in row[at] or ())
            columns += [f"{column}.{name}" for name in fields]
            for row, flat in zip(rows, cells, strict=True):
                flat += [(row[at] or {}).get(name) for name in fields]
        else:
            columns.append(column)
            for row, flat in zip(rows, cells, strict=True):
                flat.append(row[at])
    return columns, cells


def _table_of(relation: DuckDBPyRelation, limit: int | None, start: int) -> None:
    """The chosen columns, each in the dress it has in the overview."""
    rows, total = listing.page(relation, limit, start)
    columns = [column(name, [row[at] for row in rows]) for at, name in enumerate(relation.columns)]
    _print(columns, len(rows), total, "--csv shows them", start)


def _overview(
    ws: Workspace,
    ask: Callable[[Sequence[str] | None], DuckDBPyRelation],
    limit: int | None,
    asked: Callable[[str], bool],
    as_of: str | None,
    start: int,
) -> None:
    if limit is None:
        page = listing.whole(ask(None), start)
    else:
        page = listing.first(ws, ask(listing.COLUMNS), limit, as_of, start)
    if not page.runs and not page.total:
        style.echo(_nothing(ws) if as_of is None else "no runs by then")
        return
    columns = _facts(page.runs, _then(as_of))
    params, metrics = page.changed(), page.numeric()
    both = {*params} & {*metrics}
    columns += _values(page.runs, page.params, params, 50, asked, {name: f"params.{name}" for name in both})
    columns += _values(page.runs, page.metrics, metrics, 60, asked, {name: f"last.{name}" for name in both})
    _print(columns, len(page.runs), page.total, "--columns chooses", start)


def _nothing(ws: Workspace) -> str:
    if ws.runs(columns=["run_id"], limit=1).fetchall():
        return "no runs match"
    return f"no runs in {safe(ws.path)} yet; `runstore demo` makes some, or log your own:\n\n" + "\n".join(
        (
            "    import runstore",
            '    with runstore.start_run("first", params={"lr": 0.1}) as run:',
            '        run.log("loss", 0.5, step=0)',
        )
    )


def _then(as_of: str | None) -> datetime | None:
    """The time that is asked about, in UTC without a zone like those in the views."""
    from runstore.query import past

    until = past.until(as_of)
    if until is None:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=until // 1000)).replace(tzinfo=None)


def _facts(runs: Sequence[Mapping[str, Any]], then: datetime | None = None) -> list[Column]:
    """What every run has. What is the same in all, or missing in all, gives way first."""

    def of(name: str) -> list[Any]:
        return [run[name] for run in runs]

    columns = [column("run_id", of("run_id"), 100)]
    columns.append(column("experiment", of("experiment"), 55 if len(set(of("experiment"))) > 1 else 12))
    if any(of("name")):
        columns.append(column("name", of("name"), 70))
    columns.append(column("status", of("status"), 80))
    columns.append(column("started", of("started"), 56))
    columns.append(column("duration", [seconds(run, then) for run in runs], 20))
    columns.append(column("points", of("points"), 15))
    if any(of("dropped")):
        columns.append(column("dropped", of("dropped"), 90))
    return columns


def seconds(run: Mapping[str, Any], then: datetime | None = None) -> float | None:
    """How long a run took, or has been at work, now or by an earlier time."""
    if run["started"] is None or (run["ended"] is None and run["status"] not in AT_WORK):
        return None
    return float(((run["ended"] or then or figures.utc_now()) - run["started"]).total_seconds())


def _values(
    runs: Sequence[Mapping[str, Any]],
    found: listing.Found,
    names: Sequence[str],
    weight: float,
    asked: Callable[[str], bool],
    titles: Mapping[str, str],
) -> list[Column]:
    """Columns of params or metrics: those asked for first, each one after less important than the one before."""
    columns = []
    for number, name in enumerate(sorted(names, key=lambda name: not asked(name))):
        values = [found.get(run["run_id"], {}).get(name) for run in runs]
        columns.append(column(titles.get(name, name), values, 85 if asked(name) else weight - number))
    return columns


def column(name: str, values: Sequence[Any], weight: float = 0.0) -> Column:
    """A column of runs in the dress its name asks for."""
    people = style.watched()
    title = safe(name)
    if name == "run_id":
        short = _telling(values)
        cells = [safe(value)[:short] if people and _is_uuid(value) else safe(value) for value in values]
        return Column(title, cells, weight=weight, least=short)
    if name == "status":
        return _statuses(title, values, weight)
    if people and all(isinstance(value, datetime | None) for value in values) and any(values):
        now = figures.utc_now()
        return Column(title, [figures.ago(value, now) for value in values], weight=weight, least=11)
    if name == "duration":
        cells = ["" if value is None else figures.duration(value) for value in values]
        return Column(title, cells, right=True, weight=weight)
    made = table.of_values(name, values, weight)
    made.cells = ["" if value is None else cell for value, cell in zip(values, made.cells, strict=True)]
    if made.right and people:
        floats = any(isinstance(value, float) for value in values)
        made.cells = figures.column(values) if floats else [figures.count(v) if v is not None else "" for v in values]
        made.short = None
    made.paint = None
    made.least = min(12, max(made.measure(), 1))
    return made


def _statuses(title: str, values: Sequence[Any], weight: float) -> Column:
    if not style.watched() or style.plain_letters():
        return Column(title, [safe(value) for value in values], weight=weight)
    cells = [f"{style.dot(value)[0]} {safe(value)}" for value in values]

    def paint(row: int, cell: str) -> str:
        return style.paint(cell[:1], style.dot(values[row])[1]) + cell[1:]

    return Column(title, cells, weight=weight, least=11, paint=paint)


def _telling(ids: Sequence[str]) -> int:
    """How much of an id tells these runs apart."""
    short, longest = _ID, max(map(len, ids), default=_ID)
    while short < longest and len({one[:short] for one in ids}) < len(set(ids)):
        short += 1
    return short


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def _print(columns: Sequence[Column], shown: int, total: int, how: str, start: int) -> None:
    lines, hidden = table.render(columns, style.columns())
    for line in lines if shown or not start else ():
        style.echo(line)
    counted = figures.plural(total, "run")
    if start:
        note = f"{start + 1:,} to {start + shown:,} of {counted}" if shown else f"no more than {counted}"
    else:
        note = counted if shown == total else f"{shown:,} of {counted}; --limit 0 shows all"
    style.echo(style.dim(note))
    if hidden:
        style.echo(style.dim(table.left_out(hidden, how)))
