"""Whether a piece that a remote tells of, or somebody sends, can be what it says. Nothing of it is trusted.

A path is only ever one that this format has, built again from what the piece says and compared: what is not exactly
that never comes near a file system.
"""

from __future__ import annotations

import re

from runstore.errors import Refused
from runstore.format import names
from runstore.sync.piece import KINDS, SEGMENTS, Piece

LONGEST = 1 << 46  # bytes of a file
_PARSED = {one: {one} for one in ("pack", "log", "end", "lock", "seal")} | {"facts": {"facts", "merged"}}
_DOCUMENT = re.compile(
    r"experiments/[0-9a-f]{24}(-e[0-9]{20}-[0-9a-f]{8})?\.json|tombstones/[0-9a-f]{18}\.json"
    r"|models/[0-9a-f]{24}/(v[1-9][0-9]{0,9}|e-[0-9]{20}-[0-9a-f]{8})\.json"
    r"|environments/[0-9a-f]{24}/v[1-9][0-9]{0,9}\.json"
)
_WHOLE = (*SEGMENTS, "seal", "end", "blob", "document")  # never more than one piece


def check(piece: Piece) -> Piece:
    """Give it back.

    Raises:
        Refused: no file of a workspace is called so, or what is said of it contradicts itself.
    """
    why = _wrong(piece)
    if why:
        raise Refused(f"{piece.path[:200]!r}: {why}; nothing was taken")
    return piece


def _wrong(piece: Piece) -> str:
    if piece.kind not in KINDS:
        return "of no kind that travels"
    if piece.end > LONGEST or piece.at > LONGEST or piece.modified >= 1 << 63 or piece.time >= 1 << 63:
        return "larger than anything can be"
    if piece.size and not (names.is_sha256(piece.sha256) and (not piece.object or names.is_sha256(piece.object))):
        return "without a SHA-256"
    if piece.offset and piece.kind in _WHOLE:
        return "a part of what is only ever whole"
    if piece.kind == "lock" and piece.end:
        return "a lock that holds something"
    if any(last >= 1 << 63 for _, _, last in piece.spans):
        return "numbers that no writer counts to"
    return _misplaced(piece)


def _misplaced(piece: Piece) -> str:
    """Whether its path is not where such a file lies."""
    folder, _, name = piece.path.rpartition("/")
    if piece.kind == "blob":
        return "" if piece.path == names.blob(piece.sha256) else "not the place of that content"
    if piece.kind == "document":
        return "" if _DOCUMENT.fullmatch(piece.path) else "not the place of a document"
    if not piece.run_id or folder != names.run_dir(piece.run_id):
        return "not in its run's directory"
    parsed = names.parse(name)
    if piece.kind in SEGMENTS:
        right = parsed is not None and parsed.kind == "segment" and parsed.segment_kind == piece.kind
        return "" if right and name == names.segment(piece.kind, piece.sha256) else "not the name of that segment"
    if parsed is None or parsed.kind not in _PARSED[piece.kind]:
        return "not the name of such a file"
    if piece.kind == "seal":
        return "" if name == names.seal(piece.sha256) else "not the name of that record"
    return ""
