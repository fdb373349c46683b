"""What lies in a run's directory or is held for it in blocks, and which of it counts.

Reads names and seal records only; never points. The order of a seal (segment, record, then the journals go)
makes one listing enough to see every point once, if the listing itself is of one moment: see ``_names``.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from runstore.disk import block, files
from runstore.disk.block import Block, Held
from runstore.errors import Damaged
from runstore.format import VERSION, documents, names, ranges
from runstore.format.ranges import Range

SETTLED_SECONDS = 2.5  # coarser than any file system's directory time stamps


@dataclass(frozen=True, slots=True)
class Segment:
    """A sealed file that counts, or a run's rows in a block's file.

    ``entry`` tells the hash and size of the file; ``skip``: the ranges in it, per writer, that another file gives
    already; ``run_id``: whose rows are meant, where others' are in the file too; ``name``: what it is called in the
    seal record.
    """

    path: Path
    entry: dict[str, Any]
    skip: dict[str, list[Range]]
    run_id: str = ""
    name: str = ""


class Place(NamedTuple):
    """Bytes of a file: from ``offset`` on, ``size`` of them or all there are."""

    path: Path
    offset: int
    size: int | None


@dataclass
class Inventory:
    """The files of one run, by kind, each list in the order of names.

    Where a file lies in a block only, its path is where it would lie in the run's directory: ``read`` gives its bytes.
    """

    path: Path
    journals: list[Path] = field(default_factory=list)
    merged: list[Path] = field(default_factory=list)
    points: list[Path] = field(default_factory=list)
    sides: list[Path] = field(default_factory=list)  # journals of log records and system metrics
    packs: list[Path] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)  # raw text
    spools: list[Path] = field(default_factory=list)
    seals: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # without their summaries
    lasts: dict[str, dict[str, Any]] = field(default_factory=dict)  # of each seal record: metric, last value
    latest: dict[str, int] = field(default_factory=dict)  # of each seal record: time of the newest of these
    segment_files: list[Path] = field(default_factory=list)
    ends: list[Path] = field(default_factory=list)
    jobs: list[Path] = field(default_factory=list)
    locks: list[Path] = field(default_factory=list)
    requests: list[Path] = field(default_factory=list)  # to begin the next journals
    temporaries: list[Path] = field(default_factory=list)
    unknown: list[Path] = field(default_factory=list)
    damaged: list[tuple[str, str]] = field(default_factory=list)
    names: frozenset[str] = frozenset()  # every name seen
    live: frozenset[str] = frozenset()  # of these, what lies in the directory
    held: dict[str, Held] = field(default_factory=dict)  # by name: what blocks hold
    rows: dict[str, tuple[Block, str]] = field(default_factory=dict)  # by a segment's name: where in blocks

    @cached_property
    def active(self) -> list[tuple[str, dict[str, Any]]]:
        """The seal records that no other record replaces; those whose files are all there first."""
        replaced = {name for _, body in self.seals for name in body["replaces"]}
        counting = [(name, body) for name, body in self.seals if name not in replaced]
        if len(counting) > 1:
            counting.sort(key=lambda record: bool(named(record[1]) - self.names))
        return counting

    @cached_property
    def sealed(self) -> dict[str, list[Range]]:
        """Per writer, the sequence numbers that sealed files hold."""
        pieces: dict[str, list[Range]] = {}
        for _, body in self.active:
            for writer, found in covered(body).items():
                pieces.setdefault(writer, []).extend(found)
        return {writer: ranges.join(found) for writer, found in pieces.items()}

    @property
    def facts(self) -> list[Path]:
        """The facts that count: merged files, and the journals no merged file replaces (``journal.read_all``).

        A merged file that no record names counts as well: its record may be damaged, and a fact told twice is one.
        """
        told = [body["merged_facts"] for _, body in self.active if body.get("merged_facts")]
        there = {path.name for path in self.merged}
        replaced = {name for m in told if m["file"] in there for name in m["replaces"]}
        known = {file for _, body in self.seals for file in named(body)} - {m["file"] for m in told}
        return [path for path in self.merged + self.journals if path.name not in replaced | known]

    def read(self, path: Path) -> bytes:
        """The bytes of one of its files, from the directory or from a block.

        Raises:
            FileNotFoundError: it is in neither any more; list again.
            Damaged: in the block it is not as it was.
        """
        held = self.held.get(path.name)
        if held is None or path.name in self.live:
            try:
                return files.read(path)
            except FileNotFoundError:
                if held is None:
                    raise
        return held.read()

    def place(self, path: Path) -> Place:
        """Where one of its files lies; nothing there is looked at. For files that blocks never deflate."""
        held = self.held.get(path.name)
        if held is None or path.name in self.live:
            return Place(path, 0, None)
        return Place(held.block.path / names.BLOCK_MEMBERS, held.member.offset, held.member.stored)

    def size(self, path: Path) -> int:
        """How many bytes one of its files has; 0 where it is gone."""
        held = self.held.get(path.name)
        if held is not None and path.name not in self.live:
            return held.member.size
        try:
            return os.stat(path).st_size
        except OSError:
            return 0

    def summary(self, record: str) -> dict[str, Any]:
        """The summary in a seal record, read again: kept for every run it would take more memory than all else.

        Raises:
            FileNotFoundError: the record was replaced; list again.
            Damaged: it is no longer what it was.
        """
        found: dict[str, Any] = documents.parse(self.read(self.path / record), record)["summary"]
        return found

    def segments(self, kind: str) -> list[Segment]:
        """The sealed files of ``kind`` (of ``schemas.COLUMNS``) that count, each number in one of them only.

        Where two records cover one range, one of them gives it: see ``skipped``.
        """
        chosen: dict[str, Segment] = {}
        for name, body in self.active:
            own, skip = covered(body), self.skipped.get(name, {})
            new = any(ranges.subtract(found, skip.get(writer, [])) for writer, found in own.items())
            for entry in body["segments"] if new else []:
                if entry["kind"] == kind:
                    before = chosen.get(entry["file"])
                    both = skip if before is None else _in_both(before.skip, skip)
                    chosen[entry["file"]] = self.segment(body["run"], entry, both)
        return [chosen[name] for name in sorted(chosen)]

    @cached_property
    def skipped(self) -> dict[str, dict[str, list[Range]]]:
        """By seal record and writer, the numbers that another record gives.

        Of records whose files are all there, the one in which fewer are left (``thinness``), else the first of
        ``active``.
        """
        records, skipped, taken = self.active, dict[str, dict[str, list[Range]]](), dict[str, list[Range]]()
        order = [
            (bool(named(body) - self.names), thinness(body, writer), place, writer, found)
            for place, (_, body) in enumerate(records if len(records) > 1 else [])
            for writer, found in covered(body).items()
        ]
        for *_, place, writer, found in sorted(order):
            both = ranges.overlap(found, taken.get(writer, []))
            if both:
                skipped.setdefault(records[place][0], {})[writer] = both
            taken[writer] = ranges.join([*taken.get(writer, []), *found])
        return skipped

    def segment(self, run_id: str, entry: dict[str, Any], skip: dict[str, list[Range]]) -> Segment:
        """Where a segment of a seal record lies."""
        name = str(entry["file"])
        if name in self.live or name not in self.rows:
            return Segment(self.path / name, entry, skip, name=name)
        one, where = self.rows[name]
        return Segment(one.path / where, one.body["files"][where], skip, run_id, name)


def _in_both(one: dict[str, list[Range]], other: dict[str, list[Range]]) -> dict[str, list[Range]]:
    """What two records that name one file both leave out of it."""
    both = {writer: ranges.overlap(found, other[writer]) for writer, found in one.items() if writer in other}
    return {writer: found for writer, found in both.items() if found}


def thinness(body: Mapping[str, Any], writer: str) -> tuple[float, list[str]]:
    """How many of a writer's numbers are left where a record has thinned its curves, then what its segments are called.

    The number is infinite where nothing was thinned. Of two records for the same numbers the lesser one gives them:
    what was thinned away does not come back. Segments have the same names in every workspace, records have not.
    """
    pieces = [piece for piece in body.get("thinned", ()) if piece[0] == writer]
    if not pieces:
        return math.inf, []
    return sum(piece[4] for piece in pieces), sorted(entry["file"] for entry in body["segments"])


def named(body: dict[str, Any]) -> set[str]:
    """The files that a seal record needs."""
    merged = body.get("merged_facts")
    return {entry["file"] for entry in body["segments"]} | ({merged["file"]} if merged else set())


def covered(body: dict[str, Any]) -> dict[str, list[Range]]:
    """Per writer, the ranges a seal record covers."""
    pieces: dict[str, list[Range]] = {}
    for writer, _, first, last in body["ranges"]:
        pieces.setdefault(writer, []).append((first, last))
    return {writer: ranges.join(found) for writer, found in pieces.items()}


def scan(run_path: Path) -> Inventory:
    """List a run's directory, and what blocks hold of it. Never raises for damage: it is listed in ``damaged``."""
    found = Inventory(run_path)
    lists = {
        "facts": found.journals,
        "merged": found.merged,
        "points": found.points,
        "side": found.sides,
        "pack": found.packs,
        "log": found.logs,
        "spool": found.spools,
        "segment": found.segment_files,
        "end": found.ends,
        "job": found.jobs,
        "lock": found.locks,
        "rotate": found.requests,
        "temporary": found.temporaries,
    }
    listed = _names(run_path)
    found.live = found.names = frozenset(listed)
    _hold(found)  # after the directory: what leaves it was in a block before
    if found.held:
        found.names |= found.held.keys() | found.rows.keys()
        listed = sorted(found.live | found.held.keys())
    for name in listed:
        parsed = names.parse(name)
        if parsed is not None and parsed.kind == "seal":
            _seal(found, name)
        else:
            lists.get(parsed.kind if parsed else "", found.unknown).append(run_path / name)
    found.damaged += [(name, f"{name}: missing; restore it from a copy") for name in _missing(found)]
    return found


