"""The door to deltalake: tables whose files are put by us and registered by add actions, each path once.

A commit is tried at the version that was read, and at no other: who loses to another reads again what is there by then.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from runstore.errors import Refused, Unreachable
from runstore.sync.lake import columns, troubles
from runstore.sync.lake.directory import Directory
from runstore.sync.lake.storage import Storage

_TRIES = 100
_OPTIONS = {
    "timeout": "120s", "connect_timeout": "10s", "max_retries": "2", "retry_timeout": "20s",
    "backoff_config.init_backoff": "100ms", "backoff_config.max_backoff": "2s",
}  # fmt: skip
_KEPT = {
    "delta.enableExpiredLogCleanup": "false",  # what was read up to a version is found again from there
    "delta.checkpointInterval": "20",  # whoever opens a table reads the log from the last one on, an entry a request
}


class New(NamedTuple):
    """A file that lies in a table's directory and is to be a part of the table.

    ``least`` and ``greatest``: of some columns, what their values lie between; without null.
    """

    path: str
    size: int
    rows: int
    least: Mapping[str, Any]
    greatest: Mapping[str, Any]


class Part(NamedTuple):
    """A file of a table. ``first_run``, ``last_run``: what its run ids lie between; None where that isn't known."""

    path: str
    size: int
    modified: float
    first_run: str | None
    last_run: str | None


