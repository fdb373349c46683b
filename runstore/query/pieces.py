"""From what a fact says about content to its bytes, verified: in a pack, in what replaced the pack, loose, elsewhere.

A *piece* is what facts, manifests and models say: ``sha256``, ``size``, ``pack``, and ``reference`` where the bytes
stayed outside the workspace.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

from runstore.disk import files, pack, wherever
from runstore.errors import Damaged, NotWritable, StoreError
from runstore.format import names
from runstore.runs import state, tombstones

_PIECE = 1 << 20
_HOPS = 32  # how often a pack may have been replaced


class Place(NamedTuple):
    """A file and the offset of the first byte in it."""

    path: Path
    offset: int

    @property
    def packed(self) -> bool:
        """Whether the file is a pack; else it is a blob, or outside the workspace."""
        return self.path.suffix == ".pack"


def read(workspace: Path, piece: Mapping[str, Any], run_path: Path | None = None) -> bytes:
    """The bytes.

    Args:
        workspace: the workspace's directory.
        piece: see above.
        run_path: the run whose fact it is, where ``pack`` may name one of its own.

    Raises:
        StoreError: they are not there.
        Damaged: they are not what was stored.
    """
    with _opened(workspace, piece, run_path) as (file, where):
        data = file.read(piece["size"])
        more = bool(piece.get("reference") and file.read(1))
    _verify(hashlib.sha256(data).hexdigest() if not more else "", piece, where)
    return data


def verify(workspace: Path, piece: Mapping[str, Any], run_path: Path | None = None) -> None:
    """Read the bytes and keep nothing.

    Raises:
        StoreError, Damaged: as ``read``.
    """
    with _opened(workspace, piece, run_path) as (source, where):
        _verify(_poured(source, piece, lambda data: None), piece, where)


def copy(workspace: Path, piece: Mapping[str, Any], target: Path, run_path: Path | None = None) -> None:
    """Write the bytes to a file outside the workspace, in place of what lies there, once they are verified.

    Raises:
        StoreError, Damaged: as ``read``; what lay there stays.
        NotWritable: the file can't be written.
    """
    temporary = target.with_name(names.temporary(target.name, os.urandom(4).hex()))
    with _opened(workspace, piece, run_path) as (source, where):
        try:
            files.make_dirs(target.parent)
            fd = files.create(temporary)
            try:
                digest = _poured(source, piece, functools.partial(files.write_all, fd))
            finally:
                files.close(fd)
            _verify(digest, piece, where)
            os.replace(temporary, target)
        except StoreError:
            raise
        except OSError as problem:
            raise NotWritable(f"{target}: can't be written ({problem.strerror}); name another path") from None
        finally:
            with suppress(OSError):
                files.unlink(temporary)


def locate(workspace: Path, piece: Mapping[str, Any], run_path: Path | None = None) -> Place:
    """Where the bytes lie; nothing there is looked at."""
    place = first(workspace, piece, run_path)
    return place if not piece["pack"] or wherever.there(place.path) else replaced(workspace, place, piece)


def first(workspace: Path, piece: Mapping[str, Any], run_path: Path | None = None) -> Place:
    """Where the bytes were put, whatever became of them."""
    if piece.get("reference"):
        from urllib.request import url2pathname  # loads HTTP and TLS

        return Place(Path(url2pathname(urlsplit(piece["reference"]).path)), 0)
    if not piece["pack"]:
        return Place(workspace / names.blob(piece["sha256"]), 0)
    number, offset, *owner = piece["pack"]
    writer = owner[0] if owner else piece["writer"]
    directory = workspace / names.run_dir(owner[1]) if owner else run_path
    assert directory is not None, "a piece in a pack of its own run needs the run"
    return Place(directory / names.pack(writer, number), offset)


Repacked = Mapping[tuple[str, int], Sequence[Mapping[str, Any]]]


def _folded(run_path: Path) -> Repacked:
    return state.fold(run_path).repacked


def replaced(
    workspace: Path, place: Place, piece: Mapping[str, Any], repacked: Callable[[Path], Repacked] = _folded
) -> Place:
    """Where a piece went when its pack was replaced; the place itself if it wasn't, or the piece was left behind.

    Args:
        workspace: the workspace's directory.
        place: where it was put.
        piece: what it is.
        repacked: the ``repacked`` facts of a run's directory, by writer and number of the old pack.
    """
    return _moved(workspace, place, piece, repacked, _HOPS) or _loose(workspace, place, piece) or place


def _loose(workspace: Path, place: Place, piece: Mapping[str, Any]) -> Place | None:
    """A blob of the same content where the pack isn't there: of a run that was removed, or not exported.

    What a block still has of a removed run is about to go.
    """
    if place.path.exists() or (wherever.there(place.path) and not tombstones.there(place.path.parent)):
        return None
    blob = workspace / names.blob(piece["sha256"])
    return Place(blob, 0) if blob.exists() else None


def _moved(
    workspace: Path, place: Place, piece: Mapping[str, Any], repacked: Callable[[Path], Repacked], hops: int
) -> Place | None:
    name = names.parse(place.path.name)
    if name is None or not hops:
        return None
    for body in reversed(repacked(place.path.parent).get((name.writer, name.number), ())):
        there, into = body["elsewhere"].get(piece["sha256"]), body["into"]
        if there is None and into is None:
            continue
        if there is not None:
            target: Place | None = first(workspace, {**piece, "pack": there})
        else:
            target = _within(place.path.with_name(names.pack(str(into["writer"]), int(into["number"]))), piece)
        if target is None:
            continue
        further = _moved(workspace, target, piece, repacked, hops - 1)
        if further is not None or wherever.there(target.path):
            return further or target
    return None


def _within(path: Path, piece: Mapping[str, Any]) -> Place | None:
    """Where a piece is in the pack that replaced another; None where it isn't. What is gone may have had it."""
    if not wherever.there(path):
        return Place(path, 0)
    offset = contents(path).get(piece["sha256"])
    return None if offset is None else Place(path, offset)


