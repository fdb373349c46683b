"""The ranks of writers: a later attempt overwrites only what the same rank logged. No rank counts as rank 0."""

from __future__ import annotations

from collections.abc import Iterable

from runstore.query import feed
from runstore.query.connect import DuckDBPyConnection
from runstore.runs.state import RunState

TABLE = "writer_ranks"
"""The table that ``load`` makes: run_id, writer and rank, of the writers with a rank above 0."""


def load(connection: DuckDBPyConnection, runs: Iterable[RunState]) -> None:
    """Make ``TABLE`` of the writers of those runs that have several attempts."""
    rows = (
        {"run_id": run.run_id, "writer": part.writer, "rank": part.rank}
        for run in runs
        if len(run.attempts) > 1
        for part in run.writers
        if part.rank
    )
    feed.rows(connection, TABLE, {"run_id": "VARCHAR", "writer": "VARCHAR", "rank": "BIGINT"}, rows)


def ranked(source: str, ranks: str = TABLE) -> str:
    """Add the column ``rank`` to a SELECT of points.

    Args:
        source: the SELECT.
        ranks: the relation with the ranks above 0, to stand after FROM.
    """
    return f"SELECT p.*, coalesce(w.rank, 0) AS rank FROM ({source}) p LEFT JOIN {ranks} w USING (run_id, writer)"
