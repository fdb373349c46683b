"""A directory as a zip of the same bytes each time: files in the order of names, times that say something or none."""

from __future__ import annotations

import os
import shutil
import time
import zipfile
from pathlib import Path

from runstore.format import names

ROOT = "workspace"  # the one directory in it
_EPOCH = (1980, 1, 1, 0, 0, 0)
_TEXT = (".json", ".jsonl", ".log", ".md")  # the rest is compressed already, or the user's


def zipped(directory: Path) -> None:
    """Put a zip of a workspace in the place of its directory."""
    archive = directory.with_name(names.temporary(directory.name, os.urandom(4).hex()))
    try:
        with zipfile.ZipFile(archive, "x", allowZip64=True) as written:
            for path in sorted(directory.rglob("*")):
                if path.is_file():
                    _add(written, path, path.relative_to(directory))
        shutil.rmtree(directory)
        os.rename(archive, directory)
    finally:
        archive.unlink(missing_ok=True)


def _add(written: zipfile.ZipFile, path: Path, inside: Path) -> None:
    found = path.stat()
    modified = time.gmtime(found.st_mtime)[:6] if inside.parts[0] == names.RUNS else _EPOCH  # a log's, a heartbeat's
    about = zipfile.ZipInfo(f"{ROOT}/{inside.as_posix()}", max(modified, _EPOCH))
    about.create_system, about.external_attr = 3, 0o644 << 16
    about.compress_type = zipfile.ZIP_DEFLATED if path.suffix in _TEXT else zipfile.ZIP_STORED
    about.file_size = found.st_size
    with path.open("rb") as source, written.open(about, "w", force_zip64=found.st_size >= 1 << 31) as target:
        shutil.copyfileobj(source, target, 1 << 20)
