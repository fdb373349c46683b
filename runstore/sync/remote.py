"""What sending and fetching need of a remote, whichever it is: objects by their content, and pieces that are committed.

An object is bytes under their SHA-256. It counts for nothing until a committed piece names it, so that objects may be
put in any order, any number of times, by anybody. A commit is whole or not at all, and repeated it changes nothing.
Every method may raise ``Unreachable``, after which nobody knows whether it was done: ``sync.retry`` tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from runstore.sync.piece import Piece

CHUNK = 1 << 20  # bytes handed over at once


class Object(NamedTuple):
    """Bytes to put.

    Attributes:
        sha256: their hash.
        size: how many.
        kind: that of the segment (of ``piece.SEGMENTS``) that the object is; empty for any other.
        read: gives them, ``CHUNK`` at a time, from the beginning whenever it is called.
    """

    sha256: str
    size: int
    kind: str
    read: Callable[[], Iterator[bytes]]


class Told(NamedTuple):
    """What a remote tells. ``cursor``: from where to ask on; with another remote's it means nothing."""

    pieces: Iterable[Piece]
    cursor: str


class Remote(Protocol):
    """A workspace elsewhere.

    Attributes:
        id: what identifies it, wherever it is reached: the id (a UUID) of the workspace or the lake there.
        label: what it is called in messages.
    """

    label: str

    @property
    def id(self) -> str:
        """See above; asking for it may raise ``RemoteError`` where it has to be asked for."""
        ...

    def pieces(self, cursor: str = "", runs: Collection[str] | None = None) -> Told:
        """The pieces that were committed.

        Args:
            cursor: only those since then; from the beginning where it is empty or not known.
            runs: only those of these runs (ids; the empty one: of no run).
        """
        ...

    def lacking(self, objects: Collection[Object]) -> set[str]:
        """The hashes of those of these objects that are not there, with that size."""
        ...

    def put(self, one: Object) -> None:
        """Put an object.

        Raises:
            Refused: it is not allowed, or too large.
        """
        ...

    def commit(self, pieces: Sequence[Piece], source: Path | None = None) -> None:
        """Make pieces count; their objects are there.

        Args:
            pieces: what counts from now on. ``object`` and ``at`` say where each lies.
            source: the workspace that they come from, for remotes that tell of runs in tables as well; None where it
                is not at hand.

        Raises:
            Refused: what they say can't be true.
            RemoteConflict: other bytes count in that place.
        """
        ...

    def get(self, piece: Piece) -> Iterator[bytes]:
        """The bytes of a piece. Nothing about them is promised: whoever asks verifies them.

        Raises:
            RemoteError: it is not there.
        """
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...
