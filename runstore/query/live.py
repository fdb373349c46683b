"""Verified journals, decoded by DuckDB to the very columns that sealed segments have.

Sequence numbers are implicit in a journal, so the lines are kept in their order (a table's ``rowid`` is the line's
place) and numbered afterwards: a line takes one number, a line of many values one each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from runstore.format.journal import Journal
from runstore.format.values import EXACT_INT
from runstore.query import decoded, feed
from runstore.query.connect import DuckDBPyConnection, quoted
from runstore.query.decoded import Decoded

_FILES, _BYTES = 128, 64 << 20  # descriptors and memory held at once
_LISTED_AT_ONCE = 1 << 16  # values of lists taken apart in one statement: as JSON each takes hundreds of bytes
_PART = 2 << 20  # bytes of long lines read in one statement
_SAMPLE, _LONG_LINE = 1 << 14, 4096  # bytes looked at; bytes of a line that is long
_LONG = 16 << 20  # a journal longer than that has one enormous line

# A JSON value, given as x, its type as k: what kind, DOUBLE and text it makes.
_KIND = """CASE k WHEN 'DOUBLE' THEN 'float' WHEN 'UBIGINT' THEN 'int' WHEN 'BIGINT' THEN 'int'
WHEN 'BOOLEAN' THEN 'bool' WHEN 'VARCHAR' THEN 'str' WHEN 'OBJECT' THEN {object} ELSE 'none' END"""
_LIST = """starts_with(x::VARCHAR, '{{"list":')"""  # by its first letters: a list is long, and looked at often
_OBJECT = f"""CASE WHEN {_LIST} THEN 'list' WHEN (x->'i') IS NOT NULL THEN 'int' WHEN (x->'f') IS NOT NULL
THEN 'float' ELSE 'row' END"""
_VALUE = f"""CASE WHEN k = 'OBJECT' THEN CASE WHEN NOT {_LIST} THEN try_cast(coalesce(x->>'f', x->>'i') AS DOUBLE) END
WHEN k <> 'VARCHAR' THEN try_cast(x AS DOUBLE) END"""
_TEXT = f"""CASE WHEN k = 'VARCHAR' THEN x->>'$' WHEN k = 'OBJECT'
THEN CASE WHEN {_LIST} THEN x::VARCHAR ELSE coalesce(x->>'i', coalesce(x->'row', x->'log')::VARCHAR) END
WHEN k IN ('UBIGINT', 'BIGINT') AND abs(try_cast(x AS DOUBLE)) >= {EXACT_INT}
AND abs(try_cast(x AS HUGEINT)) > {EXACT_INT} THEN x::VARCHAR END"""

_NARROW = "CASE WHEN named IS NOT NULL THEN {} END"
_LINES = f"""
SELECT piece, named->>'$' AS name, {_KIND.format(object=f"CASE WHEN named IS NULL THEN 'wide' ELSE {_OBJECT} END")}
AS kind, {_NARROW.format(_VALUE)} AS value, CASE WHEN named IS NULL THEN x::VARCHAR ELSE {_TEXT} END AS text,
coalesce(try_cast(s AS BIGINT), try_cast(s[0] AS BIGINT)) AS step, starts_with(s::VARCHAR, '[') AS indexed,
CASE WHEN named IS NULL THEN s END AS steps, make_timestamp(try_cast(t AS BIGINT) // 1000) AS time
FROM (SELECT {{base}} + file_index::INTEGER AS piece, json[1] AS named, json[2] AS x, json_type(json[2]) AS k,
json[3] AS s, json[4] AS t FROM {{reader}}, records = false, columns = {{{{json: 'JSON[]'}}}}))
"""

_WIDE = f"""
CREATE OR REPLACE TEMP TABLE live_wide AS
SELECT piece, name, {_KIND.format(object=_OBJECT)} AS kind, {_VALUE} AS value, {_TEXT} AS text, step, indexed, time, seq
FROM (SELECT piece, e.key AS name, e.value AS x, json_type(e.value) AS k, number + place - 1 AS seq, indexed, time,
CASE WHEN indexed THEN try_cast(steps->(place - 1) AS BIGINT) ELSE step END AS step
FROM (SELECT piece, unnest(entries) AS e, generate_subscripts(entries, 1) AS place, number, step, steps, indexed, time
FROM (SELECT l.*, n.number, map_entries(text::JSON::MAP(VARCHAR, JSON)) AS entries
FROM live_lines l JOIN live_numbers n ON n.line = l.rowid WHERE l.kind = 'wide'))) WHERE {{only}}
"""

_SERIES = '{{"list":["JSON"],"steps":["BIGINT"],"times":["BIGINT"]}}'
_LISTED = f"""
INSERT INTO live_wide
SELECT piece, name, {_KIND.format(object=_OBJECT)} AS kind, {_VALUE} AS value, {_TEXT} AS text, step, indexed, time, seq
FROM (SELECT piece, name, x, json_type(x) AS k, number + place - 1 AS seq, indexed,
coalesce(own_step, CASE WHEN indexed THEN step + place - 1 ELSE step END) AS step,
coalesce(make_timestamp(own_time // 1000), time) AS time
FROM (SELECT piece, name, number, step, indexed, time, unnest(t.list) AS x, unnest(t.steps) AS own_step,
unnest(t.times) AS own_time, generate_subscripts(t.list, 1) AS place
FROM (SELECT l.*, n.number, json_transform(text, '{_SERIES}') AS t
FROM live_lines l JOIN live_numbers n ON n.line = l.rowid WHERE l.kind = 'list'
AND l.rowid BETWEEN {{first}} AND {{last}}))) WHERE {{only}}
"""

_NUMBERS = """
CREATE OR REPLACE TEMP TABLE live_numbers AS
SELECT line, (first + sum(size) OVER (PARTITION BY piece ORDER BY line) - size)::BIGINT AS number FROM (
SELECT l.rowid AS line, p.piece, p.first, CASE l.kind WHEN 'wide' THEN len(json_keys(l.text))
WHEN 'list' THEN json_array_length(l.text, '$.list') ELSE 1 END AS size
FROM live_lines l JOIN live_pieces p USING (piece) WHERE p.mixed)
"""

_COLUMNS = "p.run_id, p.experiment, l.name, l.step, l.time, {value}p.writer, p.attempt, {seq} AS seq{rest}"
_POINT = {"value": "l.value, ", "rest": ", l.kind, l.text, l.indexed"}
_ROW = {"value": "l.text AS data, ", "rest": ""}
_COUNTED = """
SELECT run_id, experiment, name, row_number() OVER (PARTITION BY run_id, writer, attempt, name ORDER BY seq) - 1 AS row,
step, time, data, writer, attempt, seq FROM ({rows})
"""
_PLAIN = "live_lines l JOIN live_pieces p USING (piece)"
_MIXED = f"{_PLAIN} JOIN live_numbers n ON n.line = l.rowid"


def load(
    connection: DuckDBPyConnection,
    journals: Iterable[Journal],
    names: Collection[str] | None = None,
    kept: Decoded | None = None,
    since: int | None = None,
) -> None:
    """Decode journals into the temporary views ``live_points`` and ``live_rows`` of a connection.

    They have the columns of the points and the rows segment, but ``time`` is a TIMESTAMP without zone (UTC). The
    connection must keep ``preserve_insertion_order`` on. The ``row`` of live_rows counts from 0 within what is live.

    Args:
        connection: where to make them.
        journals: read one after another, so that they need not all be in memory.
        names: only points of these names matter: others may be left out, and ``seq`` then keeps the order but is
            not the number.
        kept: what was decoded for questions before, if the connection is one of ``connect.connect``.
        since: points of earlier steps don't matter: they may be left out.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE live_lines AS {_EMPTY_LINES}")
    if kept is not None:
        journals = kept.rests(connection, journals, names, since)
    pieces = list(_insert(connection, feed.pieces(journals, names)))
    _number(connection, pieces)
    ((mixed,),) = connection.execute("SELECT bool_or(mixed) FROM live_pieces").fetchall()
    _views(connection, bool(mixed), names, kept is not None)


def load_sides(
    connection: DuckDBPyConnection,
    journals: Iterable[Journal],
    names: Collection[str] | None = None,
    kept: Decoded | None = None,
) -> None:
    """Decode side journals into the temporary tables ``live_system`` and ``live_logs``, with the columns of segments.

    Takes the place of what ``load`` made: whoever wants both loads the sides first.

    Args:
        connection: where to make them.
        journals: read one after another.
        names: only system metrics of these names matter.
        kept: as for ``load``.
    """
    load(connection, journals, names, kept)
    connection.execute("CREATE OR REPLACE TEMP TABLE live_system AS SELECT * FROM live_points")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE live_logs AS {_LOGS}")


_LOGS = """
SELECT run_id, experiment, name, step AS line, time, data->>'level' AS level, data->>'logger' AS logger,
data->>'text' AS text, data->>'exception' AS exception, try_cast(data->>'mark' AS BIGINT) AS mark, writer, attempt, seq
FROM (SELECT * REPLACE (data::JSON AS data) FROM live_rows)
"""

_EMPTY_LINES = """SELECT 0 AS piece, '' AS name, '' AS kind, 0.0::DOUBLE AS value, '' AS text, 0::BIGINT AS step,
false AS indexed, ''::JSON AS steps, TIMESTAMP '1970-01-01' AS time LIMIT 0"""


def _insert(connection: DuckDBPyConnection, pieces: Iterable[feed.Piece]) -> Iterable[feed.Piece]:
    """Read the lines of all pieces, many in one statement."""
    base = 0
    for batch in _batches(pieces):
        longest = max(piece.size for piece in batch)
        for chunks in _parts(batch):
            with feed.files(chunks) as paths:
                select = _LINES.format(base=base, reader=feed.reader(paths, longest if longest > _LONG else 0))
                connection.execute(f"INSERT INTO live_lines {select}")
        for piece in batch:
            piece.chunks.clear()
        base += len(batch)
        yield from batch


def _batches(pieces: Iterable[feed.Piece]) -> Iterator[list[feed.Piece]]:
    batch: list[feed.Piece] = []
    for piece in pieces:
        long = _long_lines(piece)
        if batch and long:
            yield batch
            batch = []
        batch.append(piece)
        if long or len(batch) == _FILES or sum(one.size for one in batch) >= _BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _parts(batch: Sequence[feed.Piece]) -> Iterator[list[list[bytes | memoryview]]]:
    """What to read in one statement: all of a batch, or some lines of a piece with long ones."""
    if not _long_lines(batch[0]):
        yield [piece.chunks for piece in batch]
        return
    for chunk in batch[0].chunks:
        data, start = bytes(chunk), 0
        while start < len(data):
            end = data.find(b"\n", start + _PART) + 1 or len(data)
            yield [[data[start:end]]]
            start = end


def _long_lines(piece: feed.Piece) -> bool:
    """Whether its lines are so long that thousands of them, which DuckDB takes at once, would fill the memory."""
    return any(
        len(chunk) > _SAMPLE and bytes(chunk[at : at + _SAMPLE]).count(b"\n") < _SAMPLE // _LONG_LINE
        for chunk in piece.chunks
        for at in (0, len(chunk) // 2, len(chunk) - _SAMPLE)
    )


def _number(connection: DuckDBPyConnection, pieces: Sequence[feed.Piece]) -> None:
    """Say for each piece whose it is, where its lines begin and what their first number is."""
    headers = (
        {
            "piece": number,
            "run_id": piece.header["run"],
            "experiment": piece.header["experiment"],
            "writer": piece.header["writer"],
            "attempt": piece.header["attempt"],
            "first": piece.first,
        }
        for number, piece in enumerate(pieces)
    )
    columns = {"piece": "INTEGER", "run_id": "VARCHAR", "experiment": "VARCHAR", "writer": "VARCHAR"}
    feed.rows(connection, "live_headers", {**columns, "attempt": "BIGINT", "first": "BIGINT"}, headers)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE live_pieces AS SELECT h.*, l.line, l.mixed FROM live_headers h JOIN "
        "(SELECT piece, min(rowid) AS line, bool_or(kind IN ('wide', 'list')) AS mixed FROM live_lines "
        "GROUP BY piece) l USING (piece)"
    )


def _views(connection: DuckDBPyConnection, mixed: bool, names: Collection[str] | None, known: bool) -> None:
    place = "p.first + l.rowid - p.line"
    points = [_select(_POINT, place, f"{_PLAIN} WHERE NOT p.mixed AND l.kind <> 'row'")]
    rows = [_select(_ROW, place, f"{_PLAIN} WHERE l.kind = 'row'")]
    if mixed:
        connection.execute(_NUMBERS)
        only = "true" if names is None else f"name IN ({', '.join(map(quoted, names)) or 'NULL'})"
        connection.execute(_WIDE.format(only=only))
        for first, last in _lists(connection):
            connection.execute(_LISTED.format(only=only, first=first, last=last))
        points.append(_select(_POINT, "n.number", f"{_MIXED} WHERE p.mixed AND l.kind NOT IN ('row', 'wide', 'list')"))
        points.append(_select(_POINT, "l.seq", "live_wide l JOIN live_pieces p USING (piece)"))
        numbered = f"{_PLAIN} LEFT JOIN live_numbers n ON n.line = l.rowid WHERE l.kind = 'row'"
        rows = [_select(_ROW, f"coalesce(n.number, {place})", numbered)]
    if known:
        points.append(decoded.POINTS)
        rows.append(decoded.ROWS)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW live_points AS {' UNION ALL '.join(points)}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW live_rows AS {_COUNTED.format(rows=' UNION ALL '.join(rows))}")


def _lists(connection: DuckDBPyConnection) -> Iterator[tuple[int, int]]:
    """Stretches of lines whose lists can be taken apart in little memory."""
    sizes = (
        "SELECT line, json_array_length(text, '$.list') FROM live_lines l JOIN live_numbers n ON n.line = l.rowid "
        "WHERE l.kind = 'list' ORDER BY line"
    )
    group: list[int] = []
    held = 0
    for line, size in connection.execute(sizes).fetchall():
        if group and held + size > _LISTED_AT_ONCE:
            yield group[0], group[-1]
            group, held = [], 0
        group.append(line)
        held += size
    if group:
        yield group[0], group[-1]


def _select(shape: dict[str, str], seq: str, source: str) -> str:
    return f"SELECT {_COLUMNS.format(seq=seq, **shape)} FROM {source}"
