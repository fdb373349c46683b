"""What is sealed: whatever can be believed of it is named by a record that counts.

Records that can't be read or whose files are damaged stop to count, so that what they had replaced counts again where
it still lies there; what only they had goes into a new record.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from pathlib import Path
from typing import Any

from runstore.disk import files, inventory, salvage, segment
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged
from runstore.format import names, ranges, schemas
from runstore.format.ranges import Range
from runstore.query import segments
from runstore.query.connect import DuckDBPyConnection, quoted
from runstore.query.repair_aside import Quarantine
from runstore.query.repair_work import Work

Record = dict[str, Any]
Numbers = dict[str, list[Range]]  # by writer or side


def sound(found: Inventory) -> tuple[Inventory, dict[str, Record]]:
    """A run's files without the records that can't count any more, and those records."""
    broken: dict[str, Record] = {}
    while True:
        seals = [(name, body) for name, body in found.seals if name not in broken]
        view = dataclasses.replace(found, seals=seals, damaged=[])
        new = {name: body for name, body in view.active if not _counts(view, name, body)}
        if not new:
            return view, broken
        broken |= new


def _counts(found: Inventory, name: str, body: Record) -> bool:
    """Whether a record is this run's and all its files are as they were sealed."""
    if names.run_dir(str(body["run"]))[-16:] != found.path.name:
        return False
    if names.seal(hashlib.sha256(found.read(found.path / name)).hexdigest()) != name:
        return False
    merged = body.get("merged_facts")
    for entry in [*body["segments"], *([merged] if merged else [])]:
        path = found.path / entry["file"]
        if not path.exists():
            if path.name in found.names:
                continue  # a block has it
            return False
        try:
            if path.suffix == ".parquet":
                segment.verify(path, entry)
            elif files.sha256(path) != entry["sha256"]:
                return False
        except Damaged:
            return False
    return True


def repair(
    work: Work, found: Inventory, view: Inventory, broken: dict[str, Record], have: Numbers, quarantine: Quarantine
) -> None:
    """Publish a record of what lies in segments that no sound record names, and isn't anywhere else.

    Args:
        work: what is done.
        found: the run's files.
        view: those without the records that can't count any more.
        broken: these records.
        have: the numbers that are elsewhere.
        quarantine: where damaged files go.
    """
    named = {file for _, body in view.active for file in inventory.named(body)}
    loose = [path for path in found.segment_files if path.name not in named and path.exists()]
    intact = {path: _name(path, files.sha256(path)) == path.name for path in loose}
    whose = work.origin.run_id, work.origin.experiment
    with segments.workshop() as connection:
        gathered = _Gathered(work, connection, have, quarantine)
        for path in sorted(loose, key=lambda path: not intact[path]):
            gathered.take(path, intact[path], broken)
        entries = gathered.entries()
        merged = _merged(work, found, view, broken)
        fewer = gathered.thinned(broken)
        if entries or merged or fewer:
            summary = segments.summarize(connection, work.path, whose[0], entries)
            for name, body in broken.items():
                summary |= found.summary(name) if fewer and body.get("thinned") else {}
            first = merged[0] if merged else None
            segments.publish(work.path, whose, entries, gathered.covers, summary, (), first, fewer)
    for one in merged[1:]:
        segments.publish(work.path, whose, [], {}, {}, (), one)


def _name(path: Path, digest: str) -> str:
    parsed = names.parse(path.name)
    return names.segment(parsed.segment_kind if parsed else "", digest)


