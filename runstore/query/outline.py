"""Which points of a long curve are enough to draw it: what is kept where curves are thinned.

A curve here is what one writer logged of a metric in one attempt, apart from what a later attempt overwrote. It is cut
into stretches of equally many points, and each keeps where it begins and ends, its least and its greatest value, and
the first and last that is no finite number. So a line through what is left has every peak, and NaN begins where it did.
"""

from __future__ import annotations

from collections.abc import Callable

from runstore.errors import UsageError
from runstore.format import schemas
from runstore.query import ranks, views
from runstore.query.connect import DuckDBPyConnection, quoted
from runstore.runs.state import RunState

LEAST = 16
"""The fewest points to which a curve can be thinned."""
KEPT = "kept_points"
"""The view that ``choose`` makes: the points that stay, with the columns of a segment."""

_ENDS, _OF_FINITE, _OF_ANY = 5, 4, 6  # points of a whole curve; of a stretch, and of one in a curve with others
_SERIES = "name, attempt, writer, counts"
_LOGGED = """
SELECT p.*, {counts} AS counts, coalesce(isfinite(p.value), false) AS finite FROM ({source}) p
"""
# Segments lie in this order, so that nothing has to be sorted for it.
_PLACED = "SELECT *, row_number() OVER ({order}) AS place FROM logged"
_ORDER = "ORDER BY " + ", ".join(schemas.SORTED_BY)
_LONG = f"""
SELECT {_SERIES}, count(*) AS many, count_if(NOT finite) AS odd, min(place) AS first, max(place) AS last,
row_number() OVER () AS series FROM placed GROUP BY {_SERIES} HAVING many > {{points}}
"""
_CUT = f"""
SELECT series, writer, seq, value, step, time, indexed, finite,
least(greatest(place - first, 0), last - first)
* (({{points}} - {_ENDS}) // if(odd > 0, {_OF_ANY}, {_OF_FINITE})) // (last - first + 1) AS stretch
FROM placed JOIN long USING ({_SERIES})
"""
# The first explicit step tells where an earlier attempt is cut, the greatest one whether this curve is.
_OUTLINE = """
WITH cut AS ({cut}), chosen AS (
    SELECT writer, [
        min(seq) FILTER (finite), max(seq) FILTER (finite),
        arg_min(seq, struct_pack(v := value, s := seq)) FILTER (finite),
        arg_max(seq, struct_pack(v := value, s := -seq)) FILTER (finite),
        min(seq) FILTER (NOT finite), max(seq) FILTER (NOT finite)
    ] AS seqs FROM cut GROUP BY series, writer, stretch
    UNION ALL
    SELECT writer, [
        arg_min(seq, struct_pack(t := time, s := seq)), arg_max(seq, struct_pack(t := time, s := seq)), max(seq),
        arg_min(seq, struct_pack(t := time, s := seq)) FILTER (NOT indexed),
        arg_max(seq, struct_pack(x := step, s := seq)) FILTER (NOT indexed)
    ] FROM cut GROUP BY series, writer
)
SELECT DISTINCT writer, seq FROM (SELECT writer, unnest(seqs) AS seq FROM chosen) WHERE seq IS NOT NULL
"""
_KEPT = f"""
SELECT {{columns}} FROM logged LEFT JOIN long USING ({_SERIES}) LEFT JOIN outline USING (writer, seq)
WHERE long.many IS NULL OR outline.seq IS NOT NULL
"""


def checked(points: int) -> int:
    """How many points a curve may keep.

    Raises:
        UsageError: so many can't hold a curve's shape.
    """
    if not isinstance(points, int) or points < LEAST:
        raise UsageError(f"points {points!r}; a curve that is thinned keeps at least {LEAST}")
    return points


def choose(
    connection: DuckDBPyConnection,
    source: str,
    points: int,
    which: Callable[[str], bool] | None = None,
    run: RunState | None = None,
) -> tuple[int, int]:
    """Choose what stays of the points of one run and make the view ``KEPT``; give how many there are and how many stay.

    Args:
        connection: where the tables and views are made.
        source: a SELECT of points with the columns of segments.
        points: at most so many of each curve.
        which: the metrics, by name, whose curves may be thinned; None for all.
        run: the run; None where all its writers have the same rank.
    """
    ranks.load(connection, [run] if run else [])
    source = ranks.ranked(source)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE begun AS {views.BEGUN.format(source=source)}")
    ((several,),) = connection.execute("SELECT count(*) > 0 FROM begun").fetchall()
    counts = views.COUNTS.format(begun="begun") if several else "true"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW logged AS {_LOGGED.format(counts=counts, source=source)}")
    placed = _PLACED.format(order=_ORDER if several else "")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW placed AS {placed}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE long AS {_LONG.format(points=points)}")
    if which is not None:
        named = [name for (name,) in connection.execute("SELECT DISTINCT name FROM long").fetchall() if not which(name)]
        connection.execute(f"DELETE FROM long WHERE name IN ({', '.join(map(quoted, named)) or 'NULL'})")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE outline AS {_OUTLINE.format(cut=_CUT.format(points=points))}")
    columns = ", ".join(schemas.COLUMNS[schemas.POINTS])
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {KEPT} AS {_KEPT.format(columns=columns)}")
    ((every,),) = connection.execute(f"SELECT count(*) FROM ({source})").fetchall()
    asked = "SELECT (SELECT coalesce(sum(many), 0) FROM long), (SELECT count(*) FROM outline)"
    ((long, outline),) = connection.execute(asked).fetchall()
    return int(every), int(every - long + outline)
