"""A lake as other engines read it: DuckDB over the files that Delta names."""

from __future__ import annotations

from typing import Any

import deltalake
import duckdb

from runstore.sync.lake import columns


def ask(url: str, query: str, options: dict[str, str] | None = None) -> list[tuple[Any, ...]]:
    """Ask the tables of a lake, each under its own name; rows of runs of their newest revision only."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in columns.EVERY:
        if not deltalake.DeltaTable.is_deltatable(f"{url}/{table}", options):
            continue
        connection.register(
            f"{table}_all", deltalake.DeltaTable(f"{url}/{table}", storage_options=options).to_pyarrow_dataset()
        )
    there = {
        name for (name,) in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    }
    newest = "(SELECT run_id, max(revision) AS revision FROM runs_all GROUP BY run_id)"
    for table in columns.EVERY:
        if f"{table}_all" not in there:
            continue
        source = f"{table}_all"
        if table in columns.OF_RUNS:
            source = f"{source} SEMI JOIN {newest} n USING (run_id, revision)"
        elif table in columns.OF_ALL:
            key = "name, version" if table == "models" else "experiment"
            source += f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY revision DESC) = 1"
        source += " WHERE NOT deleted" if table == "runs" else ""
        connection.execute(f"CREATE TEMP VIEW {table} AS FROM {source}")
    found = connection.execute(query).fetchall()
    connection.close()
    return found
