"""The door to DuckDB: one database in memory per process, a connection of its own for every question."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
from duckdb import CatalogException as NotInCatalog
from duckdb import DuckDBPyConnection, DuckDBPyRelation
from duckdb import InterruptException as Interrupted

from runstore.errors import QueryError
from runstore.query import stopping

__all__ = [
    "DuckDBPyConnection",
    "DuckDBPyRelation",
    "Interrupted",
    "NotInCatalog",
    "be_modest",
    "connect",
    "is_shut",
    "lasting",
    "limit_memory",
    "name",
    "one_line",
    "quoted",
    "refusals",
    "shut",
]


def connect() -> DuckDBPyConnection:
    """A connection with temporary tables and views of its own, in UTC.

    Everything made on it should be TEMP: the rest of the database is shared with the process's other connections.
    """
    made = _database().cursor()
    stopping.ended_by(functools.partial(_interrupt, made))
    return made


def lasting() -> DuckDBPyConnection:
    """A connection that no ``Stop`` ends: for what is to be done whoever waits, as dropping what is not TEMP."""
    return _database().cursor()


def _interrupt(connection: DuckDBPyConnection) -> None:
    with suppress(duckdb.ConnectionException):  # it was closed
        connection.interrupt()


def be_modest(memory: int = 256_000_000) -> None:
    """From now on this process asks on two processors, in so many bytes; what needs more goes through the disk.

    For a process that asks again and again beside the work itself. Much less memory is too little for what each
    processor reads at once.
    """
    _database().execute("SET GLOBAL threads = 2")
    limit_memory(memory)


def limit_memory(memory: int) -> None:
    """From now on this process's database has so many bytes; what needs more goes through the disk."""
    _database().execute(f"SET GLOBAL memory_limit = '{memory}B'")


def shut(directories: Iterable[Path]) -> None:
    """From now on this process's database opens files below these directories only, and no setting changes; for good.

    DuckDB compares paths without links and ``..``. For a process that answers people who are not trusted.
    """
    global _shut
    listed = ", ".join(quoted(os.path.join(os.path.realpath(each), "")) for each in directories)
    for setting in (f"allowed_directories = [{listed}]", "enable_external_access = false", "lock_configuration = true"):
        _database().execute(f"SET GLOBAL {setting}")
    _shut = True


def is_shut() -> bool:
    """Whether ``shut`` was called: files for DuckDB then need a path below its directories."""
    return _shut


_shut = False


@functools.lru_cache(maxsize=1)
def _database() -> DuckDBPyConnection:
    spill = os.path.join(tempfile.gettempdir(), f"runstore-{os.getpid()}")  # made when memory is short, else never
    database = duckdb.connect(config={"autoinstall_known_extensions": "false", "temp_directory": spill})
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    database.execute("SET GLOBAL python_enable_replacements = false")  # a table is a view of ours, no caller's variable
    _watch_forks()
    return database


@functools.lru_cache(maxsize=1)
def _watch_forks() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forget)


def _forget() -> None:
    """In a forked child: the database has lost its threads, and closing it would wait for them for ever."""
    import ctypes

    if _database.cache_info().currsize:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_database()))
        _database.cache_clear()


def quoted(text: str) -> str:
    """An SQL string literal."""
    literal = "'" + text.replace("'", "''") + "'"
    if "\0" not in text:
        return literal
    return "(" + "||chr(0)||".join(f"'{part}'" for part in literal[1:-1].split("\0")) + ")"


def name(text: str) -> str:
    """A quoted SQL identifier."""
    return '"' + text.replace('"', '""') + '"'


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what DuckDB raises into a QueryError of one line."""
    try:
        yield
    except duckdb.Error as problem:
        raise QueryError(one_line(str(problem))) from None


def one_line(message: str) -> str:
    """DuckDB's message without its drawing of the statement."""
    lines = [line.strip() for line in message.splitlines()]
    kept: list[str] = []
    for line in lines:
        if line.startswith("LINE "):
            break
        if line:
            kept.append(line)
    return " ".join(kept)