def _hold(found: Inventory) -> None:
    """Note what blocks hold of the run."""
    try:
        holding = block.holding(found.path.parents[2], block.key(found.path))
    except (Damaged, OSError) as problem:
        found.damaged.append((names.BLOCKS, str(problem)))
        return
    for one, entry in holding:
        for name, member in entry.files.items():
            if name not in found.held or member.size > found.held[name].member.size:  # it has grown elsewhere
                found.held[name] = Held(one, member)
        found.rows |= {name: (one, where) for name, where in entry.segments.items()}


def _missing(found: Inventory) -> list[str]:
    """The files that seal records in force name and that are not there."""
    return sorted({file for _, body in found.active for file in named(body) if file not in found.names})


def _seal(found: Inventory, name: str) -> None:
    try:
        body = documents.parse(found.read(found.path / name), name)
    except Damaged as problem:
        found.damaged.append((name, str(problem)))
        return
    except FileNotFoundError:
        return  # replaced long ago and unlinked just now; what replaces it was there before it went
    except OSError as problem:
        found.damaged.append((name, f"{name}: can't be read ({problem.strerror}); make it readable"))
        return
    if body["runstore"] > VERSION:
        found.damaged.append((name, f"{name}: format {body['runstore']}, newer than this runstore; upgrade it"))
    else:
        summary = body.pop("summary")
        found.lasts[name] = {metric: one["last"] for metric, one in summary.items()}
        found.latest[name] = max((one.get("last_time", 0) for one in summary.values()), default=0)
        found.seals.append((name, body))


def _names(directory: Path) -> list[str]:
    """The names in a directory at one moment.

    A listing that runs while a sealer publishes a record and unlinks the journal may show neither. So unless the
    directory has been at rest, list until two listings agree: the second would show the record.
    """
    changed = _changed(directory)
    listed = files.names_in(directory)
    if changed == _changed(directory) and not -SETTLED_SECONDS < time.time() - changed / 1e9 < SETTLED_SECONDS:
        return listed
    for _ in range(50):
        again = files.names_in(directory)
        if again == listed:
            break
        listed = again
    return listed


def _changed(directory: Path) -> int:
    try:
        return os.stat(directory).st_mtime_ns
    except OSError:
        return 0
