"""Everything that a remote lacks of a workspace, sent there; at any moment, any number of times, after any break.

What counts is only what was committed. A batch of runs goes in one commit: its objects are put first, by several
threads, and after the commit the ledger says so. Who is killed in between sends at most that batch's objects again,
those of them that are not there yet.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from runstore.disk import block, files, ledger, wherever
from runstore.disk.ledger import Entry, Ledger
from runstore.errors import Refused, RemoteConflict, RunstoreError
from runstore.format import documents, names
from runstore.runs import tombstones
from runstore.sync import describe, known, outgoing, verifying
from runstore.sync.choice import EVERYTHING, Choice
from runstore.sync.describe import Described
from runstore.sync.outgoing import Parcel, Source
from runstore.sync.piece import SEGMENTS, Piece
from runstore.sync.plan import File, Wanted, plan
from runstore.sync.remote import Object, Remote
from runstore.sync.retry import PATIENT, Patience, retry

Progress = Callable[[int, int], None]
Spend = Callable[[int], None]
RUNS, BYTES = 256, 64 << 20  # of a batch, about
JOBS = 4


@dataclass(slots=True)
class Pushed:
    """What was sent.

    Attributes:
        sent_segments: sealed files, whole ones and parts.
        sent_bytes: of everything.
        ok: runs that are at the remote now, as far as there is anything of them here.
        partial: runs of which something is here still, and why.
        failed: runs that could not be sent, and why.
        asked: whether the remote was asked at all; False where the ledger answered.
        verified_bytes: how many were read back.
    """

    sent_segments: int = 0
    sent_bytes: int = 0
    ok: list[str] = field(default_factory=list)
    partial: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    asked: bool = False
    verified_bytes: int = 0


@dataclass(slots=True)
class _Run:
    """A run on its way. ``signature``: that of its directory before it was described."""

    seen: Described
    signature: str
    wanted: list[Wanted]
    parcel: Parcel


def push(
    workspace: Path,
    remote: Remote,
    choice: Choice = EVERYTHING,
    *,
    dry_run: bool = False,
    verify: bool = False,
    jobs: int = JOBS,
    spend: Spend | None = None,
    progress: Progress | None = None,
    patience: Patience = PATIENT,
) -> Pushed:
    """Send what the remote lacks.

    Args:
        workspace: the workspace's directory.
        remote: where to.
        choice: only that.
        dry_run: only say what would be sent: nothing is sealed, put or committed.
        verify: ask the remote for all that it has, whatever the ledger says, and read it back afterwards; a run of
            which something is not there, or is other bytes there, has failed.
        jobs: objects on their way at once.
        spend: called with the bytes of each chunk before it is sent; may wait (a limit of bandwidth).
        progress: called with (bytes sent, bytes known to be sent).
        patience: how long what can't be reached is tried again.

    Raises:
        Unreachable, Refused: the remote can't be asked at all. Trouble of single runs is in ``failed``.
        Busy: another process sends there.
    """
    with ledger.held(workspace, remote.id) as told:
        if verify:
            retry(lambda: remote.pieces(told.cursor), patience)  # who does not answer is still known to have all this
            told.forget()
        done = _Push(workspace, remote, choice, told, dry_run, jobs, spend, progress, patience).push()
    if verify and not dry_run:
        found = verifying.verify(workspace, remote, choice, jobs=jobs, spend=spend, patience=patience)
        for run_id, why in found.wrong:
            done.failed.setdefault(run_id, why)
        done.ok = [run_id for run_id in done.ok if run_id not in done.failed]
        done.verified_bytes = found.bytes
    return done


def changed(workspace: Path, told: Ledger, mark: str = "") -> Iterator[tuple[Path, str]]:
    """The runs of which the remote may lack something, by the ledger, with the signatures of their directories.

    ``mark``: what it may have of them, where that is not everything (``Choice.mark``).
    """
    for run_path in wherever.live(workspace):
        now = ledger.signature(run_path)
        entry = told.run(block.key(run_path))
        there = now and entry is not None and entry.signature in (now, now + mark)
        if not there and not tombstones.there(run_path):
            yield run_path, now
    for one in block.active(workspace):
        whole = told.remote_id in one.body["acknowledged"] and not told.lost
        if told.blocks.isdisjoint((one.name, one.name + mark)) and not whole:
            for digits in one.keys():  # noqa: SIM118  it is no dict
                run_path = workspace / names.RUNS / digits[:2] / digits[2:]
                if not run_path.is_dir() and not tombstones.there(run_path):
                    yield run_path, ""


class _Push:
    """One call of ``push``."""

    def __init__(
        self, workspace: Path, remote: Remote, choice: Choice, told: Ledger, dry: bool, jobs: int,
        spend: Spend | None, progress: Progress | None, patience: Patience,
    ) -> None:  # fmt: skip
        self._workspace, self._remote, self._choice, self._told, self._dry = workspace, remote, choice, told, dry
        self._jobs, self._spend, self._progress, self._patience = jobs, spend, progress, patience
        self._done, self._expected, self._blocks = Pushed(), 0, {one.name for one in block.active(workspace)}
        self._me = str(documents.parse(files.read(workspace / names.WORKSPACE), names.WORKSPACE)["workspace"])
        self._put_bytes = 0
        self._trouble: dict[Path, str] = {}  # what could not be sealed, and why

    def push(self) -> Pushed:
        """See above."""
        runs = list(changed(self._workspace, self._told, self._choice.mark))
        documents_ = [*self._documents()]
        if not runs and not documents_:
            return self._done
        runs = [*self._meant(runs)]
        if not runs and not documents_:
            return self._done
        self._learn()
        if not self._dry:
            self._settle([path for path, _ in runs])
        self._batches(runs, [*self._documents()])
        if not self._dry:
            if self._choice.all_runs and not self._done.failed and not self._done.partial:
                self._told.blocks |= {name + self._choice.mark for name in self._blocks}
            self._told.save()
        return self._done

    def _meant(self, runs: Iterable[tuple[Path, str]]) -> Iterator[tuple[Path, str]]:
        """Those of the runs that are chosen."""
        for path, signature in runs:
            if self._choice.all_runs:
                yield path, signature
                continue
            with suppress(RunstoreError, OSError):
                one = describe.whose(path)
                if self._choice.run(*one):
                    yield path, signature

    def _documents(self) -> Iterator[File]:
        """The documents outside of runs that the remote lacks."""
        roots = () if self._choice.all_runs else (names.MODELS, names.ENVIRONMENTS)
        for file in describe.outside(self._workspace, self._told.files):
            if not file.path.startswith(roots):
                yield file

    def _learn(self) -> None:
        """Ask what others, or this one before its ledger was lost, have put there since it was asked last."""
        answer = retry(lambda: self._remote.pieces(self._told.cursor), self._patience)
        known.learn(self._told, answer.pieces)
        self._told.cursor = answer.cursor
        self._done.asked = True

    def _settle(self, runs: list[Path]) -> None:
        """Seal what can be sealed, of runs that go on too."""
        from runstore.query import turning  # and with it DuckDB, which is not needed where nothing is to be sent

        self._trouble = turning.turn(self._workspace, runs)

    # ---- batches

    def _batches(self, runs: list[tuple[Path, str]], outside: list[File]) -> None:
        batch, size = list[_Run](), 0
        with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
            for number, (path, signature) in enumerate(runs):
                one = self._prepared(path, signature, Path(directory, str(number)))
                if one is None:
                    continue
                batch.append(one)
                size += one.parcel.size
                if len(batch) >= RUNS or size >= BYTES:
                    self._send(batch, outside)
                    batch, outside, size = [], [], 0
            self._send(batch, outside)

    def _prepared(self, path: Path, signature: str, aside: Path) -> _Run | None:
        """A run read and hashed; None where it can't be, or nothing of it is lacking."""
        seen = None
        try:
            signature = ledger.signature(path)  # sealing has changed it
            seen = describe.run(self._workspace, path)
            seen.trouble += [self._trouble[path]] if path in self._trouble else []
            run = seen.run
            if not run.run_id:
                raise RunstoreError("nothing tells whose run this is; run `check`")
            have = known.held(self._told.run(block.key(path)))
            have.files.update(self._told.files)
            wanted = plan(self._choice.files([*seen.files, *seen.content]), have)
            source = Source(self._workspace, run.inventory, run.run_id, run.experiment, seen.packed, aside)
            parcel = Parcel() if self._dry else outgoing.ready(source, wanted)
        except (RunstoreError, OSError) as problem:
            self._done.failed[seen.run.run_id if seen and seen.run.run_id else path.name] = str(problem)
            return None
        one = _Run(seen, signature, wanted, parcel)
        if self._dry:
            self._count(wanted)
            self._report([one])
            return None
        return one

    def _count(self, wanted: Iterable[Wanted]) -> None:
        """What a dry run says; a part of a segment is counted as the whole."""
        for one in wanted:
            self._done.sent_segments += one.file.kind in SEGMENTS
            self._done.sent_bytes += one.file.size - one.start

    def _send(self, batch: list[_Run], outside: list[File]) -> None:
        if not batch and not outside:
            return
        if self._dry:
            self._count(Wanted(file) for file in outside)
            return
        try:
            self._commit(batch, outside)
        except (Refused, RemoteConflict) as problem:
            if len(batch) + bool(outside) > 1:  # one of them is the trouble: the others go without it
                for one in batch:
                    self._send([one], [])
                self._send([], outside)
                return
            for one in batch:
                self._done.failed[one.seen.run.run_id] = str(problem)
            if not batch:
                raise
        else:
            self._report(batch)

    def _report(self, batch: Iterable[_Run]) -> None:
        for one in batch:
            run_id, seen = one.seen.run.run_id, one.seen
            if seen.complete:
                self._done.ok.append(run_id)
            else:
                where = "not sealed yet" if self._dry else "still in its writer's journal"
                waiting = f"{seen.unsealed:,} points are {where}" if seen.unsealed else ""
                self._done.partial[run_id] = "; ".join([*seen.trouble, *([waiting] if waiting else [])])

    def _commit(self, batch: list[_Run], outside: list[File]) -> None:
        parcel, now = Parcel(), time.time_ns()
        for file in outside:
            parcel.add(Piece(file.path, file.kind), files.read(self._workspace / file.path))
        for one in batch:
            parcel.take(one.parcel)
        pieces, objects = parcel.bound()
        pieces = [piece._replace(pusher=self._me, time=now) for piece in pieces]
        if pieces:
            self._put(objects)
            retry(lambda: self._remote.commit(pieces, self._workspace), self._patience)
            known.learn(self._told, pieces)
            self._done.sent_segments += sum(one.kind in SEGMENTS for one in pieces)
            self._done.sent_bytes += parcel.size
        self._note(batch)
        self._told.save()

    def _note(self, batch: Iterable[_Run]) -> None:
        """That these runs are there, under the names that their files have here too."""
        for one in batch:
            digits = block.key(one.seen.run.path)
            entry = self._told.run(digits) or Entry()
            for wanted in one.wanted:
                if wanted.file.kind == "seal":
                    entry.files[wanted.file.key] = wanted.file.size
            entry.signature = one.signature + self._choice.mark if one.seen.complete and one.signature else ""
            self._told.note(digits, entry)

    # ---- objects

    def _put(self, objects: list[Object]) -> None:
        """Put those that are not there; a batch that was begun before may have left some."""
        lacking = retry(lambda: self._remote.lacking(objects), self._patience)
        todo = list({one.sha256: one for one in objects if one.sha256 in lacking}.values())
        self._expected += sum(one.size for one in todo)
        with ThreadPoolExecutor(max(1, self._jobs)) as pool:
            for size in pool.map(self._put_one, todo):
                self._sent(size)

    def _put_one(self, one: Object) -> int:
        counted = one._replace(read=lambda: self._spent(one.read())) if self._spend is not None else one
        retry(lambda: self._remote.put(counted), self._patience)
        return one.size

    def _spent(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if self._spend is not None:
                self._spend(len(chunk))
            yield chunk

    def _sent(self, size: int) -> None:
        self._put_bytes += size
        if self._progress is not None:
            self._progress(self._put_bytes, self._expected)
