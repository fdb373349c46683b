"""What travels: pieces of the files of a workspace, each with its hash and with what its file tells of.

A remote is a set of pieces to which more are added. A file is put together again from those of its path, in the order
of their offsets: an immutable file is one piece, one that is only ever appended to (a raw log, the facts of a run that
goes on) may be several.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

SEGMENTS = ("points", "rows", "system", "logs")
"""The kinds that are Parquet files of rows, as ``format.schemas`` names them."""

KINDS = (*SEGMENTS, "seal", "facts", "pack", "log", "end", "lock", "blob", "document")
"""The kinds of files that travel: those, seal records, facts journals (merged ones too), packs, raw logs, end files,
liveness locks of writers that are dead by proof (they are empty), loose artifacts, documents outside of runs."""

Span = tuple[str, int, int]  # writer, first and last number


class Piece(NamedTuple):
    """Bytes of a file of a workspace, as a remote tells of them.

    Attributes:
        path: the file, relative to the workspace, with ``/``.
        kind: one of ``KINDS``.
        run_id: whose file it is; empty for one that belongs to no run.
        experiment: the run's.
        offset: where in the file they lie.
        size: how many they are.
        sha256: their hash.
        spans: the numbers that the file, as far as this piece goes, tells of: of points and rows for segments and seal
            records, of facts for facts journals.
        needs: the files that a seal record names, by their names in the run's directory.
        rows: of a segment.
        thinned: a seal record after thinning: it counts before what it covers.
        modified: nanoseconds; of raw logs and locks, whose time means something.
        object: the SHA-256 of the object in which the remote keeps them.
        at: where in that object they begin.
        pusher: the id of the workspace that sent them.
        time: when, in nanoseconds, by its clock.
    """

    path: str
    kind: str
    run_id: str = ""
    experiment: str = ""
    offset: int = 0
    size: int = 0
    sha256: str = ""
    spans: tuple[Span, ...] = ()
    needs: tuple[str, ...] = ()
    rows: int = 0
    thinned: bool = False
    modified: int = 0
    object: str = ""
    at: int = 0
    pusher: str = ""
    time: int = 0

    @property
    def end(self) -> int:
        """Where in the file the bytes end."""
        return self.offset + self.size

    @property
    def key(self) -> str:
        """What is the same for pieces of one file, and for no others: see ``key``."""
        if self.kind == "facts":
            return key(self.path, self.spans[0][0] if self.spans else "")
        return key(self.path, self.sha256[:16] if self.kind in VERSIONED else "")


VERSIONED = ("end", "document")  # small, and other bytes elsewhere


def key(path: str, version: str) -> str:
    """What identifies a file. Two workspaces may have different ones under one path.

    ``version``: the writer whose facts begin a facts journal, for both may have begun the same attempt; the beginning
    of the SHA-256 of what is ``VERSIONED``; nothing for all other files, whose names are their own.
    """
    return f"{path}#{version}" if version else path


def dump(piece: Piece) -> dict[str, Any]:
    """As plain JSON: only what is not as it is by default."""
    return {name: value for name, value in piece._asdict().items() if value != _DEFAULTS.get(name)}


def load(told: dict[str, Any]) -> Piece:
    """Out of plain JSON, of which nothing is trusted.

    Raises:
        ValueError: it does not describe a piece.
    """
    if not isinstance(told, dict) or not told.keys() >= _NEEDED or not told.keys() <= {*Piece._fields}:
        raise ValueError("not the fields of a piece")
    for name, value in told.items():
        if name not in ("spans", "needs") and type(value) is not _TYPES[name]:
            raise ValueError(f"{name}: not of type {_TYPES[name].__name__}")
    if any(told.get(name, 0) < 0 for name in ("offset", "size", "rows", "at", "modified", "time")):
        raise ValueError("a negative number")
    spans, needs = tuple(map(_span, _list(told, "spans"))), tuple(_list(told, "needs"))
    if not all(type(one) is str for one in needs):
        raise ValueError("needs: not a list of names")
    return Piece(**{**told, "spans": spans, "needs": needs})


_DEFAULTS = {**Piece._field_defaults}
_NEEDED = {"path", "kind"}
_TYPES: dict[str, type] = {
    "path": str, "kind": str, "run_id": str, "experiment": str, "offset": int, "size": int, "sha256": str, "rows": int,
    "thinned": bool, "modified": int, "object": str, "at": int, "pusher": str, "time": int,
}  # fmt: skip


def _list(told: dict[str, Any], name: str) -> Iterable[Any]:
    given = told.get(name, ())
    if not isinstance(given, list | tuple):
        raise ValueError(f"{name}: not a list")
    return given


def _span(told: Any) -> Span:
    if (
        not isinstance(told, list | tuple)
        or [type(one) for one in told] != [str, int, int]
        or not 0 <= told[1] <= told[2]
    ):
        raise ValueError("spans: not writer, first and last number")
    return told[0], told[1], told[2]