class _Gathered:
    """What is taken out of segments: files that can stay as they are, and rows of the others."""

    def __init__(self, work: Work, connection: DuckDBPyConnection, have: Numbers, quarantine: Quarantine) -> None:
        self._work, self._connection, self._have, self._quarantine = work, connection, have, quarantine
        self._before = dict(have)
        self._files: list[dict[str, Any]] = []
        self._sources: dict[str, list[str]] = {}
        self.covers: dict[tuple[str, int], list[Range]] = {}

    def take(self, path: Path, intact: bool, broken: dict[str, Record]) -> None:
        """Take what is new in one segment."""
        kind = _kind(path)
        source = segments.parquet([path]) if intact else self._salvaged(path, kind)
        told = _numbers(self._connection, source) if source else {}
        allowed = _allowed(path, broken)
        new, all_new = {}, True
        for (writer, attempt), pieces in told.items():
            wanted = ranges.subtract(pieces, self._have.get(writer, []))
            if allowed is not None and not intact:
                wanted = ranges.overlap(wanted, allowed.get(writer, []))
            all_new = all_new and wanted == pieces
            if wanted:
                new[writer, attempt] = wanted
        if not intact:
            self._work.aside[path] = "a damaged segment"
        if not new:
            return
        rows = sum(map(ranges.count, new.values()))
        if intact and all_new and self._rows(source) == rows:
            entry = {"kind": kind, "file": path.name, "sha256": files.sha256(path), "size": path.stat().st_size}
            self._files.append({**entry, "rows": rows})
            if allowed is None:
                self._work.save(path.name, f"{_called(rows, kind)}, whose seal record was lost")
        else:
            self._sources.setdefault(kind, []).append(f"SELECT DISTINCT ON (writer, seq) * FROM {source} {_where(new)}")
            self._work.save(path.name, f"{_called(rows, kind)} in undamaged pages")
        for key, pieces in new.items():
            self.covers[key] = ranges.join([*self.covers.get(key, []), *pieces])
            self._have[key[0]] = ranges.join([*self._have.get(key[0], []), *pieces])

    def thinned(self, broken: dict[str, Record]) -> list[list[Any]]:
        """What a record has to say of curves that were thinned: their numbers are covered, though not all are held."""
        fewer: list[list[Any]] = []
        for name, body in broken.items():
            for writer, attempt, first, last, kept, since in body.get("thinned", ()):
                left = ranges.subtract([(first, last)], self._before.get(writer, []))
                held = self.covers.get((writer, attempt), [])
                own = [[writer, attempt, *one, ranges.count(ranges.overlap([one], held)), since] for one in left]
                fewer += own
                if left == [(first, last)] and own[0][4] < kept:
                    self._work.lose(name, f"{kept - own[0][4]:,} of {kept:,} points that thinning had kept")
        for writer, attempt, first, last, *_ in fewer:
            self.covers[writer, attempt] = ranges.join([*self.covers.get((writer, attempt), []), (first, last)])
        return fewer

    def entries(self) -> list[dict[str, Any]]:
        """What the record says about the segments; those that are needed are written."""
        for kind, sources in self._sources.items():
            union = f"({' UNION ALL '.join(sources)})"
            try:
                entry = segments.write(self._connection, union, self._work.path, kind)
            except Damaged:
                entry = self._instead(union, kind)
            self._files += [entry] if entry else []
        return self._files

    def _instead(self, union: str, kind: str) -> dict[str, Any] | None:
        """The rows are all that a damaged segment had: what is written of them takes its place.

        Raises:
            Damaged: that was not why they could not be written.
        """
        with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
            entry = segments.write(self._connection, union, Path(directory), kind)
            if entry:
                path = self._work.path / entry["file"]
                if path not in self._work.aside:
                    raise Damaged(f"{path}: holds other bytes than its name promises; run `check`")
                self._quarantine.replace(path, files.read(Path(directory) / path.name), self._work.aside.pop(path))
        return entry

    def _rows(self, source: str) -> int:
        ((rows,),) = self._connection.execute(f"SELECT count(*) FROM {source}").fetchall()
        return int(rows)

    def _salvaged(self, path: Path, kind: str) -> str:
        """A table of the rows that can be believed; empty where there are none."""
        told = self._work.origin
        known = {"run_id": told.run_id, "experiment": told.experiment} if told.run_id else {}
        name, first = quoted(f"salvaged {path.name}").replace("'", '"'), True
        for table in salvage.tables(path, kind, known):
            self._connection.register("salvaged_now", table)
            verb = f"CREATE TEMP TABLE {name} AS" if first else f"INSERT INTO {name}"
            self._connection.execute(f"{verb} SELECT * FROM salvaged_now")
            self._connection.unregister("salvaged_now")
            first = False
        return "" if first else name


def _kind(path: Path) -> str:
    parsed = names.parse(path.name)
    return parsed.segment_kind if parsed else ""


def _called(rows: int, kind: str) -> str:
    what = {schemas.POINTS: "point", schemas.ROWS: "row", schemas.SYSTEM: "system metric", schemas.LOGS: "log record"}
    return f"{rows:,} {what[kind]}{'s' * (rows != 1)}"


def _allowed(path: Path, broken: dict[str, Record]) -> Numbers | None:
    """The numbers that a segment's record says can be in it; None where no record can be read."""
    for body in broken.values():
        if path.name in inventory.named(body):
            return inventory.covered(body)
    return None


def _numbers(connection: DuckDBPyConnection, source: str) -> dict[tuple[str, int], list[Range]]:
    """The numbers in a source, by writer and attempt."""
    once = f"SELECT DISTINCT writer, attempt, seq FROM {source}"
    place = "row_number() OVER (PARTITION BY writer, attempt ORDER BY seq)"
    query = (
        f"SELECT writer, attempt, min(seq), max(seq) FROM (SELECT *, seq - {place} AS island FROM ({once})) "
        "GROUP BY writer, attempt, island"
    )
    found: dict[tuple[str, int], list[Range]] = {}
    for writer, attempt, first, last in connection.execute(query).fetchall():
        found.setdefault((writer, attempt), []).append((first, last))
    return {key: ranges.join(pieces) for key, pieces in sorted(found.items())}


def _where(wanted: dict[tuple[str, int], list[Range]]) -> str:
    each = [
        f"writer = {quoted(writer)} AND attempt = {attempt} AND seq BETWEEN {first} AND {last}"
        for (writer, attempt), pieces in wanted.items()
        for first, last in pieces
    ]
    return f"WHERE ({') OR ('.join(each)})"


def _merged(work: Work, found: Inventory, view: Inventory, broken: dict[str, Record]) -> list[dict[str, Any]]:
    """The merged facts that a record has to name again: those of broken records, and of records that are lost."""
    told = {body["merged_facts"]["file"]: body["merged_facts"] for body in broken.values() if body.get("merged_facts")}
    named = {body["merged_facts"]["file"] for _, body in view.active if body.get("merged_facts")}
    replaced = {name for _, body in view.seals for name in inventory.named(body)} - named
    chosen = []
    for path in found.merged:
        if path in work.aside or path.name in named | replaced or not path.exists():
            continue
        digest = files.sha256(path)
        data = files.read(path)
        replaces = [one.name for one in found.journals if one.exists() and _within(files.read(one), data)]
        before = told.get(path.name, {"replaces": []})["replaces"]
        chosen.append({"file": path.name, "sha256": digest, "replaces": sorted({*replaces, *before})})
    return chosen


def _within(small: bytes, large: bytes) -> bool:
    return bool(small) and small in large
