"""Blocks, file by file and then as a whole: is every byte right, and is what they hold what its records claim?

Memory is that of one block's runs, some hundred bytes each, and of a piece of one file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from runstore.disk import block, files, inventory, segment
from runstore.disk.block import Block
from runstore.errors import Damaged, RunstoreError
from runstore.format import documents, names, schemas
from runstore.format.blocks import Entry
from runstore.format.ranges import Range
from runstore.query import audit, segments
from runstore.query.audit import DAMAGE, NOTE, Finding
from runstore.query.connect import quoted
from runstore.runs import tombstones

Progress = Callable[[int], None]
_SHOWN = 3
_INDEXED = "cache.json"
_SUMS = (
    "SELECT run_id, writer, count(*)::BIGINT, min(seq), max(seq), sum(seq)::VARCHAR, sum(seq::HUGEINT * seq)::VARCHAR "
    "FROM {source} {where} GROUP BY ALL ORDER BY ALL"
)


class Sums(NamedTuple):
    """What is known of the numbers of some rows: enough to tell whether they are the numbers of given ranges."""

    rows: int
    first: int
    last: int
    sum: int
    squares: int

    def plus(self, other: Sums) -> Sums:
        """Those of both together."""
        first, last = min(self.first, other.first), max(self.last, other.last)
        return Sums(self.rows + other.rows, first, last, self.sum + other.sum, self.squares + other.squares)


_NONE = Sums(0, 2**63, -1, 0, 0)


@dataclass(slots=True)
class _Held:
    """What a block has of its runs. ``rows``: per file and run; ``numbers``: per run and writer, of all files."""

    entries: list[Entry] = field(default_factory=list)
    whole: bool = False  # these are the entries of all runs
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    numbers: dict[tuple[str, str], Sums] = field(default_factory=dict)


def check(workspace: Path, told: set[Path], progress: Progress) -> Iterator[Finding]:
    """Everything there is to say about the blocks that count and about what is derived from them.

    Args:
        workspace: the workspace's directory.
        told: takes the files of blocks that are damaged.
        progress: called with the number of runs whose block was looked at.
    """
    for path, what in block.damaged(workspace):
        what = _reason(what) + _holds(Block(workspace / path, {}))
        yield Finding("", f"{path}/{names.BLOCK_RECORD}", what, DAMAGE)
    for one in block.active(workspace):
        try:
            yield from _Check(workspace, one, told).all()
        except FileNotFoundError:
            if one.path.is_dir():
                raise
        progress(one.body["runs"])
    yield from _strays(workspace)
    yield from _derived(workspace)


def run(workspace: Path, run_path: Path) -> Iterator[Finding]:
    """What there is to say about the blocks that hold something of a run, as far as it is about that run."""
    try:
        holding = block.holding(workspace, block.key(run_path))
    except Damaged as problem:
        where, what = str(problem).split(": ", 1)
        yield Finding("", Path(where).relative_to(workspace).as_posix(), what, DAMAGE)
        return
    for one, entry in holding:
        found, hit = _Check(workspace, one, set()), False
        for name in sorted(set(entry.segments.values())):
            for finding in found.rows(name, f"WHERE run_id = {quoted(entry.run_id)}"):
                hit = True
                yield Finding(entry.run_id, finding.path, finding.what, finding.severity)
        if not hit:
            yield from found.claims(entry)


class _Check:
    """One block. What is wrong with a file's bytes is said once, with the runs that it hits."""

    def __init__(self, workspace: Path, one: Block, told: set[Path]) -> None:
        self._workspace, self._block, self._told = workspace, one, told
        self._relative = one.path.relative_to(workspace).as_posix()
        self._held = _Held()

    def _say(self, name: str, what: str, run_id: str = "", severity: str = DAMAGE) -> Finding:
        return Finding(run_id, f"{self._relative}/{name}" if name else self._relative, what, severity)

    def all(self) -> Iterator[Finding]:
        listed = self._block.body["files"]
        if names.block(files.sha256(self._block.path / names.BLOCK_RECORD)) != self._relative:
            yield self._say(names.BLOCK_RECORD, f"does not match its SHA-256{_holds(self._block)}")
        for name in files.names_in(self._block.path):
            if name not in listed and name != names.BLOCK_RECORD:
                yield audit.unknown(self._workspace, self._block.path / name)
        yield from self._index()
        yield from self._members()
        for name, entry in listed.items():
            if entry["kind"] in schemas.COLUMNS:
                yield from self.rows(name)
        if not self._told & {self._block.path / name for name in listed}:
            for entry in self._held.entries:
                yield from self.claims(entry)

    def _still(self) -> None:
        """Nothing, unless the block is gone: others replaced it."""
        if not self._block.path.is_dir():
            raise FileNotFoundError(self._block.path)

    # ---- small files

    def _wrong(self, name: str) -> str:
        """What is wrong with a file's bytes, and note that it is told."""
        path, entry = self._block.path / name, self._block.body["files"][name]
        try:
            found = files.sha256(path)
        except FileNotFoundError:
            self._still()
            what = "missing"
        except OSError as problem:
            what = audit.reason(problem)
        else:
            what = "" if found == entry["sha256"] else "does not match its SHA-256"
        if what:
            self._told.add(path)
        return what

    def _index(self) -> Iterator[Finding]:
        what = self._wrong(names.BLOCK_INDEX)
        if what:
            yield self._say(names.BLOCK_INDEX, f"{what}; {self._block.body['runs']:,} runs are found by it")
            self._told.update(self._block.path / name for name in self._block.body["files"])
            return
        keys = self._block.keys()
        if keys != sorted(set(keys)) or len(keys) != self._block.body["runs"]:
            yield self._say(
                names.BLOCK_INDEX, f"names {len(keys):,} runs where {self._block.body['runs']:,} are told of"
            )

    def _members(self) -> Iterator[Finding]:
        if self._block.path / names.BLOCK_INDEX in self._told:
            return
        what, hit = self._wrong(names.BLOCK_MEMBERS), list[str]()
        try:
            for entry in self._block.entries():
                self._held.entries.append(entry)
                if not self._readable(entry):
                    hit.append(entry.run_id)
            self._held.whole = True
        except (Damaged, OSError) as problem:
            self._still()
            what = what or audit.reason(problem)
            self._told.add(self._block.path / names.BLOCK_MEMBERS)
        if what:
            whose = f"; hit is what it holds of {_named(hit)}" if hit else _holds(self._block)
            yield self._say(names.BLOCK_MEMBERS, what + whose, hit[0] if len(hit) == 1 else "")
        elif hit:
            self._told.add(self._block.path / names.BLOCK_MEMBERS)
            yield self._say(names.BLOCK_MEMBERS, f"holds other bytes of {_named(hit)} than its entries say")

    def _readable(self, entry: Entry) -> bool:
        try:
            for member in entry.files.values():
                self._block.read(member)
        except (Damaged, OSError):
            return False
        return True

    # ---- rows

    def rows(self, name: str, where: str = "") -> Iterator[Finding]:
        """A file of rows by itself; what it holds is noted, of all runs or of those of a condition."""
        path, entry = self._block.path / name, self._block.body["files"][name]
        try:
            segment.verify(path, entry, deep=True)
        except FileNotFoundError:
            self._still()
            what = "missing"
        except (Damaged, OSError) as problem:
            what = audit.reason(problem)
        else:
            yield from self._count(name, entry, where)
            return
        self._told.add(path)
        held = [one.run_id for one in self._held.entries if name in one.segments.values()]
        yield self._say(name, what + (f"; it holds rows of {_named(held)}" if held else ""))

    def _count(self, name: str, entry: Mapping[str, Any], where: str) -> Iterator[Finding]:
        seen: list[str] = []
        source = segments.parquet([self._block.path / name])
        with segments.workshop() as connection:
            result = connection.execute(_SUMS.format(source=source, where=where))
            while found := result.fetchmany(10_000):
                for run_id, writer, count, *numbers in found:
                    own, key = Sums(count, *map(int, numbers)), (run_id, writer)
                    self._held.rows[name, run_id] += count
                    self._held.numbers[key] = own.plus(self._held.numbers.get(key, _NONE))
                    seen += [run_id] if not seen or seen[-1] != run_id else []
        strange = set(seen) - {one.run_id for one in self._held.entries if name in one.segments.values()}
        if strange and self._held.whole:
            yield self._say(name, f"holds rows of {_named(sorted(strange))}, of which no entry says so")

    def claims(self, entry: Entry) -> Iterator[Finding]:
        """Whether the rows of a run are those that its seal records tell of."""
        run_path = self._workspace / names.run_dir(entry.run_id)
        if tombstones.there(run_path):
            return
        seals = inventory.scan(run_path).seals
        told = {one["file"]: one for _, body in seals for one in body["segments"]}
        for name in sorted(set(entry.segments.values())):
            own = [one for one, where in entry.segments.items() if where == name]
            claimed = sum(told[one]["rows"] for one in own if one in told)
            held = self._held.rows[name, entry.run_id]
            if held != claimed:
                yield self._say(name, f"holds {held:,} of its rows, {claimed:,} were sealed", entry.run_id)
                return
        for _, body in seals:
            if {one["file"] for one in body["segments"]} == entry.segments.keys():
                yield from self._numbers(entry, body)

    def _numbers(self, entry: Entry, body: Mapping[str, Any]) -> Iterator[Finding]:
        for writer, covered in inventory.covered(dict(body)).items():
            held = self._held.numbers.get((entry.run_id, writer))
            expected = sums(covered)
            within = held is None or (expected.first <= held.first and held.last <= expected.last)
            if not within or (held != expected and not body.get("thinned")):
                what = f"holds other numbers of writer {names.owner(writer)} than were sealed"
                yield self._say(min(entry.segments.values()), what, entry.run_id)


