"""What a plan wants, made ready to be put: small bytes together in one object, large ones each as its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.disk import files, segment, wherever
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged
from runstore.format import documents, names
from runstore.query import pieces, thawing
from runstore.sync.choice import SIDE
from runstore.sync.piece import SEGMENTS, Piece
from runstore.sync.plan import File, Wanted
from runstore.sync.remote import CHUNK, Object

SMALL = 256 << 10  # bytes up to which they are put together
Read = Callable[[], Iterator[bytes]]


@dataclass(slots=True)
class Parcel:
    """What goes in one commit.

    ``objects``: those that are put as they are; ``small``: bytes that go together in one more. ``pieces`` of small
    bytes have no object yet: ``bound`` tells it.
    """

    pieces: list[Piece] = field(default_factory=list)
    objects: list[Object] = field(default_factory=list)
    small: bytearray = field(default_factory=bytearray)

    @property
    def size(self) -> int:
        """Bytes to put."""
        return len(self.small) + sum(one.size for one in self.objects)

    def add(self, piece: Piece, data: bytes) -> None:
        """Take bytes that are in memory."""
        sha256 = hashlib.sha256(data).hexdigest()
        self.pieces.append(piece._replace(size=len(data), sha256=sha256, at=len(self.small)))
        self.small += data

    def add_large(self, piece: Piece, size: int, read: Read) -> None:
        """Take bytes that are read once now, to know their hash, and again when they are put."""
        digest, seen = hashlib.sha256(), 0
        for chunk in read():
            digest.update(chunk)
            seen += len(chunk)
        if seen != size:
            raise Damaged(f"{piece.path}: {seen:,} bytes where {size:,} were to be; run `check`")
        sha256 = digest.hexdigest()
        self.pieces.append(piece._replace(size=size, sha256=sha256, object=sha256))
        self.objects.append(Object(sha256, size, piece.kind if piece.kind in SEGMENTS else "", read))

    def take(self, other: Parcel) -> None:
        """Take what another parcel has."""
        moved = (one if one.object else one._replace(at=one.at + len(self.small)) for one in other.pieces)
        self.pieces += moved
        self.objects += other.objects
        self.small += other.small

    def bound(self) -> tuple[list[Piece], list[Object]]:
        """All pieces and all objects, the small bytes among them."""
        if not self.small:
            return [one if one.object or one.size else one._replace(object="") for one in self.pieces], self.objects
        data = bytes(self.small)
        sha256 = hashlib.sha256(data).hexdigest()
        pieces = [one if one.object else one._replace(object=sha256) for one in self.pieces]
        return pieces, [Object(sha256, len(data), "", lambda: iter([data])), *self.objects]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the files of a run are read from. ``aside``: a directory for what has to be written first."""

    workspace: Path
    found: Inventory
    run_id: str
    experiment: str
    packed: Mapping[str, Mapping[str, Any]]
    aside: Path

    def piece(self, file: File, start: int = 0) -> Piece:
        """A piece of a file, without its hash."""
        return Piece(
            file.path, file.kind, self.run_id, self.experiment, start, file.size - start, "", file.spans, file.needs,
            file.rows, file.thinned, file.modified,
        )  # fmt: skip


def ready(source: Source, wanted: list[Wanted]) -> Parcel:
    """What is wanted of a run, read and hashed.

    Raises:
        Damaged: something is not as it was written.
        StoreError, OSError: it can't be read.
    """
    parcel = Parcel()
    segments = {one.file.name: one.file for one in wanted if one.file.kind in SEGMENTS}
    for one in wanted:
        if one.file.kind == "seal":
            _record(parcel, source, one, segments)
        elif one.file.kind not in SEGMENTS:
            _plain(parcel, source, one)
    return parcel


def _plain(parcel: Parcel, source: Source, one: Wanted) -> None:
    file, piece = one.file, source.piece(one.file, one.start)
    if file.path in source.packed:
        parcel.add(piece, pieces.read(source.workspace, source.packed[file.path], source.found.path))
        return
    path = source.workspace / file.path
    if file.kind in ("facts", "end", "document") or piece.size <= SMALL:
        parcel.add(piece, _bytes(source, path, file)[one.start : file.size])
    else:
        parcel.add_large(piece, piece.size, lambda: chunks(path, one.start, file.size))


