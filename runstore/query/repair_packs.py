"""Content: what is whole of a damaged pack goes into another pack, what lies elsewhere too is found there.

A damaged blob is replaced by the same bytes out of a pack, if there are any.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from runstore.disk import files, inventory, pack, wherever
from runstore.disk.pack import Blob
from runstore.errors import Damaged
from runstore.format import names
from runstore.query.promises import Promises
from runstore.query.repair_work import Work
from runstore.runs import edits, state

_BEGIN = b'{"sha256":"'


class Spot(NamedTuple):
    """A verified piece in a pack."""

    path: Path
    blob: Blob

    def read(self) -> bytes:
        """Its bytes, verified."""
        return pack.read(self.path, self.blob.offset, self.blob.size, self.blob.sha256)


class Copies:
    """Where else in the workspace the same bytes lie."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace

    def blob(self, sha256: str) -> bool:
        """Whether there is an undamaged blob of it."""
        path = self._workspace / names.blob(sha256)
        return path.exists() and files.sha256(path) == sha256

    def packed(self, sha256: str, without: Path | None = None) -> Spot | None:
        """An undamaged piece of it in a pack."""
        for spot in self._packed.get(sha256, ()):
            if spot.path == without:
                continue
            try:
                spot.read()
            except (Damaged, FileNotFoundError):
                continue
            return spot
        return None

    @functools.cached_property
    def _packed(self) -> dict[str, list[Spot]]:
        """What lies in packs, by hash; read where something is lost, which is rare."""
        found: dict[str, list[Spot]] = {}
        for run_path in wherever.runs(self._workspace):
            there = inventory.scan(run_path)
            for path in there.packs:
                with suppress(Damaged, FileNotFoundError):
                    for blob in pieces(there.read(path)):
                        found.setdefault(blob.sha256, []).append(Spot(path, blob))
        return found


def _packs(run_path: Path) -> Iterator[Path]:
    for name in files.names_in(run_path):
        parsed = names.parse(name) if name.startswith("k-") else None
        if parsed is not None and parsed.kind == "pack":
            yield run_path / name


def pieces(data: bytes) -> Iterator[Blob]:
    """Every undamaged piece of a pack, wherever the damage is."""
    at = 0
    while at >= 0:
        blob = pack.framed(data[at : data.find(b"\n", at) + 1], at)
        end = blob.offset + blob.size if blob else 0
        if blob and data[end : end + 1] == b"\n" and hashlib.sha256(data[blob.offset : end]).hexdigest() == blob.sha256:
            yield blob
            at = end + 1 if end + 1 < len(data) else -1
        else:
            at = data.find(_BEGIN, at + 1)


def repair(work: Work, copies: Copies) -> None:
    """Publish what is whole of damaged and missing packs, and record where it is now."""
    told = Promises(work.path)
    known = state.fold(work.path).repacked
    for key in sorted({*told.packs, *(_key(path) for path in _packs(work.path))}):
        path = work.path / names.pack(*key)
        if path.name not in work.damaged or (not path.exists() and key in known):
            continue
        data = files.read(path) if path.exists() else b""
        whole = list(pieces(data))
        into = _published(work, data, whole)
        wanted = {one.sha256 for one in told.artifacts if _lies(one, key)} | _named(data)
        elsewhere = _elsewhere(copies, wanted - {blob.sha256 for blob in whole}, path)
        body = {"writer": key[0], "number": key[1], "into": into, "elsewhere": elsewhere}
        if body not in known.get(key, []):
            edits.record(work.workspace, work.origin.run_id, work.origin.experiment, [("repacked", body)])
        if path.exists():
            work.aside[path] = "a damaged pack"
        if whole or elsewhere:
            work.save(path.name, f"{len(whole) + len(elsewhere)} of its pieces of content")


def _key(path: Path) -> tuple[str, int]:
    name = names.parse(path.name)
    assert name is not None
    return name.writer, name.number


def _lies(one: Any, key: tuple[str, int]) -> bool:
    return bool(one.pack) and len(one.pack) == 2 and (one.writer, one.pack[0]) == key


def _named(data: bytes) -> set[str]:
    """The hashes in the lines before pieces, also of those that are damaged."""
    found, at = set(), data.find(_BEGIN)
    while at >= 0:
        text = data[at + len(_BEGIN) : at + len(_BEGIN) + 64].decode("latin-1")
        found |= {text} if names.is_sha256(text) else set()
        at = data.find(_BEGIN, at + 1)
    return found


def _published(work: Work, data: bytes, whole: list[Blob]) -> dict[str, Any] | None:
    """Publish the undamaged pieces as a pack whose writer's id follows from them."""
    content = [data[blob.offset : blob.offset + blob.size] for blob in whole]
    new = b"".join(pack.frame(blob.sha256, blob.size) + one + b"\n" for blob, one in zip(whole, content, strict=True))
    if not new:
        return None
    digest = hashlib.sha256(new).hexdigest()
    files.publish(work.path, names.pack(digest[:16], 0), new)
    return {"writer": digest[:16], "number": 0, "size": len(new), "sha256": digest}


def _elsewhere(copies: Copies, wanted: set[str], without: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for sha256 in sorted(wanted):
        spot = None if copies.blob(sha256) else copies.packed(sha256, without)
        if spot is not None:
            writer, number = _key(spot.path)
            found[sha256] = [number, spot.blob.offset, writer, state.fold(spot.path.parent).run_id]
    return found


def blob(workspace: Path, path: Path, copies: Copies) -> bool:
    """Publish a missing blob again out of a pack; whether that could be done."""
    spot = copies.packed(path.parent.name + path.name)
    if spot is None:
        return False
    files.make_dirs(path.parent, durable=True)
    files.publish(path.parent, path.name, spot.read())
    return True
