"""Rows of any SELECT as plain JSON values, each exactly as it is: what JSON has no number for comes as text.

DuckDB makes text of what Python has no exact type for (months, years before 1, nanoseconds); the type's name tells.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from runstore.errors import QueryError
from runstore.query.connect import DuckDBPyConnection, quoted

EXACT = 2**53 - 1
"""Whole numbers beyond it are text: a page would round them."""

_NUMBERS = {
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
    "UHUGEINT", "FLOAT", "DOUBLE",
}  # fmt: skip
_NESTED = {"struct", "map", "list", "array", "union", "tuple", "variant"}
_TIMES = {"timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"}
_DIGITS = 15  # of a decimal number, that a double keeps
_AT_ONCE = 64  # rows


class Taken(NamedTuple):
    """What was taken of an answer: each row as JSON, and why there are no more (``rows``, ``bytes``, or None).

    Of columns of one name, those after the first have a number behind it.
    """

    columns: list[dict[str, str]]
    rows: list[bytes]
    truncated: str | None


class Column(NamedTuple):
    """How one column comes out of DuckDB and becomes plain."""

    sql: str
    plain: Callable[[Any], Any]
    text: bool = True


def take(connection: DuckDBPyConnection, query: str, rows: int, size: int) -> Taken:
    """Run one SELECT and take so much of its answer.

    Args:
        connection: where.
        query: the SELECT, without a semicolon at its end.
        rows: at most so many rows.
        size: at most so many bytes of them as JSON.

    Raises:
        QueryError: not even the first row is so small.
    """
    described = connection.execute(f"{BEGIN}{query}\n)) LIMIT 0").description or []
    columns = [_column(place, kind) for place, (_, kind, *_) in enumerate(described, 1)]
    found, truncated, allowed = list[bytes](), None, size
    for row in _rows(connection, _shown(query, columns, rows + 1, size)):
        if len(found) == rows:
            truncated = "rows"
            break
        values = [column.plain(value) for column, value in zip(columns, row, strict=True)]
        found.append(orjson.dumps(values))
        size -= len(found[-1]) + 1
        if size < 0:
            truncated = "bytes"
            found.pop()
            if not found:
                raise QueryError(f"the first row alone has more than {allowed:,} bytes; choose fewer columns")
            break
    return Taken([{"name": name, "type": str(kind).strip('"')} for name, kind, *_ in described], found, truncated)


BEGIN = "FROM (FROM (\n"
"""Stands before the query in all that DuckDB is given, so the places that it tells are so much further on."""


def _shown(query: str, columns: Sequence[Column], rows: int, size: int) -> str:
    """What is run for a query. With the limit around it, DuckDB keeps only the first rows of a sort.

    A text that can't be shown anyway is refused before Python has a copy; outside, so that it is made only once.
    """
    message = quoted(f"a value has more than {size:,} bytes; take a part of it, such as left(column, 1000)")
    checked = (
        f"CASE WHEN strlen(#{place}) > {size} THEN error({message}) ELSE #{place} END" if column.text else f"#{place}"
        for place, column in enumerate(columns, 1)
    )
    chosen = ", ".join(column.sql for column in columns)
    return f"{BEGIN}{query}\n) SELECT {chosen} LIMIT {rows}) SELECT {', '.join(checked)}"


def _rows(connection: DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
    result = connection.execute(sql)
    while rows := result.fetchmany(_AT_ONCE):
        yield from rows


def _column(place: int, kind: Any) -> Column:
    """How a column of a type is asked for, and what becomes of its values."""
    name, family = str(kind), kind.id
    if name in _NUMBERS:
        return Column(f"#{place}", _number, text=False)
    if family == "decimal" and kind.children[0][1] <= _DIGITS:
        return Column(f"#{place}::DOUBLE", _number, text=False)
    if family in _NESTED:
        return Column(f"to_json(#{place})::VARCHAR", _nested)
    text = f"#{place}::VARCHAR"
    if family in _TIMES:
        return Column(text, _utc)
    return Column(text, _zoned if family == "timestamp with time zone" else _same)


def _same(value: Any) -> Any:
    return value


def _number(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else "NaN" if value != value else "-Infinity" if value < 0 else "Infinity"
    if value is None or isinstance(value, bool) or -EXACT <= value <= EXACT:
        return value
    return str(value)


def _utc(value: str | None) -> str | None:
    """A time without a zone, which is UTC in every view, in ISO 8601; what is no usual date stays as DuckDB has it."""
    return value if value is None or value[10:11] != " " else f"{value[:10]}T{value[11:]}Z"


def _zoned(value: str | None) -> str | None:
    return _utc(value.removesuffix("+00") if value is not None and value.endswith("+00") else value)


def _nested(value: str | None) -> Any:
    if value is None:
        return None
    try:
        return _plain(json.loads(value))
    except (RecursionError, ValueError):  # deeper than Python's calls, or a number of thousands of digits
        return value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if isinstance(value, str) else _number(value)
