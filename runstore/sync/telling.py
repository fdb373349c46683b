"""What a workspace has, told as pieces; and their bytes, wherever they lie: in files, in packs, in blocks.

A seal record is told without the merged facts that it may name, since facts travel by themselves. A segment in a block
is told as the file that it was, and written anew when it is asked for: where a later Parquet writer gives other bytes,
the run is told with those from then on.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from runstore.disk import files, inventory, wherever
from runstore.disk.inventory import Inventory
from runstore.errors import RemoteError, StoreError, Unreachable
from runstore.format import documents, names
from runstore.query import pieces
from runstore.sync import describe, outgoing
from runstore.sync.describe import Described
from runstore.sync.outgoing import Source
from runstore.sync.piece import SEGMENTS, Piece
from runstore.sync.plan import File, Wanted
from runstore.sync.remote import CHUNK

_REMADE = 4  # runs whose segments are kept after they were written anew
Read = Callable[[], Iterator[bytes]]
Remade = dict[tuple[str, str], Read]  # by path and hash


class Telling:
    """Tells of one workspace. Nothing in it is written to."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._otherwise: set[Path] = set()  # runs whose segments come out of blocks as other bytes
        self._remade: OrderedDict[Path, tuple[tempfile.TemporaryDirectory[str], Remade]] = OrderedDict()
        self._lock = threading.Lock()

    def otherwise(self, run_path: Path) -> bool:
        """Whether a run is told otherwise than its records have it."""
        return run_path in self._otherwise

    def close(self) -> None:
        """Let go of what was written."""
        with self._lock:
            while self._remade:
                self._remade.popitem()[1][0].cleanup()

    # ---- pieces

    def run(self, run_path: Path) -> Iterator[Piece]:
        """All that there is of a run, what is damaged left out."""
        seen = describe.run(self._workspace, run_path)
        if not seen.run.run_id:
            return
        found = inventory.scan(run_path)
        entries = {entry["file"]: entry for _, body in found.active for entry in body["segments"]}
        remade = self._otherwise and run_path in self._otherwise
        for file in [*seen.files, *seen.content]:
            if remade and file.kind in (*SEGMENTS, "seal"):
                continue
            with suppress(StoreError, OSError):  # damaged, or gone since it was listed
                told = self._piece(found, seen, file, entries)
                if told is not None:
                    yield told
        if remade:
            with suppress(StoreError, OSError):
                yield from self._written(run_path)[0]

    def outside(self, known: set[str]) -> Iterator[Piece]:
        """The documents that belong to no run, but for those that are known."""
        for file in describe.outside(self._workspace, known):
            with suppress(OSError):
                data = files.read(self._workspace / file.path)
                yield Piece(file.path, "document", size=len(data), sha256=hashlib.sha256(data).hexdigest())

    def _piece(self, found: Inventory, seen: Described, file: File, entries: dict[str, Any]) -> Piece | None:
        plain = Piece(
            file.path, file.kind, seen.run.run_id, seen.run.experiment, 0, file.size, "", file.spans, file.needs,
            file.rows, file.thinned, file.modified,
        )  # fmt: skip
        if file.kind in SEGMENTS:
            return plain._replace(sha256=entries[file.name]["sha256"]) if file.name in entries else None
        if file.kind == "seal":
            data = record(found.read(found.path / file.name), file.name)
            sha256 = hashlib.sha256(data).hexdigest()
            path = f"{file.path.rpartition('/')[0]}/{names.seal(sha256)}"
            return plain._replace(path=path, size=len(data), sha256=sha256)
        if file.kind == "blob":
            return plain._replace(sha256=file.path.replace("/", "")[len(names.BLOBS) :])
        if not file.size:
            return plain
        digest = hashlib.sha256()
        for chunk in outgoing.chunks(self._workspace / PurePosixPath(file.path), 0, file.size):
            digest.update(chunk)
        return plain._replace(sha256=digest.hexdigest())

    # ---- bytes

    def read(self, piece: Piece) -> Iterator[bytes]:
        """The bytes of a piece, whose path has been found legal.

        Raises:
            RemoteError: they are not there, or told otherwise by now.
        """
        path = self._workspace / PurePosixPath(piece.path)
        if piece.kind in (*SEGMENTS, "seal") and not (path.exists() or wherever.there(path)):
            yield from self._anew(path.parent, piece)
        elif piece.kind == "blob" and not path.exists():
            yield self._packed(piece)
        elif not wherever.there(path):
            raise gone(piece)
        else:
            yield from outgoing.chunks(path, piece.offset, piece.end)

    def _packed(self, piece: Piece) -> bytes:
        """Content that lies in a pack."""
        seen = describe.run(self._workspace, self._workspace / PurePosixPath(names.run_dir(piece.run_id)))
        if piece.path not in seen.packed:
            raise gone(piece)
        return pieces.read(self._workspace, seen.packed[piece.path], seen.run.path)

    def _anew(self, run_path: Path, piece: Piece) -> Iterator[bytes]:
        """A record as it travels, or a segment out of a block."""
        made = self._written(run_path)[1]
        if (piece.path, piece.sha256) not in made:
            self._otherwise.add(run_path)
            raise RemoteError(f"{piece.path}: is told otherwise by now; pull again")
        try:
            yield from made[piece.path, piece.sha256]()
        except FileNotFoundError:  # many runs are asked for at once: others have taken its place meanwhile
            raise Unreachable(f"{piece.path}: too much is asked for at once; try again") from None

    def _written(self, run_path: Path) -> tuple[list[Piece], Remade]:
        """The records and segments of a run as they travel, written anew where they lie in blocks."""
        with self._lock:
            kept = self._remade.pop(run_path, None)
            directory = kept[0] if kept is not None else tempfile.TemporaryDirectory(prefix="runstore-")
            told, made = self._make(run_path, Path(directory.name))
            self._remade[run_path] = directory, made
            while len(self._remade) > _REMADE:
                self._remade.popitem(last=False)[1][0].cleanup()
        return told, made

    def _make(self, run_path: Path, aside: Path) -> tuple[list[Piece], Remade]:
        seen = describe.run(self._workspace, run_path)
        source = Source(
            self._workspace, inventory.scan(run_path), seen.run.run_id, seen.run.experiment, seen.packed, aside
        )
        sealed = sorted((one for one in seen.files if one.kind in (*SEGMENTS, "seal")), key=lambda one: one.kind)
        parcel = outgoing.ready(source, [Wanted(one) for one in sealed])
        told, objects = parcel.bound()
        reads = {one.sha256: one.read for one in objects}
        made: Remade = {}
        for one in told:
            made[one.path, one.sha256] = _within(reads[one.object], one)
        return [one._replace(object="", at=0) for one in told], made


def record(data: bytes, name: str) -> bytes:
    """A seal record as it travels: without the merged facts."""
    body = documents.parse(data, name)
    return data if body["merged_facts"] is None else documents.render({**body, "merged_facts": None})


def gone(piece: Piece) -> RemoteError:
    """What is raised for a piece that is not there."""
    return RemoteError(f"{piece.path}: is not there; it may have been compacted or removed; ask again")


def _within(read: Read, piece: Piece) -> Read:
    def part() -> Iterator[bytes]:
        skip, left = piece.at, piece.size
        for chunk in read():
            taken = chunk[skip : skip + left]
            skip, left = max(0, skip - len(chunk)), left - len(taken)
            for at in range(0, len(taken), CHUNK):
                yield taken[at : at + CHUNK]

    return part
