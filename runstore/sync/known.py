"""What a remote has, as its pieces tell it, put into the ledger; and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from runstore.disk.ledger import Entry, Ledger
from runstore.format import names
from runstore.sync.piece import Piece
from runstore.sync.plan import File, Held, cover


def key(run_id: str) -> str:
    """The 18 digits of a run's directory."""
    return names.run_dir(run_id)[len(names.RUNS) :].replace("/", "")


def held(entry: Entry | None) -> Held:
    """What a remote has of a run."""
    return Held(dict(entry.data), dict(entry.facts), dict(entry.files)) if entry is not None else Held()


def learn(known: Ledger, pieces: Iterable[Piece]) -> set[str]:
    """Note pieces that a remote has told, or that were committed; give the ids of the runs they are of."""
    by_run: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_run.setdefault(piece.run_id, []).append(piece)
    for run_id, own in by_run.items():
        if not run_id:
            known.files.update(reach(own, known.files))
            continue
        entry = known.run(key(run_id))
        have = held(entry)
        sizes = reach(own, have.files)
        for piece in own:
            have.add(piece, sizes[piece.key])
        blobs = {name: size for name, size in have.files.items() if name.startswith(f"{names.BLOBS}/")}
        known.files.update(blobs)
        own_files = {name: size for name, size in have.files.items() if name not in blobs}
        known.note(key(run_id), Entry(entry.signature if entry else "", have.data, have.facts, own_files))
    return {*by_run} - {""}


def reach(pieces: Iterable[Piece], before: Mapping[str, int]) -> dict[str, int]:
    """How far from their beginnings files are there, by key, with these pieces and with what was there before."""
    reached: dict[str, int] = {}
    for piece in sorted(pieces, key=lambda piece: (piece.key, piece.offset)):
        at = reached.get(piece.key, before.get(piece.key, 0))
        reached[piece.key] = max(at, piece.end) if piece.offset <= at else at
    return reached


def assembled(pieces: Iterable[Piece]) -> dict[str, tuple[File, list[Piece]]]:
    """By key, the file that pieces make up as far as they reach, and those of them that it takes, in order."""
    by_key: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_key.setdefault(piece.key, []).append(piece)
    return {name: _assembled(own) for name, own in sorted(by_key.items())}


def _assembled(pieces: list[Piece]) -> tuple[File, list[Piece]]:
    """Of pieces that begin in the same place the longest counts."""
    at, taken, covered = 0, list[Piece](), dict[str, list[tuple[int, int]]]()
    for piece in sorted(pieces, key=lambda piece: (piece.offset, -piece.end)):
        if piece.offset <= at and (piece.end > at or not taken):
            taken.append(piece)
            at = max(at, piece.end)
            cover(covered, piece.spans)
    last = taken[-1] if taken else pieces[0]
    spans = tuple((writer, a, b) for writer, found in sorted(covered.items()) for a, b in found)
    version = last.key[len(last.path) + 1 :]
    return File(last.path, last.kind, at, spans, last.needs, last.rows, last.thinned, last.modified, version), taken


def run_path(workspace: Path, run_id: str) -> Path:
    """A run's directory."""
    return workspace / PurePosixPath(names.run_dir(run_id))
