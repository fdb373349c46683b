"""Indexes: of each large block, once and for all, what the views over facts and the summaries say of its runs.

Derived: an index that is missing, damaged or of another layout is made again by whoever asks, beside the workspace's
blocks, or where that can't be written in a temporary directory for as long as the process lives.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from runstore.disk import files, inventory, segment
from runstore.disk.block import Block
from runstore.errors import Damaged
from runstore.format import documents, names
from runstore.query import connect, index_tables, watchers
from runstore.query.connect import DuckDBPyConnection, quoted
from runstore.query.index_tables import Settled
from runstore.runs import state
from runstore.runs.state import RunState

LAYOUT = 2
RECORD = "cache.json"
Kinds: TypeAlias = dict[str, dict[str, Counter[str]]]  # what has the name (``index_tables.PARAM``): name: kind: runs

_ABANDONED = 86_400  # seconds after which nobody is at an index any more

_known: dict[str, Index] = {}


@dataclass(frozen=True)
class Index:
    """An index that is whole as far as its record and the sizes of its files tell."""

    path: Path
    files: Mapping[str, dict[str, Any]]
    left: Mapping[str, str]  # the block's runs that it doesn't tell of: the digits of the directory, the id
    block: Block

    def file(self, table: str) -> Path:
        """The file of a table (of ``index_tables.TABLES``), verified when it is first asked for."""
        name = f"{table}.parquet"
        try:
            segment.verify(self.path / name, self.files[name])
        except (Damaged, OSError):
            _known[str(self.block.path)] = again = self._again()
            return again.file(table)
        return self.path / name

    def _again(self) -> Index:
        """The index as another process has made it meanwhile, else made again."""
        found = _read(self.block, self.path)
        if found is not None and found.files != self.files:
            return found
        shutil.rmtree(self.path, ignore_errors=True)
        return _make(self.block, beside=not self.path.exists())

    @cached_property
    def unchanged(self) -> dict[str, int]:
        """By the directory's digits: when it last changed, of those that were there and held nothing more."""
        query = f"SELECT key, changed FROM read_parquet({quoted(str(self.file('runs')))}) WHERE changed IS NOT NULL"
        return dict(connect.connect().execute(query).fetchall())

    @cached_property
    def kinds(self) -> Kinds:
        """In how many runs a name has which kind of value; names in the order in which runs say them."""
        return counted(f"SELECT of, name, kind, runs FROM read_parquet({quoted(str(self.file('names')))})")


def counted(query: str, connection: DuckDBPyConnection | None = None) -> Kinds:
    """The answer of a statement that gives what has a name, the name, a kind and how many runs."""
    found: Kinds = {}
    for of, name, kind, runs in (connection or connect.connect()).execute(query).fetchall():
        found.setdefault(of, {}).setdefault(name, Counter())[kind] += runs
    return found


def of(one: Block) -> Index:
    """The index of a block, made where it isn't there.

    Raises:
        QueryError, OSError: it can't be made.
    """
    known = _known.get(str(one.path)) or _read(one, _final(one))
    if known is None:
        known = _make(one)
    _known[str(one.path)] = known
    return known


def _final(one: Block) -> Path:
    return one.path.parents[1] / names.CACHE / one.name


def _make(one: Block, beside: bool = True) -> Index:
    """Make the index of a block, whole or not at all: in the workspace's cache where ``beside``, if that can be."""
    final, left = _final(one), dict[str, str]()
    with _place(final if beside else None) as temporary:
        listed = index_tables.write(temporary, _settled(one, left))
        body = {"runstore": 1, "layout": LAYOUT, "block": one.name, "files": listed, "left": left}
        (temporary / RECORD).write_bytes(documents.render(body))
        if temporary.parent == final.parent:
            with suppress(OSError):  # another process was quicker: what it made is as good
                if final.exists() and _read(one, final) is None:
                    shutil.rmtree(final)
                os.rename(temporary, final)
            _sweep(final.parent)
            found = _read(one, final)
            if found is not None:
                return found
        kept = Path(tempfile.mkdtemp(prefix="runstore-index-"))
        atexit.register(shutil.rmtree, kept, ignore_errors=True)
        shutil.copytree(temporary, kept, dirs_exist_ok=True)
        return Index(kept, listed, left, one)


@contextmanager
def _place(final: Path | None) -> Iterator[Path]:
    """A directory of its own to write into: beside the final place if that can be, else a temporary one."""
    path = Path()
    if final is not None:
        with suppress(OSError):
            path = final.with_name(f".{final.name}.{secrets.token_hex(4)}.tmp")
            path.parent.mkdir(exist_ok=True)
            path.mkdir()
    if not path.name or not path.exists():
        path = Path(tempfile.mkdtemp(prefix="runstore-index-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep(cache: Path) -> None:
    """Remove the indexes of blocks that are gone, and what was left of indexes that were never finished."""
    for name in files.names_in(cache):
        gone = names.is_block(name) and not (cache.parent / names.BLOCKS / name).exists()
        if gone or (name.endswith(".tmp") and files.age(cache / name) > _ABANDONED):
            shutil.rmtree(cache / name, ignore_errors=True)


def _settled(one: Block, left: dict[str, str]) -> Iterator[Settled]:
    """The runs of a block that an index can tell of, as the block has them; ``left`` gathers the others."""
    keys, workspace = one.keys(), one.path.parents[1]
    for done, key in enumerate(keys):
        if done % 100 == 0:
            watchers.tell(done, len(keys))
        path = workspace / names.RUNS / key[:2] / key[2:]
        changed = _at_rest(path)
        run = state.fold(path)
        if not _tellable(run):
            entry = one.find(key)
            left[key] = entry.run_id if entry is not None else run.run_id
            continue
        records = [name for name, _ in run.inventory.active]
        yield run, run.inventory.summary(records[0]) if records else {}, changed
    watchers.tell(len(keys), len(keys))


def _at_rest(path: Path) -> int | None:
    """When a run's directory, that a block was made of and that is still there, last changed; None where it is gone."""
    with suppress(OSError):
        changed = path.stat().st_mtime_ns
        return changed if files.age(path) > inventory.SETTLED_SECONDS else None
    return None


def _tellable(run: RunState) -> bool:
    """Whether nothing will ever be said of a run that its block doesn't hold, and one summary tells of its points."""
    found = run.inventory
    if run.damaged or not run.run_id or not run.settled or run.deleted is not None:
        return False
    counting = {path.name for path in found.facts + found.ends + found.packs + found.logs + found.sides + found.points}
    counting |= {name for name, _ in found.seals}
    return counting <= found.held.keys() and not found.points and len(found.active) < 2


def _read(one: Block, path: Path) -> Index | None:
    """The index in a directory; None where it isn't whole, or of another layout."""
    try:
        body = documents.parse(files.read(path / RECORD), RECORD)
        if body["layout"] != LAYOUT:
            return None
        if any((path / name).stat().st_size != about["size"] for name, about in body["files"].items()):
            return None
    except (OSError, Damaged):
        return None
    return Index(path, body["files"], body["left"], one)
