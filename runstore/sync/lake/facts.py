"""What a workspace's views say of some runs, as Parquet files for the tables of facts; and such files made fewer."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from runstore.query import connect, history, listing, views
from runstore.query.catalog import Catalog
from runstore.query.connect import DuckDBPyConnection, name, quoted
from runstore.sync.lake import columns

_COPY = "FORMAT parquet, COMPRESSION zstd"


class Written(NamedTuple):
    """A file for a table. ``rows``: in it."""

    table: str
    path: Path
    rows: int


def of_runs(source: Path, run_ids: Collection[str], revision: int, target: Path) -> Iterator[Written]:
    """Write what there is to say of runs, in the order in which the tables are to be committed.

    A run that is not shown, because it was deleted, gets a row in ``runs`` that says so.

    Args:
        source: a workspace.
        run_ids: whole ids.
        revision: the number of what is said now.
        target: an empty directory.
    """
    every = Catalog(source, listing.some(source, run_ids))
    for table in columns.OF_RUNS if run_ids else ():
        own = [_column(column, of) for column, of in columns.facts(table).items()]
        own += ["false AS deleted"] if table == "runs" else []
        own += [f"{revision}::BIGINT AS {columns.REVISION}"]
        query = f"SELECT {', '.join(own)} FROM {table} WHERE {views.among(run_ids)}"
        connection = connect.connect()
        with connect.refusals(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history.bind(connection, source, query, every=every)
            if table == "runs":
                query = _with_deleted(connection, query, run_ids, revision)
            made = _copied(connection, query, target / f"{table}.parquet")
        connection.close()
        if made:
            yield Written(table, target / f"{table}.parquet", made)


def of_all(source: Path, revision: int, target: Path) -> Iterator[Written]:
    """The same for what belongs to no run."""
    for table in columns.OF_ALL:
        own = [_column(column, of) for column, of in columns.facts(table).items()]
        query = f"SELECT {', '.join(own)}, {revision}::BIGINT AS {columns.REVISION} FROM {table}"
        connection = connect.connect()
        with connect.refusals(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history.bind(connection, source, query)
            made = _copied(connection, query, target / f"{table}.parquet")
        connection.close()
        if made:
            yield Written(table, target / f"{table}.parquet", made)


def _with_deleted(connection: DuckDBPyConnection, query: str, run_ids: Collection[str], revision: int) -> str:
    shown = {run_id for (run_id,) in connection.execute(f"SELECT run_id FROM ({query})").fetchall()}
    gone = sorted({*run_ids} - shown)
    if not gone:
        return query
    rows = ", ".join(f"({quoted(run_id)}, true, {revision}::BIGINT)" for run_id in gone)
    return f"{query} UNION ALL BY NAME SELECT * FROM (VALUES {rows}) AS g(run_id, deleted, {columns.REVISION})"


def _column(column: str, of: str) -> str:
    given = name(column)
    if of == "TIMESTAMP":  # Delta's is of UTC
        return f"{given} AT TIME ZONE 'UTC' AS {given}"
    return f"to_json({given})::VARCHAR AS {given}" if of.endswith("[]") else given


def _copied(connection: DuckDBPyConnection, query: str, to: Path) -> int:
    ((rows,),) = connection.execute(f"COPY ({query}) TO {quoted(str(to))} ({_COPY})").fetchall()
    return int(rows)


# ---- files made fewer


def newest(table: str, parts: Sequence[Path], runs: Sequence[Path], target: Path) -> int:
    """Write one file of the rows that count out of several; how many they are.

    Args:
        table: whose files they are.
        parts: the files.
        runs: all files of the table ``runs``, which say what counts of a run.
        target: where to write.
    """
    rows = f"read_parquet({_list(parts)})"
    if table in columns.OF_RUNS:
        told = f"SELECT run_id, max({columns.REVISION}) AS r FROM read_parquet({_list(runs)}) GROUP BY run_id"
        # a revision that runs does not tell of yet is of a push that goes on
        counts = f"NOT EXISTS (SELECT 1 FROM ({told}) n WHERE n.run_id = t.run_id AND n.r > t.{columns.REVISION})"
        query = f"SELECT DISTINCT * FROM {rows} t WHERE {counts}"
    else:
        key = "name, version" if table == "models" else "experiment"
        query = (
            f"SELECT * FROM {rows} QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {columns.REVISION} DESC) = 1"
        )
    return _made(query, target)


def without(part: Path, run_ids: Collection[str], target: Path) -> int | None:
    """Write a file's rows of other runs; how many they are, None where there is none of these runs in it."""
    connection = connect.connect()
    rows, of_them = f"read_parquet({_list([part])})", views.among(run_ids)
    with connect.refusals():
        ((theirs,),) = connection.execute(f"SELECT count(*) FROM {rows} WHERE {of_them}").fetchall()
        left = _copied(connection, f"SELECT * FROM {rows} WHERE NOT ({of_them})", target) if theirs else None
    connection.close()
    return left


def ends(part: Path) -> tuple[str, str] | None:
    """The least and the greatest run id in a file; None where there is none in it."""
    connection = connect.connect()
    with connect.refusals():
        ((least, greatest),) = connection.execute(
            f"SELECT min(run_id), max(run_id) FROM read_parquet({_list([part])})"
        ).fetchall()
    connection.close()
    return None if least is None else (least, greatest)


def _made(query: str, target: Path) -> int:
    connection = connect.connect()
    with connect.refusals():
        rows = _copied(connection, query, target)
    connection.close()
    return rows


def _list(paths: Sequence[Path]) -> str:
    return f"[{', '.join(quoted(str(path)) for path in paths)}]"