@functools.lru_cache(maxsize=4)
def contents(path: Path) -> dict[str, int]:
    """The offset of each piece in a pack that was published whole, by hash."""
    return {blob.sha256: blob.offset for blob in pack.frames(path)}


def wrong(workspace: Path, piece: Mapping[str, Any], run_path: Path | None = None) -> str:
    """What is wrong with where the bytes should be; empty where a piece of that hash and size is there.

    The bytes themselves are not read.
    """
    place = locate(workspace, piece, run_path)
    try:
        if piece["pack"] and place.packed:
            there = pack.has(place.path, place.offset, piece["size"], piece["sha256"])
        else:
            with files.opened(place.path) as file:
                there = files.size(file.fileno()) == piece["size"]
    except FileNotFoundError:
        return "missing"
    except Damaged:
        return "lies in a block that is damaged"
    except OSError as problem:
        return f"can't be read ({problem.strerror})"
    return "" if there else f"has not the {piece['size']} bytes recorded"


@contextmanager
def _opened(workspace: Path, piece: Mapping[str, Any], run_path: Path | None) -> Iterator[tuple[IO[bytes], str]]:
    place = locate(workspace, piece, run_path)
    label = f"artifact {piece['name']!r}" if "name" in piece else f"content {piece['sha256'][:12]}"
    where = f"{place.path}: {label}"
    try:
        with wherever.opened(place.path) as window:
            window.file.seek(window.start + place.offset)
            yield window.file, where
    except FileNotFoundError:
        what = "is gone from there; put it back" if piece.get("reference") else "is missing; run `check`"
        raise StoreError(f"{where} {what}") from None
    except StoreError:
        raise
    except OSError as problem:
        raise StoreError(f"{where} can't be read ({problem.strerror}); mend that first") from None


def _poured(source: IO[bytes], piece: Mapping[str, Any], take: Callable[[bytes], None]) -> str:
    """Give the piece's bytes, or all that a reference has, bit by bit; return their hash."""
    digest, left = hashlib.sha256(), int(piece["size"]) + bool(piece.get("reference"))
    while left and (data := source.read(min(left, _PIECE))):
        take(data)
        digest.update(data)
        left -= len(data)
    return digest.hexdigest()


def _verify(digest: str, piece: Mapping[str, Any], where: str) -> None:
    if digest != piece["sha256"]:
        what = "has changed since it was recorded" if piece.get("reference") else "does not match its SHA-256"
        raise Damaged(f"{where} {what}; restore it from a copy")
