"""Runs laid into a block by hand, as compaction does it: every run's files, and the rows of all in one file a kind."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from runstore.disk import block, files, inventory, segment
from runstore.format import blocks, documents, names, schemas
from runstore.format.blocks import Entry, Where
from runstore.query import compaction, listing, merging, sealing
from runstore.runs import state


def nobody(run_path: Path) -> frozenset[str]:
    """The remotes that have all of a run, where no run was ever sent anywhere."""
    return frozenset()


def put(workspace: Path, run_paths: Iterable[Path] | None = None, leave: bool = True) -> str:
    """Lay runs into a block, all that there are unless some are given; ``leave``: their directories go. Its name."""
    chosen = [one.path for one in listing.every(workspace)] if run_paths is None else list(run_paths)
    for path in chosen:
        sealing.seal(workspace, path)
        merging.sweep(path, 0)
    folded = sorted((state.fold(path) for path in chosen), key=lambda run: run.run_id)
    directory = workspace / names.BLOCKS / ".new.tmp"
    files.make_dirs(directory)
    kept: dict[str, Any] = {}
    for kind in schemas.COLUMNS:
        kept |= _rows(directory, kind, folded)
    data, places = bytearray(), []
    for run in folded:
        entry = Entry(run.run_id, run.experiment)
        found = inventory.scan(run.path)
        for kind in schemas.COLUMNS:
            entry.segments |= {one.name: names.block_rows(kind, 0) for one in found.segments(kind)}
        for name in sorted(found.live - entry.segments.keys()):
            packed = name.endswith(".pack")
            member, stored = blocks.pack(files.read(run.path / name), len(data), deflate=not packed)
            modified = os.stat(run.path / name).st_mtime_ns if name.startswith("o-") else 0
            entry.files[name] = member._replace(modified=modified)
            data += stored
        rendered = entry.render()
        places.append((block.key(run.path), Where(len(data), len(rendered))))
        data += rendered
    for name, kind, content in (
        (names.BLOCK_MEMBERS, "members", bytes(data)), (names.BLOCK_INDEX, "index", blocks.render(places)),
    ):  # fmt: skip
        files.publish(directory, name, content)
        kept[name] = {"kind": kind, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    body = {"runstore": 1, "level": 1, "created": 10**18, "runs": len(folded), "acknowledged": [], "replaces": [],
            "files": kept}  # fmt: skip
    record = documents.render(body)
    files.publish(directory, names.BLOCK_RECORD, record)
    name = names.block(hashlib.sha256(record).hexdigest())
    directory.rename(workspace / name)
    block.forget(workspace)
    for run in folded if leave else ():
        for one in files.names_in(run.path):
            files.unlink(run.path / one)
        assert files.remove_dir(run.path)
    return name.rpartition("/")[2]


def _rows(directory: Path, kind: str, runs: list[state.RunState]) -> dict[str, Any]:
    parts = [one for run in runs for one in inventory.scan(run.path).segments(kind)]
    if not parts:
        return {}
    batches = [batch for one in parts for batch in pq.read_table(one.path).to_batches()]
    entry = segment.write(batches, directory, kind)
    name = names.block_rows(kind, 0)
    (directory / entry["file"]).rename(directory / name)
    having = [run.run_id for run in runs if inventory.scan(run.path).segments(kind)]
    about = {key: entry[key] for key in ("kind", "sha256", "size", "rows")}
    return {name: {**about, "first": having[0], "last": having[-1]}}


def compacted(workspace: Path) -> Path:
    """Let compaction put everything that can go into one block; give it."""
    for _ in range(2):  # what a block has goes the next time
        done = compaction.compact(workspace, grace=0, enough=1)
        assert done.damaged == []
    (one,) = block.active(workspace)
    return one.path
