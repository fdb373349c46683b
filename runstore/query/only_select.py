"""Whether a text is one SELECT and nothing else, told from DuckDB's own parse of it: for statements of strangers.

A statement that reads can hold parts that write: ``WITH x AS (COPY ... TO ...)`` is a SELECT to DuckDB's parser too. So
every part of the parse tree is looked at, and only kinds that are known to read may be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runstore.errors import QueryError
from runstore.query import statement
from runstore.query.connect import DuckDBPyConnection, one_line
from runstore.query.macros import MACROS

LONGEST = 100_000
"""Characters of a statement; beyond that its parse alone would cost more than an answer."""

_READING = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_TABLES = MACROS.keys() | {
    "unnest", "range", "generate_series", "repeat", "repeat_row", "json_each", "json_tree", "histogram",
    "histogram_values", "test_all_types", "duckdb_views", "duckdb_columns", "duckdb_tables", "duckdb_functions",
    "duckdb_types", "duckdb_keywords", "pragma_table_info", "pragma_show", "pg_timezone_names", "icu_calendar_names",
}  # fmt: skip
"""The functions that may stand where a table does: none that opens a file, runs a text or changes a setting."""
_REFUSED = {
    "write_log", "nextval", "currval", "setval", "setseed", "sleep_ms", "pg_sleep", "current_setting", "getenv",
    "getvariable", "parse_duckdb_log_message",
}  # fmt: skip
_CUTS = 20  # semicolons that are tried
_ONE = "one SELECT at a time"
_DEEP = "the statement is nested too deeply; write it flatter"


def checked(connection: DuckDBPyConnection, query: str) -> str:
    """The statement without what ends it, so that it can stand in parentheses.

    Args:
        connection: any; nothing is changed on it.
        query: what somebody sent.

    Raises:
        QueryError: it is anything but one SELECT that only reads.
    """
    if len(query) > LONGEST:
        raise QueryError(f"the statement has {len(query):,} characters; at most {LONGEST:,} are read")
    if "\0" in query or query.encode(errors="replace").decode() != query:
        raise QueryError("the statement holds a NUL or half a character (a lone surrogate); leave it out")
    try:
        tree = statement.serialized(connection, query)
        _check(tree, query)
        return _unended(connection, query, tree)
    except (RecursionError, ValueError):
        raise QueryError(_DEEP) from None


def place(query: str, position: object) -> str:
    """Where in a text a byte is, in words; empty where DuckDB doesn't tell."""
    try:
        before = query.encode()[: int(str(position))].decode(errors="ignore")
    except ValueError:
        return ""
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f" (line {line}, column {column})"


def _check(tree: dict[str, Any], query: str) -> None:
    """Refuse what isn't one statement that only reads.

    Raises:
        QueryError: this isn't.
    """
    if "statements" not in tree:
        reason = one_line(str(tree.get("error_message", "that can't be parsed")))
        if tree.get("error_type") == "not implemented":
            pivot = "; a PIVOT names its values: ON column IN (...)" if "pivot" in query.lower() else ""
            reason = f"{_ONE}, nothing else{pivot}"
        if "expression depth" in reason:
            raise QueryError(_DEEP)
        raise QueryError(reason + place(query, tree.get("position")))
    if len(tree["statements"]) != 1:
        raise QueryError(f"{_ONE}; this is {len(tree['statements']) or 'none'}")
    for node in nodes(tree):
        kind = str(node.get("type", ""))
        if kind.endswith("_NODE") and kind not in _READING:
            raise QueryError(f"{_ONE}, which only reads; {kind.partition('_')[0]} is none")
        if kind == "VALUE_PARAMETER":
            raise QueryError("the statement has a parameter; write the value" + _at(query, node))
        name = _name(node.get("function") or {}) if kind == "TABLE_FUNCTION" else ""
        if (name and name not in _TABLES) or _name(node) in _REFUSED:
            raise QueryError(f"{name or _name(node)}() is not for use here" + _at(query, node))


def _name(node: dict[str, Any]) -> str:
    return str(node.get("function_name", "")).lower()


def _at(query: str, node: dict[str, Any]) -> str:
    position = int(node.get("query_location", -1))
    return place(query, position) if 0 <= position < 1 << 62 else ""


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every part of a tree; without recursion, for a statement may be nested deeper than Python's calls."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _unended(connection: DuckDBPyConnection, query: str, tree: dict[str, Any]) -> str:
    """The shortest beginning before a semicolon that means the same; only DuckDB knows which one ends a statement."""
    shortest, cut = query, len(query)
    for _ in range(_CUTS):
        cut = query.rfind(";", 0, cut)
        if cut < 0:
            break
        if statement.serialized(connection, query[:cut]) == tree:
            shortest = query[:cut]
    return shortest
