"""A remote in memory, as unreliable as a test wants it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from runstore.errors import RemoteError, Unreachable
from runstore.sync.piece import Piece
from runstore.sync.remote import Object, Told
from runstore.sync.retry import Patience

ONCE = Patience(total=0.0)  # never again


class Memory:
    """Keeps what it is given. ``fault`` is asked before and after everything it does: it may raise."""

    def __init__(self, remote_id: str = "11111111-2222-4333-8444-555555555555") -> None:
        self.id, self.label = remote_id, "memory"
        self.objects: dict[str, bytes] = {}
        self.log: list[Piece] = []
        self.asked: list[str] = []
        self.put_bytes = 0
        self.fault: Callable[[str], None] = lambda what: None

    def _at(self, what: str) -> None:
        self.asked.append(what)
        self.fault(what)

    def pieces(self, cursor: str = "", runs: Collection[str] | None = None) -> Told:
        self._at("pieces")
        told = self.log[int(cursor or 0) :]
        return Told([one for one in told if runs is None or one.run_id in runs], str(len(self.log)))

    def lacking(self, objects: Collection[Object]) -> set[str]:
        self._at("lacking")
        return {one.sha256 for one in objects if len(self.objects.get(one.sha256, b"x")) != one.size or not one.size}

    def put(self, one: Object) -> None:
        self._at("put")
        data = b"".join(one.read())
        assert len(data) == one.size
        self.put_bytes += len(data)
        self.objects[one.sha256] = data
        self._at("has put")

    def commit(self, pieces: Sequence[Piece], source: Path | None = None) -> None:
        self._at("commit")
        for piece in pieces:
            assert not piece.size or piece.at + piece.size <= len(self.objects[piece.object])
            known = [one for one in self.log if (one.key, one.offset, one.end) == (piece.key, piece.offset, piece.end)]
            if not known:
                self.log.append(piece)
        self._at("has committed")

    def get(self, piece: Piece) -> Iterator[bytes]:
        self._at("get")
        if piece.object not in self.objects:
            raise RemoteError(f"no object {piece.object}")
        data = self.objects[piece.object][piece.at : piece.at + piece.size]
        for at in range(0, len(data), 1000):
            yield data[at : at + 1000]

    def close(self) -> None:
        pass


def failing(number: int) -> Callable[[str], None]:
    """Every ``number``th thing fails once, and nobody knows whether it was done."""
    count = 0

    def fault(what: str) -> None:
        nonlocal count
        count += 1
        if count % number == 0:
            raise Unreachable("the line was cut")

    return fault
