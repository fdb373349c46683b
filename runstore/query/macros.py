"""Questions with a name, as DuckDB macros: made for a statement that calls them, like the views they read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from runstore.query.connect import DuckDBPyConnection, name

Narrowed = Literal["names", "run_ids", "experiments"]


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro. Which views and columns it needs is read from its SQL, so it names its columns, each with its table.

    ``parameters``: in order, each with the SQL of its default; None where it must be given. ``sql``: a SELECT, which
    makes it a table, or with ``scalar`` an expression. ``narrows``: the parameters that say whose rows can matter.
    """

    parameters: dict[str, str | None]
    sql: str
    narrows: dict[str, Narrowed] = field(default_factory=dict)
    scalar: bool = False

    @property
    def query(self) -> str:
        """A statement that needs what the macro needs."""
        return f"SELECT {self.sql}" if self.scalar else self.sql


_LEADERBOARD = """
SELECT CASE WHEN k.key IS NOT NULL THEN rank() OVER (ORDER BY k.key NULLS LAST) END AS rank,
k.run_id, k.experiment, k.name, k.status, k.value
FROM (
    SELECT r.run_id, r.experiment, r.name, r.status, r.started, s.last AS value,
    CASE lower(mode) WHEN 'min' THEN nullif(s.last, 'nan'::DOUBLE) WHEN 'max' THEN -nullif(s.last, 'nan'::DOUBLE)
    ELSE error('leaderboard: mode is ''min'' or ''max'', not ' || mode) END AS key
    FROM runs r LEFT JOIN metric_summary s ON s.run_id = r.run_id AND s.name = metric
) k
ORDER BY k.key NULLS LAST, k.started DESC, k.run_id
"""

MACROS: dict[str, Macro] = {
    "leaderboard": Macro({"metric": None, "mode": "'min'"}, _LEADERBOARD, {"metric": "names"}),
}
"""By name. ``docs/sql.md`` documents each."""


def make(connection: DuckDBPyConnection, macro: str) -> None:
    """Make a macro on a connection, for this connection only."""
    made = MACROS[macro]
    given = [name(key) + (f" := {default}" if default is not None else "") for key, default in made.parameters.items()]
    body = f"({made.sql})" if made.scalar else f"TABLE {made.sql}"
    connection.execute(f"CREATE OR REPLACE TEMP MACRO {name(macro)}({', '.join(given)}) AS {body}")
