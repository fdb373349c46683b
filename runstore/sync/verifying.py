"""Whether a remote really has what it says: everything that is here, number for number, and its bytes, read back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from runstore.disk import wherever
from runstore.errors import RemoteError, Unreachable
from runstore.runs import tombstones
from runstore.sync import describe, known
from runstore.sync.choice import EVERYTHING, Choice
from runstore.sync.piece import Piece
from runstore.sync.plan import Held, plan
from runstore.sync.remote import Remote
from runstore.sync.retry import PATIENT, Patience, retry

Progress = Callable[[int, int], None]
Spend = Callable[[int], None]


@dataclass(slots=True)
class Verified:
    """What was read back. ``wrong``: a run (or a file of none), and what is not as it is here or was sent."""

    runs: int = 0
    bytes: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)


def verify(
    workspace: Path,
    remote: Remote,
    choice: Choice = EVERYTHING,
    *,
    jobs: int = 4,
    spend: Spend | None = None,
    progress: Progress | None = None,
    patience: Patience = PATIENT,
) -> Verified:
    """Compare what is here with what the remote tells, and the hashes of its pieces with bytes that are read back.

    Args:
        workspace: the workspace's directory.
        remote: which one.
        choice: only that.
        jobs: pieces on their way at once.
        spend: called with the bytes of each chunk; may wait.
        progress: called with (bytes read, bytes there are).
        patience: how long what can't be reached is tried again.

    Raises:
        RemoteError: it can't be asked.
    """
    told = retry(lambda: [*remote.pieces().pieces], patience)
    done, of_run = Verified(), dict[str, list[Piece]]()
    for piece in told:
        of_run.setdefault(piece.run_id, []).append(piece)
    meant = [*_lacking(workspace, choice, of_run, done)]
    total = sum(piece.size for piece in meant)

    def read(piece: Piece) -> tuple[Piece, str]:
        return piece, _wrong(remote, piece, spend, patience)

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        for piece, why in pool.map(read, meant):
            done.bytes += piece.size
            if why:
                done.wrong.append((piece.run_id or piece.path, why))
            if progress is not None:
                progress(done.bytes, total)
    return done


def _lacking(workspace: Path, choice: Choice, told: dict[str, list[Piece]], done: Verified) -> Iterator[Piece]:
    """The pieces of what is meant; what is here and the remote doesn't tell of is noted."""
    outside = told.get("", [])
    if choice.all_runs:
        yield from outside
    there = known.reach([piece for own in told.values() for piece in own if piece.kind == "blob"], {})
    for run_path in wherever.runs(workspace):
        if tombstones.there(run_path):
            continue
        seen = describe.run(workspace, run_path)
        run_id = seen.run.run_id
        if not run_id or not choice.run(run_id, seen.run.experiment):
            continue
        done.runs += 1
        have, own = Held(files=dict(there)), told.get(run_id, [])
        sizes = known.reach(own, {})
        for piece in own:
            have.add(piece, sizes[piece.key])
        left = plan(choice.files([*seen.files, *seen.content]), have)
        if left:
            names = ", ".join(one.file.name for one in left[:3]) + (", ..." if len(left) > 3 else "")
            done.wrong.append((run_id, f"the remote lacks {len(left)} of its files: {names}; sync again"))
        yield from own


def _wrong(remote: Remote, piece: Piece, spend: Spend | None, patience: Patience) -> str:
    """What is wrong with a piece, read back; nothing where all is well."""
    if not piece.size:
        return ""
    try:
        seen, sha256 = retry(lambda: _digest(remote, piece, spend), patience)
    except Unreachable:
        raise
    except RemoteError as problem:
        return f"{piece.path}: {problem}"
    if seen != piece.size or sha256 != piece.sha256:
        return f"{piece.path}: the bytes there are not those that were sent; keep what is here, and use another remote"
    return ""


def _digest(remote: Remote, piece: Piece, spend: Spend | None) -> tuple[int, str]:
    digest, seen = hashlib.sha256(), 0
    for chunk in remote.get(piece):
        seen += len(chunk)
        if seen > piece.size:
            break
        if spend is not None:
            spend(len(chunk))
        digest.update(chunk)
    return seen, digest.hexdigest()
