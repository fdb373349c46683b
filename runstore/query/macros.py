"""Questions with a name, as DuckDB macros: made for a statement that calls them, like the views they read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from runstore.query import intervals
from runstore.query.buckets import LARGE, SMALL
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

# The same buckets as those of Workspace.curves, along the step.
_CURVES = f"""
SELECT q.run_id, q.experiment, q.name, q.bucket, count(*) AS count, avg(q.step) AS x,
least(greatest(avg(q.y * {SMALL}) * {LARGE}, min(q.y)), max(q.y)) AS mean, min(q.y) AS min, max(q.y) AS max,
arg_max(q.value, struct_pack(x := q.step, a := q.attempt, t := q.time, w := q.writer, s := q.seq)) AS last,
count(*) FILTER (isnan(q.value)) AS nan_count, count(*) FILTER (isinf(q.value)) AS inf_count
FROM (
    SELECT p.run_id, p.experiment, p.name, p.step, p.value, p.attempt, p.time, p.writer, p.seq,
    CASE WHEN isfinite(p.value) THEN p.value END AS y,
    ((p.step::HUGEINT - e.low) * greatest(points, 1) // (e.high::HUGEINT - e.low + 1))::BIGINT AS bucket
    FROM curve_points p, (
        SELECT min(c.step) AS low, max(c.step) AS high FROM curve_points c
        WHERE c.name = metric AND c.value IS NOT NULL
    ) e
    WHERE p.name = metric AND p.value IS NOT NULL
) q
GROUP BY q.run_id, q.experiment, q.name, q.bucket
ORDER BY q.run_id, q.bucket
"""

_GROUP_STATS = f"""
SELECT key AS key, {intervals.aggregates("s.number")}, {intervals.odd("s.number")}
FROM runs r JOIN (
    SELECT m.run_id AS id, m.last AS number FROM metric_summary m WHERE m.name = metric AND m.last IS NOT NULL
) s ON s.id = r.run_id
GROUP BY 1 ORDER BY 1 NULLS LAST
"""

MACROS: dict[str, Macro] = {
    "leaderboard": Macro({"metric": None, "mode": "'min'"}, _LEADERBOARD, {"metric": "names"}),
    "curves": Macro({"metric": None, "points": "2000"}, _CURVES, {"metric": "names"}),
    "group_stats": Macro({"metric": None, "key": "NULL::VARCHAR"}, _GROUP_STATS, {"metric": "names"}),
}
"""By name. ``docs/sql.md`` documents each."""


def make(connection: DuckDBPyConnection, macro: str) -> None:
    """Make a macro on a connection, for this connection only."""
    made = MACROS[macro]
    given = [name(key) + (f" := {default}" if default is not None else "") for key, default in made.parameters.items()]
    body = f"({made.sql})" if made.scalar else f"TABLE {made.sql}"
    connection.execute(f"CREATE OR REPLACE TEMP MACRO {name(macro)}({', '.join(given)}) AS {body}")
