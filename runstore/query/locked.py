"""A stranger's SELECT, answered by a database of its own that can read what the workspace's views need and no more.

The views are bound first, as for any statement; then the database is shut: only the files that these views name can be
read, nothing can be attached, installed or set, and that can't be undone. Meant for a process of its own: DuckDB's
limit on memory does not count everything, so the process is confined too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import orjson

from runstore.disk import confined
from runstore.errors import QueryError
from runstore.format import names
from runstore.query import connect, history, only_select, plain, statement, stopping
from runstore.query.connect import DuckDBPyConnection, quoted
from runstore.query.plain import Taken
from runstore.query.views import VIEWS


class Allowed(NamedTuple):
    """What one answer may take."""

    rows: int
    size: int  # bytes of its rows as JSON
    seconds: float
    memory: int  # bytes in DuckDB
    spill: int  # bytes on the disk, where memory is short


_BESIDE = 3 << 30  # bytes of addresses that a process needs beside what DuckDB counts: code, threads, files, strings
_VIEWS = f"the views are {', '.join(VIEWS)}"


def confine(memory: int, directories: Iterable[Path]) -> None:
    """Keep this process to what answers may need, for good.

    Args:
        memory: bytes for DuckDB.
        directories: the only ones below which it opens files.
    """
    confined.confine(memory + _BESIDE)
    connect.be_modest(memory)
    connect.shut(directories)


def data(workspace: Path) -> list[Path]:
    """The directories of a workspace that hold what views show. No token and no remote is among it."""
    return [workspace / each for each in (names.RUNS, names.BLOCKS, names.CACHE)]


def answer(workspace: Path, query: str, allowed: Allowed, spill: Path) -> Taken:
    """Answer one SELECT of somebody who is not trusted.

    Args:
        workspace: the workspace's directory.
        query: what was sent.
        allowed: what the answer may take.
        spill: a directory for what does not fit into memory. A statement can read what lies in it.

    Raises:
        QueryError: it is refused, wrong, too slow or too large; in one line, with the place in the query.
    """
    text = only_select.checked(connect.connect(), query)
    with opened(allowed, spill) as connection, _refusals(text, allowed.memory), _interrupted(connection, allowed):
        history.bind(connection, workspace, text)
        shut(connection)
        return plain.take(connection, text, allowed.rows, allowed.size)


@contextmanager
def opened(allowed: Allowed, spill: Path) -> Iterator[DuckDBPyConnection]:
    """A database in memory that nothing else uses."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{allowed.memory}B",
        "max_temp_directory_size": f"{allowed.spill}B",
        "temp_directory": str(spill),
        "threads": "2",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "allow_persistent_secrets": "false",
        "extension_directory": str(spill / "none"),
        "secret_directory": str(spill / "none"),
    }
    connection = duckdb.connect(config=config)
    try:
        for setting in ("TimeZone = 'UTC'", "python_enable_replacements = false", "errors_as_json = true"):
            connection.execute(f"SET GLOBAL {setting}")
        connection.execute("SET enable_progress_bar = false")
        stopping.ended_by(connection.interrupt)
        yield connection
    finally:
        connection.close()


def shut(connection: DuckDBPyConnection) -> None:
    """From now on a database reads the files that its views name, and nothing else; for good."""
    listed = ", ".join(map(quoted, sorted(_named(connection))))
    connection.execute(f"SET allowed_paths = [{listed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _named(connection: DuckDBPyConnection) -> set[str]:
    """The files that the views made on a connection read."""
    asked = "SELECT sql FROM duckdb_views() WHERE NOT internal AND contains(sql, 'read_parquet')"
    found: set[str] = set()
    for (sql,) in connection.execute(asked).fetchall():
        tree = statement.serialized(connection, sql.partition(" AS ")[2])
        for node in only_select.nodes(tree):
            if node.get("type") == "TABLE_FUNCTION" and node["function"]["function_name"] == "read_parquet":
                found |= _texts(node["function"]["arguments"])
    return found


def _texts(tree: Any) -> set[str]:
    literals = (node.get("literal") for node in only_select.nodes(tree))
    return {one["text"] for one in literals if isinstance(one, dict) and one.get("kind") == "STRING"}


@contextmanager
def _interrupted(connection: DuckDBPyConnection, allowed: Allowed) -> Iterator[None]:
    """Stop what runs on a connection when its time is over.

    Raises:
        QueryError: it was.
    """
    timer = threading.Timer(allowed.seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException:
        raise QueryError(slow(allowed.seconds)) from None
    finally:
        timer.cancel()


def slow(seconds: float) -> str:
    """What is said of a statement that took too long."""
    return (
        f"the statement took longer than {seconds:.2g} s and was stopped; ask for less, or run it with `runstore sql`"
    )


def large(memory: int) -> str:
    """What is said of a statement that needs too much memory."""
    return (
        f"the statement needs more than the {memory >> 20:,} MiB that it may have; "
        "ask for less, or run it with `runstore sql`"
    )


_FAULTS = (
    duckdb.BinderException, duckdb.CatalogException, duckdb.ConversionException, duckdb.InvalidInputException,
    duckdb.InvalidTypeException, duckdb.NotImplementedException, duckdb.OutOfRangeException, duckdb.ParserException,
    duckdb.SyntaxException, duckdb.TypeMismatchException,
)  # fmt: skip


def refusal(problem: Exception, memory: int) -> str | None:
    """A message for whoever asked, where an exception is the question's fault; None where it is ours."""
    if isinstance(problem, duckdb.OutOfMemoryException | MemoryError):
        return large(memory)
    return connect.one_line(str(problem)) if isinstance(problem, _FAULTS) else None


@contextmanager
def _refusals(query: str, memory: int) -> Iterator[None]:
    """Turn what DuckDB raises into a QueryError of one line, with the place in the query.

    Raises:
        QueryError: whatever DuckDB raised.
    """
    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError):
        raise QueryError(large(memory)) from None
    except duckdb.Error as problem:
        raise QueryError(_told(str(problem), query)) from None


def _told(message: str, query: str) -> str:
    """What DuckDB says, in one line, with the place in the query."""
    kind, _, body = message.partition(": ")
    try:
        told = orjson.loads(body)
        text = f"{kind}: {connect.one_line(told['exception_message'])}"
    except (ValueError, KeyError, TypeError):
        return connect.one_line(message)
    if told.get("error_subtype") == "MISSING_ENTRY" and told.get("type") == "Table":
        text = f"{kind}: there is no view {told.get('name')}; {_VIEWS}"
    if told.get("exception_type") == "Permission":
        text = f"{kind}: only the workspace's views can be read here, no files; {_VIEWS}"
    where = str(told.get("position", ""))
    if where.isdecimal() and 0 <= int(where) - len(plain.BEGIN) <= len(query.encode()):
        text += only_select.place(query, int(where) - len(plain.BEGIN))
    return text
