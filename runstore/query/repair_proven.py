"""Files of a run put right in place: those named by their hash where one byte was changed, journals where bits were."""

from __future__ import annotations

import hashlib
from pathlib import Path

from runstore.disk import files, salvage
from runstore.errors import FormatTooNew
from runstore.format import journal, mending, names
from runstore.query.repair_aside import Quarantine
from runstore.query.repair_work import Work


def repair(work: Work, quarantine: Quarantine) -> None:
    """Put right what can be, in place.

    Raises:
        OSError: a file can't be read or written.
    """
    for name in sorted(work.damaged):
        path = work.path / name
        if path.exists() and (right := _right(path)) is not None:
            quarantine.replace(path, right, "a changed byte")
            work.damaged -= {name}
            work.save(name, "all of it: what was changed was found by its checksum")


def _right(path: Path) -> bytes | None:
    parsed = names.parse(path.name)
    if parsed is None or files.sha256(path)[:24] in path.name:
        return None

    def proven(data: bytes) -> bool:
        return hashlib.sha256(data).hexdigest()[:24] in path.name

    if parsed.kind == "seal":
        return mending.document(files.read(path), proven)
    if parsed.kind == "segment":
        return salvage.mended(path, path.stem[-24:])
    return _journal(path) if parsed.kind in ("facts", "points", "side") else None


def _journal(path: Path) -> bytes | None:
    """A journal in which nothing is wrong any more."""
    data = files.read(path)
    right = mending.journal(data)
    try:
        return right if right != data and not journal.read(right).damage else None
    except FormatTooNew:
        return None
