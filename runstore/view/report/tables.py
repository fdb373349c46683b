"""The rows of a report's runs as Parquet files in it, and how they are had again."""

from __future__ import annotations

import base64
import binascii
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from runstore.errors import Damaged, StoreError
from runstore.query import exporting, view_files

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

ELEMENT = "runstore-parquet"
VIEWS = ("metrics", "params", "runs")
"""Views of which a report has the rows of its runs; ``metrics`` has their points."""

_HELD = re.compile(rf'<script type="application/json" id="{ELEMENT}">(.*?)</script>'.encode(), re.DOTALL)


def made(ws: Workspace, run_ids: Sequence[str], views: Iterable[str] = VIEWS) -> dict[str, bytes]:
    """Parquet by the name of its file."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="runstore-report-") as scratch:
        for view in views:
            path = Path(scratch, f"{view}.parquet")
            view_files.one(ws.path, run_ids, view, path)
            found[path.name] = path.read_bytes()
    return found


def extract(report: Path, target: Path, overwrite: bool = False) -> list[Path]:
    """Write the Parquet files of a report into a directory, which is made where it is missing.

    Args:
        report: the HTML file.
        target: the directory.
        overwrite: put them in the place of files that are called the same.

    Raises:
        StoreError: there is no such report, it has no Parquet, or a file is there already.
        Damaged: what it has is not whole.
        NotWritable: they can't be written.
    """
    written = []
    for name, data in _held(report).items():
        path = target / name
        if path.exists() and not overwrite:
            raise StoreError(f"{path}: exists already; name another place, or say that it is to be overwritten")
        with exporting.whole(path, overwrite) as temporary:
            temporary.write_bytes(data)
        written.append(path)
    return written


def _held(report: Path) -> dict[str, bytes]:
    try:
        text = report.read_bytes()
    except OSError as problem:
        raise StoreError(f"{report}: can't be read ({problem.strerror}); name a report") from None
    found = _HELD.search(text)
    if found is None:
        raise StoreError(f"{report}: holds no Parquet; a report has it unless it was made with --points 0")
    try:
        told = orjson.loads(found[1])
        # What a report calls its files is not trusted: only names that are known are written.
        return {f"{view}.parquet": base64.b64decode(told[f"{view}.parquet"], validate=True)
                for view in VIEWS if f"{view}.parquet" in told}  # fmt: skip
    except (orjson.JSONDecodeError, binascii.Error, TypeError, ValueError):
        raise Damaged(f"{report}: what it holds as Parquet is not whole; make it again") from None
