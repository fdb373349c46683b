"""What a remote has and this workspace lacks, brought here: into a workspace beside it, which is merged then.

Nothing that a remote says is trusted: paths are built anew, sizes and hashes are checked before a byte counts, and
what remains to be judged (checksums of journals, what contradicts what is here) is judged as for any other workspace
(``docs/merging.md``).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from runstore.disk import files, inventory, ledger
from runstore.disk.ledger import Ledger
from runstore.errors import FormatTooNew, Refused, RemoteError, RunstoreError, Unreachable
from runstore.format import VERSION, documents, names
from runstore.query import union
from runstore.runs import attempts
from runstore.sync import describe, judging, known, legal, outgoing
from runstore.sync.choice import EVERYTHING, Choice
from runstore.sync.piece import Piece
from runstore.sync.plan import File, Held, plan
from runstore.sync.remote import Remote
from runstore.sync.retry import PATIENT, Patience, retry

Progress = Callable[[int, int], None]
Spend = Callable[[int], None]
RUNS, BYTES = 512, 256 << 20  # fetched before they are merged, about
JOBS = 4


@dataclass(slots=True)
class Pulled:
    """What was taken. ``refused``: what is at the remote, and why it was not; ``fetched``: bytes that were read."""

    runs: int = 0
    files: int = 0
    bytes: int = 0
    fetched: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Fetch:
    """A file to be fetched: from ``start`` on, out of these pieces."""

    file: File
    start: int
    pieces: list[Piece]

    @property
    def size(self) -> int:
        return self.file.size - self.start


def pull(
    workspace: Path,
    remote: Remote,
    choice: Choice = EVERYTHING,
    *,
    dry_run: bool = False,
    jobs: int = JOBS,
    spend: Spend | None = None,
    progress: Progress | None = None,
    patience: Patience = PATIENT,
) -> Pulled:
    """Take what the remote has and this workspace lacks.

    Args:
        workspace: the workspace's directory.
        remote: where from.
        choice: only that.
        dry_run: only say what would be taken.
        jobs: files on their way at once.
        spend: called with the bytes of each chunk; may wait (a limit of bandwidth).
        progress: called with (bytes fetched, bytes there are).
        patience: how long what can't be reached is tried again.

    Raises:
        RemoteError: the remote can't be asked, or gives something else than it says.
        OSError: this workspace can't be written; pulling again goes on.
    """
    with ledger.held(workspace, remote.id) as told:
        return _Pull(workspace, remote, choice, told, dry_run, jobs, spend, progress, patience).pull()


class _Pull:
    """One call of ``pull``."""

    def __init__(
        self, workspace: Path, remote: Remote, choice: Choice, told: Ledger, dry: bool, jobs: int,
        spend: Spend | None, progress: Progress | None, patience: Patience,
    ) -> None:  # fmt: skip
        self._workspace, self._remote, self._choice, self._told, self._dry = workspace, remote, choice, told, dry
        self._jobs, self._spend, self._progress, self._patience = jobs, spend, progress, patience
        self._done, self._expected = Pulled(), 0

    def pull(self) -> Pulled:
        """See above."""
        fetches, cursor = self._lacking()
        self._expected = sum(one.size for one in fetches)
        if self._dry:
            self._done.files, self._done.bytes = len(fetches), self._expected
            self._done.runs = len({one.pieces[0].run_id for one in fetches if one.pieces} - {""})
            return self._done
        for batch in _batches(fetches):
            self._take(batch)
        if self._choice.everything and not self._done.refused:  # which is asked for again, and named again
            self._told.pulled = cursor
        self._told.save()
        return self._done

    # ---- what

    def _lacking(self) -> tuple[list[_Fetch], str]:
        """The files that are lacking here, those of a run together, those outside of runs first."""
        since = self._told.pulled if self._choice.everything else ""
        answer = retry(lambda: self._remote.pieces(since), self._patience)
        fresh = self._legal(answer.pieces)
        of_runs = {piece.run_id for piece in fresh}
        if since and any(piece.offset or piece.needs for piece in fresh):  # what they go on from was told before
            whole = retry(lambda: self._remote.pieces("", of_runs), self._patience)
            fresh = self._legal(whole.pieces)
        fetches, by_run = [], {run_id: list[Piece]() for run_id in of_runs}
        for piece in fresh:
            by_run.setdefault(piece.run_id, []).append(piece)
        for run_id, own in sorted(by_run.items()):
            if not run_id or self._choice.run(run_id, next((one.experiment for one in own if one.experiment), "")):
                fetches += self._of_run(run_id, own)
        return _once(fetches), answer.cursor

    def _legal(self, pieces: Iterable[Piece]) -> list[Piece]:
        """Those of which it can be true what they say; the others are named."""
        found = []
        for piece in pieces:
            try:
                found.append(legal.check(piece))
            except Refused as problem:
                self._refuse(piece.path, str(problem))
        return found

    def _refuse(self, what: str, why: str) -> None:
        if (what, why) not in self._done.refused:
            self._done.refused.append((what, why))

    def _of_run(self, run_id: str, pieces: list[Piece]) -> list[_Fetch]:
        made = known.assembled(pieces)
        there = [*self._choice.files(file for file, _ in made.values())]
        wanted = plan(there, self._held(run_id, there), slices=False)
        return [_Fetch(one.file, one.start, made[one.file.key][1]) for one in wanted]

    def _held(self, run_id: str, there: Iterable[File]) -> Held:
        """What is here of a run and of the content beside it. Segments are fetched with the record that names them."""
        run_path = known.run_path(self._workspace, run_id) if run_id else None
        have = Held()
        if run_path is not None and attempts.there(run_path):
            have = describe.held(self._workspace, run_path)
            have.files = {path: size for path, size in have.files.items() if not path.endswith(".parquet")}
        for file in there:
            if file.kind == "blob" and (self._workspace / file.path).exists():
                have.files[file.key] = file.size
        if not run_id:
            have.files.update((file.key, file.size) for file in describe.outside(self._workspace))
        return have

    # ---- fetching

    def _take(self, batch: list[_Fetch]) -> None:
        """Fetch files into a workspace of their own, and merge that."""
        with _beside(self._workspace, self._remote.id) as staging:
            with ThreadPoolExecutor(max(1, self._jobs)) as pool:
                cut = self._judge(staging, pool.map(lambda one: self._fetch(staging, one), batch))
            self._losing(staging, {fetch.pieces[0].run_id for fetch in batch} - {""})
            merged = union.merge(self._workspace, staging)
        self._done.runs += merged.runs
        self._done.files += merged.files
        self._done.bytes += merged.bytes
        for what, why in merged.refused:
            self._refuse(what, why)
        if cut is not None:
            raise cut

    def _judge(self, staging: Path, done: Iterable[tuple[_Fetch, RemoteError | None]]) -> Unreachable | None:
        """Leave out what is not as it should be; runs that the line was cut in whole: their facts promise the rest."""
        cut: Unreachable | None = None
        partial: set[str] = set()
        for one, failed in done:
            self._fetched(one.size)
            problem = failed or _wrong(staging, one)
            if isinstance(problem, Unreachable):
                cut = problem
                partial.add(one.pieces[0].run_id)
            elif problem is not None:
                self._refuse(one.file.path, str(problem))
            if problem is not None:
                files.unlink(staging / PurePosixPath(one.file.path))
        for run_id in partial - {""}:
            shutil.rmtree(known.run_path(staging, run_id), ignore_errors=True)
        return cut

    def _losing(self, staging: Path, runs: set[str]) -> None:
        """Leave out runs whose records would take away something that is here."""
        for run_id in sorted(runs):
            staged = known.run_path(staging, run_id)
            try:
                judging.replaced(inventory.scan(staged), known.run_path(self._workspace, run_id))
            except Refused as problem:
                self._refuse(run_id, str(problem))
                shutil.rmtree(staged)

    def _fetched(self, size: int) -> None:
        self._done.fetched += size
        if self._progress is not None:
            self._progress(self._done.fetched, self._expected)

    def _fetch(self, staging: Path, one: _Fetch) -> tuple[_Fetch, RemoteError | None]:
        """Fetch one file, or the rest of it; give what is wrong with it, if anything is."""
        target = staging / PurePosixPath(one.file.path)
        files.make_dirs(target.parent)
        with open(target, "wb") as file:
            if one.start:
                for chunk in outgoing.chunks(self._workspace / PurePosixPath(one.file.path), 0, one.start):
                    file.write(chunk)
            for piece in one.pieces:
                at = file.tell()
                if piece.end <= at:
                    continue
                try:
                    retry(lambda piece=piece, at=at: self._poured(file, at, piece), self._patience)  # type: ignore[misc]
                except RemoteError as problem:
                    return one, problem
        if one.file.modified:
            os.utime(target, ns=(one.file.modified, one.file.modified))
        return one, None

    def _poured(self, file: IO[bytes], at: int, piece: Piece) -> None:
        """Put what of a piece lies from ``at`` on into a file, once more from there if it was begun before."""
        file.seek(at)
        file.truncate()
        digest, seen, skip = hashlib.sha256(), 0, at - piece.offset
        for chunk in self._remote.get(piece) if piece.size else ():
            seen += len(chunk)
            if seen > piece.size:
                break
            if self._spend is not None:
                self._spend(len(chunk))
            digest.update(chunk)
            file.write(chunk[skip:])
            skip = max(0, skip - len(chunk))
        if seen != piece.size or digest.hexdigest() != (piece.sha256 or hashlib.sha256().hexdigest()):
            raise RemoteError(
                f"{self._remote.label} gives other bytes for {piece.path} than it has told; it was left out"
            )


def _wrong(staging: Path, one: _Fetch) -> RunstoreError | None:
    """What is wrong with what a file says, after its bytes were right."""
    piece = one.pieces[0]
    try:
        judging.size(one.file.kind, one.file.path, one.file.size)
        judging.file(staging, one.file.path, one.file.kind, piece.run_id, piece.experiment)
    except (Refused, FormatTooNew) as problem:
        return problem
    return None


@contextmanager
def _beside(workspace: Path, remote_id: str) -> Iterator[Path]:
    """An empty workspace on the same file system, which goes when it was merged."""
    staging = workspace / names.REMOTES / names.temporary("pull", os.urandom(4).hex())
    body = {"runstore": VERSION, "workspace": remote_id, "created": time.time_ns()}
    try:
        for folder in (names.RUNS, names.EXPERIMENTS):
            files.make_dirs(staging / folder)
        files.publish(staging, names.WORKSPACE, documents.render(body), durable=False)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _batches(fetches: list[_Fetch]) -> Iterator[list[_Fetch]]:
    """Files that are merged together; of files of one path each in a batch of its own."""
    later = _twice(fetches)
    others = {id(one) for one in later}
    fetches = [one for one in fetches if id(one) not in others]
    batch: list[_Fetch] = []
    for number, one in enumerate(fetches):
        batch.append(one)
        last = number + 1 == len(fetches) or one.pieces[0].run_id != fetches[number + 1].pieces[0].run_id
        if last and (len({f.pieces[0].run_id for f in batch}) >= RUNS or sum(f.size for f in batch) >= BYTES):
            yield batch
            batch = []
    if batch:
        yield batch
    if later:
        yield from _batches(later)


def _once(fetches: Iterable[_Fetch]) -> list[_Fetch]:
    """Content that several runs refer to is fetched with the first of them: its path is its hash."""
    content: dict[str, _Fetch] = {}
    return [one for one in fetches if one.file.kind != "blob" or content.setdefault(one.file.path, one) is one]


def _twice(fetches: Iterable[_Fetch]) -> list[_Fetch]:
    """Those before which there is one of the same path."""
    seen, later = set[str](), []
    for one in fetches:
        if one.file.path in seen:
            later.append(one)
        seen.add(one.file.path)
    return later