def sums(covered: Iterable[Range]) -> Sums:
    """Those of ranges."""
    found = _NONE
    for first, last in covered:
        count = last - first + 1
        added = (first + last) * count // 2
        found = found.plus(Sums(count, first, last, added, _squares(last) - _squares(first - 1)))
    return found


def _squares(last: int) -> int:
    return last * (last + 1) * (2 * last + 1) // 6


# ---- beside the blocks


def _strays(workspace: Path) -> Iterator[Finding]:
    replaced = {one.name for one in block.every(workspace)}
    damaged = {path.rpartition("/")[2] for path, _ in block.damaged(workspace)}
    for entry in files.listing(workspace / names.BLOCKS):
        if entry.name not in replaced | damaged:
            yield _stray(workspace, Path(entry.path))


def _stray(workspace: Path, path: Path) -> Finding:
    if path.name.startswith("."):
        what = "is being made, or was never finished; `compact` removes it then"
        return Finding("", path.relative_to(workspace).as_posix(), what, NOTE)
    return audit.unknown(workspace, path)


def _derived(workspace: Path) -> Iterator[Finding]:
    """Indexes of blocks, which can be made again."""
    for entry in files.listing(workspace / names.CACHE):
        path = Path(entry.path)
        if not names.is_block(entry.name):
            yield _stray(workspace, path)
            continue
        for name, what in _damage(path):
            where = (path / name).relative_to(workspace).as_posix()
            yield Finding("", where, f"{what}; delete {names.CACHE}/{entry.name}, it is made again", DAMAGE)


def _damage(path: Path) -> Iterator[tuple[str, str]]:
    try:
        body = documents.parse(files.read(path / _INDEXED), _INDEXED)
        for name, entry in body["files"].items():
            try:
                segment.verify(path / name, entry, deep=True)
            except (Damaged, OSError) as problem:
                if path.is_dir():
                    yield name, audit.reason(problem)
    except (RunstoreError, OSError) as problem:
        if path.is_dir():
            yield _INDEXED, audit.reason(problem)


# ---- words


def _reason(text: str) -> str:
    return text.partition(": ")[2] or text


def _named(run_ids: list[str]) -> str:
    more = f" and {len(run_ids) - _SHOWN:,} more" if len(run_ids) > _SHOWN else ""
    return f"run{'s' if len(run_ids) > 1 else ''} {', '.join(run_ids[:_SHOWN])}{more}"


def _holds(one: Block) -> str:
    """Which runs a block holds, as far as that can be told."""
    found: list[str] = []
    with suppress(Damaged, OSError):
        found += [entry.run_id for entry in one.entries()]
    return f"; the block holds {_named(found)}" if found else ""