def _bytes(source: Source, path: Path, file: File) -> bytes:
    if file.kind == "lock":
        return b""
    if path.parent == source.found.path:
        return source.found.read(path) if file.kind not in ("log", "pack") else b"".join(chunks(path, 0, file.size))
    return files.read(path)


def chunks(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes [start, end) of a file, wherever it lies."""
    with wherever.opened(path) as window:
        for at in range(start, end, CHUNK):
            yield window.read(at, min(at + CHUNK, end))


# ---- sealed


def _record(parcel: Parcel, source: Source, one: Wanted, segments: Mapping[str, File]) -> None:
    """A seal record with those of its segments that are lacking; cut, or named anew, where it has to be."""
    if one.lacking:
        _cut(parcel, source, one)
        return
    own = source.found.read(source.found.path / one.file.name)
    body = documents.parse(own, one.file.path)
    told = _meant(body, one.file)
    told["segments"] = [_segment(parcel, source, entry, segments.get(entry["file"])) for entry in told["segments"]]
    told["merged_facts"] = None  # facts travel by themselves
    if told == body:
        parcel.add(source.piece(one.file), own)
        return
    data = documents.render(told)
    path = f"{one.file.path.rpartition('/')[0]}/{names.seal(hashlib.sha256(data).hexdigest())}"
    needs = tuple(sorted(entry["file"] for entry in told["segments"]))
    parcel.add(source.piece(one.file._replace(path=path, size=len(data), needs=needs)), data)


def _meant(body: Mapping[str, Any], file: File) -> dict[str, Any]:
    """A record of only those writers that are meant: all, or only themselves, or only their sides."""
    writers, sides = {writer for writer, _, _ in file.spans}, {True, False}
    if file.spans:
        sides = {writer != names.owner(writer) for writer in writers}
    segments = [entry for entry in body["segments"] if (entry["kind"] in SIDE) in sides]
    spans = [span for span in body["ranges"] if (span[0] != names.owner(span[0])) in sides]
    return {**body, "segments": segments, "ranges": spans, "summary": body["summary"] if False in sides else {}}


def _segment(parcel: Parcel, source: Source, entry: dict[str, Any], file: File | None) -> dict[str, Any]:
    """Take a segment, if it is lacking, out of a block as the file that it was; give what the record says of it."""
    if file is None:
        return entry
    path = source.workspace / file.path
    if file.name not in source.found.live:
        entry = thawing.written(source.found, file.name, source.aside)
        path = source.aside / entry["file"]
    _sealed(parcel, source, file, path, entry)
    return entry


def _sealed(parcel: Parcel, source: Source, file: File, path: Path, entry: Mapping[str, Any]) -> None:
    segment.verify(path, dict(entry))
    where = f"{file.path.rpartition('/')[0]}/{entry['file']}"
    told = file._replace(path=where, size=entry["size"], rows=entry["rows"])
    size, sha256 = entry["size"], entry["sha256"]
    piece = source.piece(told)._replace(sha256=sha256, object=sha256)
    parcel.pieces.append(piece)
    parcel.objects.append(Object(sha256, size, file.kind, lambda: chunks(path, 0, size)))


def _cut(parcel: Parcel, source: Source, one: Wanted) -> None:
    from runstore.sync import slicing

    aside = source.aside / one.file.name
    aside.mkdir(parents=True)
    name = slicing.cut(source.found, one.file.name, one.lacking, aside)
    data = files.read(aside / name)
    body, folder = documents.parse(data, name), one.file.path.rpartition("/")[0]
    for entry in body["segments"]:
        file = File(f"{folder}/{entry['file']}", entry["kind"], entry["size"], one.lacking, (), entry["rows"])
        _sealed(parcel, source, file, aside / entry["file"], entry)
    needs = tuple(sorted(entry["file"] for entry in body["segments"]))
    parcel.add(source.piece(File(f"{folder}/{name}", "seal", len(data), one.lacking, needs)), data)
