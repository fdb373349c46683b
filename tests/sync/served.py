"""What tests of a served workspace share: its tree, objects made of bytes, and what a laptop would send, forged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.format import documents, names
from runstore.sync import push
from runstore.sync.piece import Piece
from runstore.sync.remote import Object, Remote
from tests.sync.fakes import Memory


def tree(workspace: Path) -> dict[str, bytes]:
    """Every file with its bytes, but for locks and what a server keeps for itself."""
    found = {path.relative_to(workspace).as_posix(): path for path in workspace.rglob("*") if path.is_file()}
    own = (f"{names.SERVER}/", f"{names.LOCKS}/")
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(own)}


def thing(data: bytes, kind: str = "") -> Object:
    """An object of these bytes."""
    return Object(hashlib.sha256(data).hexdigest(), len(data), kind, lambda: iter([data] if data else []))


@dataclass(slots=True)
class Shipment:
    """What a laptop would send: pieces, each with its bytes."""

    pieces: list[Piece] = field(default_factory=list)
    data: dict[str, bytes] = field(default_factory=dict)  # by path

    def of(self, kind: str) -> Piece:
        """The first piece of a kind."""
        return next(one for one in self.pieces if one.kind == kind)

    def forge(
        self, kind: str, change: Callable[[bytes], bytes], rename: Callable[[str, bytes], str] | None = None
    ) -> None:
        """Change the bytes of the first piece of a kind, with hashes that are right again."""
        old = self.of(kind)
        data = change(self.data.pop(old.path))
        sha256 = hashlib.sha256(data).hexdigest()
        path = rename(old.path, data) if rename else old.path
        new = old._replace(path=path, size=len(data), sha256=sha256, object=sha256, at=0)
        self.pieces[self.pieces.index(old)] = new
        self.data[path] = data

    def forge_record(self, **changes: Any) -> None:
        """Change a seal record, which is called by its hash."""

        def change(data: bytes) -> bytes:
            return documents.render({**documents.parse(data, ""), **changes})

        self.forge("seal", change, _record_name)

    def put(self, remote: Remote) -> None:
        """Put every object."""
        for data in self.data.values():
            remote.put(thing(data))

    def send(self, remote: Remote) -> None:
        """Put and commit it all."""
        self.put(remote)
        remote.commit(self.pieces)


def _record_name(path: str, data: bytes) -> str:
    return f"{path.rpartition('/')[0]}/{names.seal(hashlib.sha256(data).hexdigest())}"


def shipment(workspace: Path) -> Shipment:
    """All of a workspace, each piece with an object of its own."""
    memory, made = Memory(), Shipment()
    push.push(workspace, memory)
    for piece in memory.log:
        data = b"".join(memory.get(piece)) if piece.size else b""
        made.data[piece.path] = data
        made.pieces.append(piece._replace(object=piece.sha256, at=0))
    return made
