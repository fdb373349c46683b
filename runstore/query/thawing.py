"""What blocks hold of a run, written back as ordinary files: the directory is as if no block had ever been.

Files that are there already stay. Readers see the same run at every moment: what is written is what they had before.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runstore.disk import block_rows, files, inventory, segment
from runstore.disk.inventory import Inventory
from runstore.format import documents, names


def thaw(workspace: Path, run_path: Path, target: Path | None = None) -> int:
    """Write a run's files that lie in blocks into a directory; give how many.

    Args:
        workspace: the workspace's directory.
        run_path: the run's directory.
        target: where to; the run's own directory by default. Elsewhere only what lies in blocks is written.

    Raises:
        Damaged: what a block holds is not as it was; what is written by then is right.
        OSError: the file system refuses; the same call goes on later.
    """
    found = inventory.scan(run_path)
    into = target or run_path
    there = found.live if target is None else frozenset[str]()
    made = {name: written(found, name, into) for name in sorted(_counting(found) - there)}
    changed = {name: entry for name, entry in made.items() if entry["file"] != name}
    count = len(made)
    for name in sorted(found.held.keys() - there, key=_last):
        files.make_dirs(into, durable=True)
        files.publish(into, name, found.read(run_path / name))
        if modified := found.held[name].member.modified:
            os.utime(into / name, ns=(modified, modified))
        count += 1
    return count + _rename(found, into, changed)


def _counting(found: Inventory) -> set[str]:
    """The segments in blocks that records in force name; others have been replaced."""
    return {entry["file"] for _, body in found.active for entry in body["segments"]} & found.rows.keys()


def _last(name: str) -> tuple[bool, str]:
    """The order in which files are written: what makes others count comes after them."""
    return name.startswith("seal-"), name


def written(found: Inventory, name: str, into: Path) -> dict[str, Any]:
    """Write a segment anew; give what a record has to say about it."""
    one, where = found.rows[name]
    entry = next(e for _, body in found.active for e in body["segments"] if e["file"] == name)
    run_id = next(body["run"] for _, body in found.active)
    files.make_dirs(into, durable=True)
    rows = block_rows.of_run(one.path / where, one.body["files"][where], run_id)
    return segment.write(_whole(rows), into, entry["kind"])


def _whole(batches: Iterator[Any]) -> Iterator[Any]:
    """The same rows in batches as sealing makes them, so that the same bytes come out."""
    for group in segment.groups(batches):
        yield segment.joined(group)


def _rename(found: Inventory, into: Path, changed: dict[str, dict[str, Any]]) -> int:
    """Where other bytes came out (of a later writer of Parquet files), say so in a record that replaces the old one."""
    count = 0
    for record, body in found.active if changed else ():
        told = documents.parse(found.read(found.path / record), record)
        segments = [changed.get(entry["file"], entry) for entry in body["segments"]]
        if segments != body["segments"]:
            new = {**told, "created": time.time_ns(), "segments": segments, "replaces": [*told["replaces"], record]}
            data = documents.render(new)
            files.publish(into, names.seal(hashlib.sha256(data).hexdigest()), data)
            count += 1
    return count
