"""``runstore sql``: one statement, its rows as a table or as data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import figures, options, output, style, table

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

SHOWN = 200


@options.command(
    "sql",
    'runstore sql "select run_id, params.lr, last.loss from runs order by last.loss"',
    "runstore sql leaderboard.sql -o leaderboard.parquet",
    'runstore sql "select status, count(*) from runs group by all" --as-of 2026-03-01T12:00',
)
@click.argument("query", metavar="QUERY|FILE|-")
@click.option(
    "--format", "format_", type=click.Choice(output.FORMATS), help="Default: by the suffix of -o, else table."
)
@options.as_of
@options.as_json
@options.as_csv
@click.option(
    "-o", "--output", "path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write to a file."
)
@click.option(
    "--limit", type=click.IntRange(min=0), metavar="N",
    help=f"Show at most N rows; 0: all. Default: {SHOWN} on a terminal, all in a pipe or a file.",
)  # fmt: skip
def sql(
    query: str,
    format_: str | None,
    as_of: str | None,
    path: Path | None,
    limit: int | None,
    workspace: Path | None,
) -> None:
    """Ask in SQL over runs, metrics, params and the other views.

    QUERY is a DuckDB statement, the name of a file that holds it, or - for standard input. docs/sql.md lists the views.
    """
    statement = _statement(query)
    format_ = format_ or _by_suffix(path)
    relation = options.opened(workspace).sql(statement, as_of=as_of)
    if limit and format_ != "table":
        relation = relation.limit(limit)
    if path is not None:
        output.write_file(relation.limit(limit) if limit else relation, path, format_)
        style.note(f"wrote {path} ({figures.size(path.stat().st_size)})")
    elif format_ == "table":
        show(relation, SHOWN if limit is None and style.watched() else limit or None)
    elif format_ == "parquet":
        if style.watched():
            raise click.UsageError("parquet is not for a terminal; name a file with -o")
        output.print_parquet(relation)
    else:
        output.print_rows(relation.columns, output.rows_of(relation), format_)


def show(relation: DuckDBPyRelation, limit: int | None = None) -> None:
    """Print a relation as a table, at most ``limit`` rows of it, and how many rows there are."""
    rows = (relation if limit is None else relation.limit(limit + 1)).fetchall()
    more = limit is not None and len(rows) > limit
    rows = rows[:limit]
    columns = [table.of_values(name, [row[at] for row in rows]) for at, name in enumerate(relation.columns)]
    lines, hidden = table.render(columns, style.columns())
    for line in lines:
        style.echo(line)
    if more:
        total = int(relation.aggregate("count(*)").fetchall()[0][0])
        style.echo(
            style.dim(f"{len(rows):,} of {figures.plural(total, 'row')}; --limit 0 shows all, -o writes them to a file")
        )
    else:
        style.echo(style.dim(figures.plural(len(rows), "row")))
    if hidden:
        style.echo(style.dim(table.left_out(hidden, "--format jsonl shows all")))


def _statement(query: str) -> str:
    if query == "-":
        return sys.stdin.read()
    if len(query) < 4096 and "\n" not in query:
        path = Path(query)
        if path.suffix.lower() == ".sql" or os.path.isfile(query):  # false for what is too long for a name
            return path.read_text(encoding="utf-8-sig")
    return query


def _by_suffix(path: Path | None) -> str:
    if path is None:
        return "table"
    known = output.SUFFIXES.get(path.suffix.lower())
    if known is None:
        raise click.UsageError(f"no format has the suffix {path.suffix!r}; say which with --format")
    return known
