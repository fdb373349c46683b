"""What of a block's bytes is whose: a run's small files as they are stored, and its part of the files of rows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.disk import files, inventory, segment
from runstore.disk.block import Block
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged
from runstore.format import documents, names, schemas
from runstore.format.blocks import Entry

AT_REST = 600.0  # seconds that rows stay for those who are reading them


@dataclass(slots=True)
class Share:
    """What a run takes of a block. ``rows``: bytes by kind; that of a file is shared out by the number of rows."""

    entry: Entry
    rows: Counter[str] = field(default_factory=Counter)

    @property
    def bytes(self) -> int:
        """All of it."""
        return sum(member.stored for member in self.entry.files.values()) + self.rows.total()

    def path(self, workspace: Path) -> Path:
        """The run's directory."""
        return workspace / names.run_dir(self.entry.run_id)


def of(one: Block) -> Iterator[Share]:
    """What each run of a block takes; together at most what there is.

    Raises:
        Damaged: the index or an entry is not as it was written.
        OSError: a file can't be read.
    """
    before: Counter[str] = Counter()
    for entry in one.entries():
        share = Share(entry)
        for name, rows in _rows(one, entry).items():
            about = one.body["files"][name]
            share.rows[about["kind"]] += _part(about, before[name] + rows) - _part(about, before[name])
            before[name] += rows
        yield share


def superseded(run_path: Path) -> frozenset[str]:
    """The segments of a run in blocks that no record has counted for a while: its curves were thinned."""
    if not run_path.is_dir():
        return frozenset()
    found = inventory.scan(run_path)
    counting = {entry["file"] for _, body in found.active for entry in body["segments"]}
    gone = frozenset(found.rows.keys() - counting)
    if not gone or found.damaged or min(_age(found, record) for record in found.active) < AT_REST:
        return frozenset()
    try:
        for kind in schemas.COLUMNS:
            for part in found.segments(kind):
                segment.verify(part.path, part.entry)
    except (Damaged, OSError):
        return frozenset()  # `check` says so
    return gone


def _age(found: Inventory, record: tuple[str, dict[str, Any]]) -> float:
    """Seconds a seal record has been there, by the less certain of two clocks."""
    name, body = record
    said: float = time.time() - body["created"] / 1e9
    return min(said, files.age(found.path / name)) if name in found.live else said


def _part(about: dict[str, int], rows: int) -> int:
    """The bytes of the first so many rows, so that those of all runs add up."""
    return about["size"] * min(rows, about["rows"]) // max(about["rows"], 1)


def _rows(one: Block, entry: Entry) -> Counter[str]:
    """How many rows of a run lie in each file, by the seal records that lie with them."""
    told: dict[str, int] = {}
    for name, member in entry.files.items():
        if name.startswith("seal-"):
            with suppress(Damaged):  # `check` says so
                told |= {each["file"]: each["rows"] for each in documents.parse(one.read(member), name)["segments"]}
    found: Counter[str] = Counter()
    for name, file in entry.segments.items():
        found[file] += told.get(name, 0)
    return found
