"""Runs on disk, built byte by byte from the format floor: what tests of readers stand on."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from pathlib import Path

from runstore.format import documents, lines, names

WRITER = "aa" * 8
OTHER = "bb" * 8
RUN = "run-1"


def run_path(workspace: Path, run_id: str = RUN) -> Path:
    path = workspace / names.run_dir(run_id)
    path.mkdir(parents=True, exist_ok=True)
    return path


def journal(
    data: Iterable[bytes],
    kind: str = lines.POINTS,
    *,
    run_id: str = RUN,
    experiment: str = "mnist",
    writer: str = WRITER,
    attempt: int = 1,
    number: int = 0,
    first: int = 0,
    closed: bool = True,
    checked: int = 0,
) -> bytes:
    """A journal's bytes. ``checked``: a checking line after every so many lines (0: none but the closing one)."""
    body = bytearray(lines.header(kind, run_id, experiment, writer, attempt, number, first))
    start, begun, at = 0, first, first
    for index, line in enumerate(data):
        body += line
        at += lines.count(line)
        if checked and index % checked == checked - 1:
            crc = zlib.crc32(bytes(body[start:]))
            end = len(body)
            body += lines.checksum(lines.SUM, start, end, begun, at - begun, crc)
            start, begun = end, at
    if closed:
        body += lines.checksum(lines.END, 0, len(body), first, at - first, zlib.crc32(bytes(body)))
    return bytes(body)


def some_points(start: int, stop: int, name: str = "loss") -> list[bytes]:
    return [lines.point(name, i / 7, i, 10**18 + i * 1000) for i in range(start, stop)]


def put_points(path: Path, data: Iterable[bytes], **options: object) -> Path:
    """Write a points journal under its right name."""
    writer, number = str(options.get("writer", WRITER)), int(str(options.get("number", 0)))
    file = path / names.points(writer, number)
    file.write_bytes(journal(data, **options))  # type: ignore[arg-type]
    return file


def seal_body(*written: tuple[str, int, int], **changes: object) -> dict[str, object]:
    """A seal record's body that covers (writer, first, last) and has no segments unless given."""
    return {
        "runstore": 1,
        "run": RUN,
        "experiment": "mnist",
        "created": 10**18,
        "segments": [],
        "ranges": [[writer, 1, first, last] for writer, first, last in written],
        "replaces": [],
        "summary": {},
        "merged_facts": None,
        **changes,
    }


def put_seal(path: Path, body: dict[str, object]) -> Path:
    data = documents.render(body)
    file = path / names.seal(hashlib.sha256(data).hexdigest())
    file.write_bytes(data)
    return file
