"""Runs that can go into a block: at rest, undamaged and small enough; and what of them lies in no block yet."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runstore.disk import inventory, segment
from runstore.disk.block_build import Part, Piece
from runstore.disk.inventory import Inventory, named
from runstore.disk.ledger import Acknowledged
from runstore.format import blocks, names, schemas
from runstore.runs import state, tombstones
from runstore.runs.state import TERMINAL, RunState

MOST_FILES = 32 << 20  # bytes of small files; a run with more stays as it is
MOST_ROWS = 256 << 20  # bytes of segments
_AS_THEY_ARE = frozenset({"pack", "log"})  # kinds of files that are read by offset, hence never deflated


@dataclass(frozen=True, slots=True)
class Loose:
    """A run that can go into a block. ``size``: bytes of what will."""

    run_id: str
    path: Path
    size: int
    acknowledged: frozenset[str]


def loose(seen: Inventory, acknowledged: Acknowledged) -> Loose | None:
    """The run whose files these are, if it can go into a block and something of it lies in none yet."""
    run = _fit(seen)
    if run is None:
        return None
    size = sum(_size(seen.path / name) for name in fresh(seen))
    return Loose(run.run_id, seen.path, size, acknowledged(seen.path))


def fresh(found: Inventory) -> list[str]:
    """The files of a run that count and lie in no block."""
    counting = {path.name for path in found.facts + found.ends + found.packs + found.logs}
    counting |= {name for record, body in found.active for name in {record, *named(body)}}
    return sorted((counting & found.live) - found.held.keys() - found.rows.keys())


def contents(one: Loose, acknowledged: Acknowledged) -> tuple[RunState, list[Piece], list[Part]] | None:
    """What is to be put into the block now; None where the run is no longer as it was.

    Nothing is locked: whoever comes meanwhile only adds files, which stay where they are.

    Raises:
        Damaged: a segment is not as it was sealed.
        FileNotFoundError: somebody has merged the run meanwhile.
        OSError: it can't be read.
    """
    run = _fit(inventory.scan(one.path))
    if run is None or acknowledged(one.path) != one.acknowledged:
        return None
    found = run.inventory
    new = frozenset(fresh(found))
    entries = {entry["file"]: entry for _, body in found.active for entry in body["segments"] if entry["file"] in new}
    for name, entry in entries.items():
        segment.verify(one.path / name, entry)
    pieces = [_piece(found, name) for name in sorted(new - entries.keys())]
    return run, pieces, [_part(one.path, entry) for entry in entries.values()]


def _piece(found: Inventory, name: str) -> Piece:
    parsed = names.parse(name)
    kind, path = parsed.kind if parsed is not None else "", found.path / name
    member, stored = blocks.pack(found.read(path), 0, kind not in _AS_THEY_ARE)
    modified = os.stat(path).st_mtime_ns if kind == "log" else 0
    return Piece(name, member._replace(modified=modified), stored)


def _part(run_path: Path, entry: dict[str, Any]) -> Part:
    return Part(entry["kind"], entry["file"], segment.batches(run_path / entry["file"], entry))


def _fit(found: Inventory) -> RunState | None:
    if not _light(found) or not _at_rest(found) or _differing(found):
        return None
    run = state.fold(found.path, found)
    if not (run.writers and run.settled and run.status in TERMINAL) or run.damaged or run.deleted is not None:
        return None
    owned = found.path.parts[-3:] == Path(names.run_dir(run.run_id)).parts
    return run if owned and not tombstones.there(found.path) else None


def _light(found: Inventory) -> bool:
    """Whether something lies in no block yet, and not too much."""
    rows = {entry["file"] for _, body in found.active for entry in body["segments"]}
    sizes = {name: _size(found.path / name) for name in fresh(found)}
    heavy = sum(size for name, size in sizes.items() if name in rows)
    return bool(sizes) and heavy <= MOST_ROWS and sum(sizes.values()) - heavy <= MOST_FILES


def _at_rest(found: Inventory) -> bool:
    """Whether everything is sealed and merged, and nothing is left over."""
    if found.points or found.sides or found.spools or found.jobs or found.locks or found.temporaries:
        return False
    if found.unknown or found.damaged or len(found.active) > 1:
        return False
    counting = {file for _, body in found.seals for file in named(body)}
    kinds = [entry["kind"] for _, body in found.active for entry in body["segments"]]
    known = set(kinds) <= schemas.COLUMNS.keys() and len(set(kinds)) == len(kinds)
    return known and all(path.name in counting for path in found.segment_files)


def _differing(found: Inventory) -> bool:
    """Whether a file of a name that a block has too is another one: one of them has grown elsewhere."""
    both = found.live & found.held.keys()
    return any(found.held[name].member.size != _size(found.path / name) for name in both)


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0
