"""What a question about runs stands on: those that are folded from their files, and those that an index tells of.

Runs that lie wholly in a large block are settled for ever, so an index tells all that lists and summaries need of
them. All others are *loose*: folded, one by one.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runstore.disk import block, files, wherever
from runstore.disk.block import Block
from runstore.errors import Damaged, RunstoreError
from runstore.format import names
from runstore.query import connect, index_tables, indexes, listing
from runstore.query.connect import DuckDBPyConnection, quoted
from runstore.query.index_tables import PARAM
from runstore.query.indexes import Index, Kinds
from runstore.runs.state import RunState

LEAST = 64
"""Runs in a block from which an index is worth its while; those of smaller blocks are loose."""
_FEW = 8

_remembered: dict[tuple[tuple[str, ...], frozenset[str], int | None], Kinds] = {}


@dataclass(frozen=True)
class Indexed:
    """The runs that indexes tell of: all in them but some. ``until``: only those that are the same as of this time."""

    indexes: tuple[Index, ...]
    excluded: frozenset[str] = frozenset()
    until: int | None = None

    def table(self, table: str, where: str = "true") -> str:
        """A SELECT of the rows of a table (``index_tables.COLUMNS``) that count, to stand after FROM."""
        return f"(SELECT * FROM {self.files(table)} WHERE ({where}) AND {self.condition(table)})"

    def condition(self, table: str = "") -> str:
        """What is true of the rows that count, of a table or of points."""
        conditions = ["true"]
        if self.excluded:
            conditions.append(f"run_id NOT IN ({', '.join(map(quoted, sorted(self.excluded)))})")
        if self.until is not None:
            whole = f"whole <= {self.until}"
            of_runs = f"run_id IN (SELECT run_id FROM {self.files('runs')} WHERE {whole})"
            conditions.append(whole if table == "runs" else of_runs)
        return " AND ".join(conditions)

    def rows(self, kind: str) -> list[tuple[Path, dict[str, Any]]]:
        """The files of blocks that hold rows of a kind (of ``schemas.COLUMNS``), and what is known of each."""
        return [found for one in self.indexes for found in one.block.rows(kind)]

    def files(self, table: str) -> str:
        """Every row of a table, also those that don't count, to stand after FROM."""
        return f"read_parquet([{', '.join(quoted(str(one.file(table))) for one in self.indexes)}])"

    def ask(self, columns: str, where: str = "true", rest: str = "") -> list[tuple[Any, ...]]:
        """Rows of the runs that count."""
        query = f"SELECT {columns} FROM {self.table('runs', where)} {rest}"
        return connect.connect().execute(query).fetchall()

    @property
    def kinds(self) -> Kinds:
        """In how many runs a name has which kind of value, by what has the name. Remembered for a few questions."""
        whose = tuple(str(one.path) for one in self.indexes), self.excluded, self.until
        found = _remembered.get(whose)
        if found is None:
            found = self._count()
            if len(_remembered) >= _FEW:  # another thread may ask as well
                _remembered.clear()
            _remembered[whose] = found
        return found

    def _count(self) -> Kinds:
        if self.until is not None:
            return self.kinds_of("true")
        total: Kinds = {}
        for one in self.indexes:
            for of, by_name in one.kinds.items():
                for name, kinds in by_name.items():
                    total.setdefault(of, {}).setdefault(name, Counter()).update(kinds)
        if not self.excluded:
            return total
        those = f"run_id IN ({', '.join(map(quoted, sorted(self.excluded)))})"
        return _less(total, Indexed(self.indexes).kinds_of(those))

    def kinds_of(self, where: str, connection: DuckDBPyConnection | None = None) -> Kinds:
        """The same of the runs for whose ``run_id`` a condition is true."""
        names = index_tables.NAMES.format(labels=self.table("labels", where), summary=self.table("summary", where))
        return indexes.counted(f"SELECT of, name, kind, runs FROM ({names}) ORDER BY of, place, name", connection)


def _less(total: Kinds, hidden: Kinds) -> Kinds:
    for of, by_name in hidden.items():
        for name, kinds in by_name.items():
            left = +(total[of][name] - kinds)
            total[of][name] = left
            if not left:
                del total[of][name]
    return total


@dataclass
class Catalog:
    """All runs of a workspace that are not deleted. ``indexed`` is None where no index tells of any of them."""

    workspace: Path
    loose: list[RunState]
    indexed: Indexed | None = None
    gone: Sequence[RunState] = ()  # deleted, and not removed yet

    def names(self, of: str) -> Iterator[str]:
        """Every name that params have, in any attempt, or metrics, as far as they are sealed."""
        for run in self.loose:
            if of == PARAM:
                for attempt in run.attempts:
                    yield from attempt.params
            else:
                for values in run.inventory.lasts.values():
                    yield from values
        if self.indexed is not None:
            yield from self.indexed.kinds.get(of, ())