class Tables:
    """The tables of a lake. One commit to each at a time."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._library = _library()
        self._open: dict[str, Any] = {}
        self._locks = {table: threading.RLock() for table in columns.EVERY}

    def version(self, table: str) -> int | None:
        """The newest version; None where there is no table yet."""
        found = self._fresh(table)
        return None if found is None else int(found.version())

    def make(self, table: str) -> None:
        """Make a table without rows where it is missing."""
        if self._fresh(table) is None:
            self._made(table)

    def parts(self, table: str) -> list[Part]:
        """The files that a table consists of now."""
        found = self._fresh(table)
        return [] if found is None else self._parts(table, found)

    def _parts(self, table: str, found: Any) -> list[Part]:
        with self._failures("reading", table):
            actions = found.get_add_actions(flatten=True)
            named = [*actions.schema.names]
            told = {
                name: actions.column(name).to_pylist() if name in named else [None] * actions.num_rows
                for name in ("path", "size_bytes", "modification_time", "min.run_id", "max.run_id")
            }
        rows = zip(*told.values(), strict=True)
        return [Part(str(p), int(s), int(m) / 1000, first, last) for p, s, m, first, last in rows]

    def commit(
        self, table: str, new: Sequence[New] = (), gone: Collection[str] = (), once: str = "", whole: bool = False
    ) -> bool:
        """Make files parts of a table, and others no longer, in one commit. What is so already is left out.

        Args:
            table: its name; it is made where it is missing.
            new: the files that are added.
            gone: paths of parts that are removed.
            once: nothing is added where the table has a part whose path begins so.
            whole: nothing is done unless all of ``gone`` is there.

        Returns:
            Whether anything was to be done.

        Raises:
            Unreachable: the storage can't be asked, or others were faster again and again.
        """
        with self._locks[table]:
            for number in range(_TRIES):
                found = self._fresh(table) or self._made(table)
                there = {part.path: part for part in self._parts(table, found)}
                if whole and not there.keys() >= {*gone}:
                    return False
                taken = once and any(path.startswith(once) for path in there)
                adding = [] if taken else [one for one in new if one.path not in there]
                removing = [there[path] for path in sorted({*gone}) if path in there]
                if not adding and not removing:
                    return False
                if self._try(table, found, adding, removing):
                    return True
                time.sleep(random.random() * min(1.0, 0.01 * 2 ** min(number, 10)))
        raise Unreachable(f"{self._storage.label}/{table}: others commit all the time; try again later")

    def vacuum(self, table: str, hours: int, dry: bool) -> list[str]:
        """Delete the files that were parts of a table, but longer ago; give their paths."""
        found = self._fresh(table)
        if found is None:
            return []
        with self._failures("deleting", table):
            return [str(path) for path in found.vacuum(hours, dry, False, full=True)]

    def _try(self, table: str, found: Any, adding: Sequence[New], removing: Sequence[Part]) -> bool:
        """Commit at the version that was read; False where there is a newer one."""
        transaction, version = self._library.transaction, found.version()
        now = time.time_ns() // 1_000_000
        actions = [transaction.RemoveAction(one.path, True, now, one.size, {}) for one in removing]
        actions += [transaction.AddAction(one.path, one.size, {}, now, True, _stats(one)) for one in adding]
        properties = transaction.CommitProperties(max_commit_retries=0)
        with self._failures("committing", table):
            try:
                found.create_write_transaction(actions, "append", self._schema(table), commit_properties=properties)
            except self._library.exceptions.CommitFailedError as problem:
                self._open.pop(table, None)
                if "status code: 4" in str(problem) and "412" not in str(problem) and "409" not in str(problem):
                    raise
                return False
        if isinstance(self._storage, Directory):
            self._settle(self._storage, f"{table}/_delta_log", f"{version + 1:020d}")
        return True

    def _settle(self, place: Directory, log: str, version: str) -> None:
        """Make an entry of a log survive the death of the machine; the checkpoint too, if it has come to one."""
        place.written(f"{log}/{version}.json")
        if place.size(f"{log}/{version}.checkpoint.parquet") is not None:
            place.written(f"{log}/{version}.checkpoint.parquet")
            place.written(f"{log}/_last_checkpoint")

    def _fresh(self, table: str) -> Any:
        """The table as it is now; None where there is none."""
        with self._locks[table], self._failures("reading", table):
            try:
                if table in self._open:
                    self._open[table].update_incremental()
                else:
                    self._open[table] = self._library.DeltaTable(self._uri(table), storage_options=self._options())
            except self._library.exceptions.TableNotFoundError:
                self._open.pop(table, None)
                return None
            return self._open[table]

    def _made(self, table: str) -> Any:
        """Make a table; another's, made at the same instant, is as good."""
        once = self._library.transaction.CommitProperties(
            max_commit_retries=0
        )  # else it would be made anew, as version 1
        with self._failures("making", table):
            try:
                self._library.DeltaTable.create(
                    self._uri(table), self._schema(table), mode="error", name=table,
                    configuration=_configuration(table), storage_options=self._options(), commit_properties=once,
                )  # fmt: skip
            except self._library.exceptions.DeltaError:
                if self._fresh(table) is None:
                    raise
        made = self._fresh(table)
        if made is None:
            raise Unreachable(f"{self._storage.label}/{table}: what was made can't be read yet; try again later")
        return made

    def _schema(self, table: str) -> Any:
        told = [{"name": n, "type": of, "nullable": True, "metadata": {}} for n, of in columns.of(table).items()]
        return self._library.Schema.from_json(json.dumps({"type": "struct", "fields": told}))

    def _uri(self, table: str) -> str:
        return f"{self._storage.root}/{table}"

    def _options(self) -> dict[str, str] | None:
        return None if self._storage.local else _OPTIONS

    @contextmanager
    def _failures(self, what: str, table: str) -> Iterator[None]:
        try:
            yield
        except (self._library.exceptions.DeltaError, OSError, ValueError) as problem:
            raise troubles.understood(f"{problem}", what, f"{self._storage.label}/{table}") from None


def _configuration(table: str) -> dict[str, str]:
    """Of a table: which columns its files state something of.

    Of any other that a file does not state, deltalake takes it that it has no value that fits: a dataset of the table
    would have no row for a condition on it.
    """
    stated = columns.stated(table)
    return _KEPT | ({"delta.dataSkippingStatsColumns": ",".join(stated)} if stated else {})


def _stats(one: New) -> str:
    ends = {
        "minValues": dict(one.least), "maxValues": dict(one.greatest), "nullCount": dict.fromkeys(one.least, 0),
    }  # fmt: skip
    return json.dumps({"numRecords": one.rows} | (ends if one.least else {}))


def _library() -> Any:
    """The library, where it is installed.

    Raises:
        Refused: it is not.
    """
    try:
        import deltalake
        import deltalake.exceptions
        import deltalake.transaction
    except ImportError:
        raise Refused("the lake needs the libraries obstore and deltalake: pip install 'runstore[lake]'") from None
    return deltalake
