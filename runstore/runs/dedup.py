"""Content that the workspace has already: in packs that this process has closed, in packs by the index, in blobs.

A pack counts here once it is closed and synced, so what is found survives the machine. Everything found is verified
where it lies, and touched: sweeping leaves alone what was touched a short while ago, and by then a fact names it.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from runstore.disk import block, files, pack, wherever
from runstore.disk.hints import Hints, key
from runstore.disk.packed import Index, Spot
from runstore.errors import Damaged, FormatTooNew
from runstore.format import names

MOST = 1 << 18  # entries kept of closed packs; by then the index has the older ones
_TOUCH_SECONDS = 600.0
_HEAD = 1 << 16

Where = tuple[int, int, str, str]  # number, offset, writer, run id


class Closed(NamedTuple):
    """A pack that this process has closed and synced."""

    path: Path
    run_id: str
    writer: str
    number: int
    offsets: Hints


_closed: deque[Closed] = deque()
_closing = threading.Lock()
_indexes: dict[Path, Index] = {}
_touched: dict[Path, float] = {}
_owners: dict[Path, str] = {}


def closed(one: Closed) -> None:
    """Let the other runs of this process find what is in a pack."""
    with _closing:
        _closed.append(one)
        entries = sum(len(pack.offsets) for pack in _closed)
        while entries > MOST:
            entries -= len(_closed.popleft().offsets)


def find(workspace: Path, sha256: str, size: int) -> Where | None:
    """Where a pack of the workspace holds this content; None where none is known to."""
    for path, where in _candidates(workspace, sha256, size):
        if _holds(path, where[1], size, sha256) and _touch(path):
            return where
    return None


def has_blob(workspace: Path, sha256: str, size: int) -> bool:
    """Whether the content is a file of its own; of another size it is damaged and doesn't count."""
    path = workspace / names.blob(sha256)
    try:
        return os.stat(path).st_size == size and _touch(path, always=True)
    except OSError:
        return False


def forget() -> None:
    """In a forked child, and for tests: nothing is known; what was closed before stays with the parent."""
    global _closing
    _closing = threading.Lock()
    _closed.clear()
    _indexes.clear()


def _candidates(workspace: Path, sha256: str, size: int) -> Iterator[tuple[Path, Where]]:
    number = key(sha256)
    with _closing:
        known = [(one, offset) for one in _closed if (offset := one.offsets.get(number)) is not None]
    for one, offset in known:
        if one.path.is_relative_to(workspace):
            yield one.path, (one.number, offset, one.writer, one.run_id)
    index = _indexes.get(workspace) or _indexes.setdefault(workspace, Index(workspace))
    for spot in index.find(sha256):
        owner = _owner(workspace, spot) if spot.size == size else ""
        if owner:
            yield workspace / spot.path, (spot.number, spot.offset, spot.writer, owner)


def _owner(workspace: Path, spot: Spot) -> str:
    """The id of the run in whose directory a pack lies, by what its facts say; "" where they don't."""
    directory = workspace / names.RUNS / spot.run_dir
    if directory not in _owners:
        if len(_owners) >= 1024:
            _owners.clear()
        _owners[directory] = _said(directory)
    return _owners[directory]


def _said(directory: Path) -> str:
    from runstore.disk import inventory  # readers' modules: a run that shares no content needs none of them
    from runstore.format import journal

    found = inventory.scan(directory)
    for path in found.facts:
        with suppress(OSError, FormatTooNew, Damaged):
            owner = str(journal.read(found.read(path)[:_HEAD], path.name).header.get("run", ""))
            if names.run_dir(owner)[-16:] == directory.name:
                return owner
    return ""


def _holds(path: Path, offset: int, size: int, sha256: str) -> bool:
    try:
        return pack.has(path, offset, size, sha256)
    except (Damaged, OSError):
        return False


def _touch_held(path: Path) -> bool:
    with suppress(Damaged):
        held = wherever.held(path)
        tombstone = path.parents[3] / names.tombstone(block.key(path.parent))
        return held is not None and _touch(held.block.path / names.BLOCK_MEMBERS) and not tombstone.exists()
    return False


def _touch(path: Path, always: bool = False) -> bool:
    """Say that a file is in use; False where that can't be said, so that it is not relied on.

    For a pack in a block that is said of the block's file. After that its run must not have been removed: removing says
    so first, and then looks what is in use.
    """
    if not path.exists():
        return _touch_held(path)
    now = time.monotonic()
    if not always and now - _touched.get(path, float("-inf")) < _TOUCH_SECONDS:
        return True
    try:
        files.touch(path)
    except OSError:
        return False
    if len(_touched) >= 1024:
        _touched.clear()
    _touched[path] = now
    return True