def of(workspace: Path, until: int | None = None) -> Catalog:
    """What questions about all runs stand on now.

    Args:
        workspace: the workspace's directory.
        until: as of this time (``query.past``); None for now.
    """
    told, keys = _told(block.active(workspace))
    if not told:
        return _catalog(workspace, listing.every(workspace, until))
    listing.warn(what for _, what in block.damaged(workspace))
    keys |= {key for one in told for key in one.left} | _twice(told)
    paths = {workspace / names.RUNS / key[:2] / key[2:] for key in keys} | _changed(workspace, told)
    hidden = {block.key(path) for path in paths} | _removed(workspace)
    left = {run_id for one in told for run_id in one.left.values()}  # whose points are in the blocks all the same
    indexed = Indexed(told, _ids(told, hidden) | left, until)
    if until is not None:
        paths |= {workspace / names.run_dir(run_id) for run_id in _changed_since(indexed, until)}
    return _catalog(workspace, listing.every(workspace, until, sorted(paths)), indexed)


def _catalog(workspace: Path, folded: Sequence[RunState], indexed: Indexed | None = None) -> Catalog:
    gone = [run for run in folded if run.deleted is not None]
    return Catalog(workspace, [run for run in folded if run.deleted is None], indexed, gone)


def prepare(workspace: Path) -> None:
    """Make the indexes that questions will stand on, so that none has to wait for them."""
    _told(block.active(workspace))


def _told(blocks: Sequence[Block]) -> tuple[tuple[Index, ...], set[str]]:
    """The indexes of the large blocks, and the digits of the directories of the runs in the others."""
    told, keys = [], set[str]()
    for one in blocks:
        index = _index(one) if one.body["runs"] >= LEAST else None
        if index is not None:
            told.append(index)
            continue
        try:
            keys.update(one.keys())
        except FileNotFoundError:  # others have replaced it
            continue
        except (Damaged, OSError) as problem:
            listing.warn([str(problem)])
    return tuple(told), keys


def _index(one: Block) -> Index | None:
    """The index of a block; None where it can't be made now: the disk may be full."""
    try:
        return indexes.of(one)
    except (RunstoreError, OSError):
        return None


def _changed(workspace: Path, told: Sequence[Index]) -> set[Path]:
    """The directories that runs have, but those in which there is nothing that an index doesn't tell of."""
    unchanged = {key: when for one in told for key, when in one.unchanged.items()}
    live = wherever.live(workspace)
    return {path for path in live if not unchanged or unchanged.get(block.key(path)) != _time(path)}


def _time(path: Path) -> int | None:
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return None  # gone meanwhile


def _removed(workspace: Path) -> set[str]:
    """The digits of the directories of runs that were removed for good."""
    listed = files.names_in(workspace / names.TOMBSTONES)
    return {name.partition(".")[0] for name in listed if names.is_tombstone(name)}


@functools.lru_cache(maxsize=4)
def _repeated(paths: tuple[str, ...]) -> frozenset[str]:
    source = f"read_parquet([{', '.join(map(quoted, paths))}])"
    query = f"SELECT key FROM {source} WHERE id IN (SELECT id FROM {source} GROUP BY id HAVING count(*) > 1)"
    return frozenset(key for (key,) in connect.connect().execute(query).fetchall())


def _twice(told: Sequence[Index]) -> frozenset[str]:
    """The digits of the directories of runs that several indexes tell of, each by halves, or that share a number."""
    return _repeated(tuple(str(one.file("runs")) for one in told))


def _ids(told: tuple[Index, ...], keys: Collection[str]) -> frozenset[str]:
    """The ids of the runs in indexes that have these digits."""
    if not keys:
        return frozenset()
    query = f"SELECT run_id FROM {Indexed(told).table('runs', 'key IN (SELECT unnest($keys))')}"
    return frozenset(run_id for (run_id,) in connect.connect().execute(query, {"keys": sorted(keys)}).fetchall())


def _changed_since(indexed: Indexed, until: int) -> list[str]:
    """The ids of the runs that had begun by then, and are not as they were then."""
    now = Indexed(indexed.indexes, indexed.excluded)
    return [run_id for (run_id,) in now.ask("run_id", f"begun <= {until} AND (whole IS NULL OR whole > {until})")]
