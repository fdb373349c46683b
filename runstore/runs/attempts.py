"""The attempt of a new writer: it joins the newest one, or opens the next.

It joins while the newest attempt has a live writer, and also later if its rank has not written there yet: the ranks
of a run need not overlap in time. An attempt is claimed by creating its first file with O_EXCL, so ranks that restart
together agree without talking.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from runstore.disk import block, files, lock
from runstore.errors import NotWritable, RunNotFound, StoreError
from runstore.format import names
from runstore.runs import mirrored
from runstore.runs.writer import Identity, Writer

if TYPE_CHECKING:
    from runstore.runs.state import WriterState

_CLAIM_SECONDS = 15.0  # how long a claimed attempt may stay without its first line: a busy disk takes seconds
Open = Callable[[Identity], Writer]


def enter(
    directory: Path,
    run_id: str,
    experiment: str,
    open_writer: Open,
    attempt: int | None = None,
    opener: bool | None = None,
    rank: int | None = None,
) -> Writer:
    """Give a new writer in the right attempt of a run.

    Args:
        directory: the run's directory; created where missing.
        run_id: the run's id.
        experiment: its experiment; where the run exists it must be the same.
        open_writer: opens the writer of an identity; raises FileExistsError where the attempt was claimed meanwhile.
        attempt: go into this attempt, whatever lives there.
        opener: False queues a new run: its first attempt is left for somebody else to begin.
        rank: the process's number among several, if it has one.

    Raises:
        StoreError: the run belongs to another experiment, or is or was deleted.
        UsageError: the workspace is only read.
        NotWritable: the workspace can't be written.
    """
    mirrored.refuse(directory.parents[2])
    try:
        return _enter(directory, run_id, experiment, open_writer, attempt, opener, rank)
    except PermissionError as problem:
        raise NotWritable(f"{problem.filename}: not writable ({problem.strerror}); check its owner") from None
    except OSError as problem:
        raise NotWritable(f"{directory}: can't start a run ({problem.strerror}); mend that first") from None


def _enter(
    directory: Path,
    run_id: str,
    experiment: str,
    open_writer: Open,
    attempt: int | None,
    opener: bool | None,
    rank: int | None,
) -> Writer:
    while True:
        identity = _choose(directory, run_id, experiment, attempt, opener, rank)
        files.make_dirs(directory)
        try:
            return open_writer(identity)
        except FileExistsError:
            if not identity.opener:
                raise
        except FileNotFoundError:
            if directory.is_dir():  # else compaction has just removed it, empty as it was
                raise


def _choose(
    directory: Path, run_id: str, experiment: str, attempt: int | None, opener: bool | None, rank: int | None
) -> Identity:
    newest = _newest(directory, run_id, experiment, rank)
    if newest is None:
        return Identity.new(run_id, experiment, attempt or 1, opener=opener is not False)
    number, joins, queued = newest
    if attempt is not None:
        return Identity.new(run_id, experiment, attempt, opener=attempt > number or (queued and attempt == number))
    return Identity.new(run_id, experiment, number if joins or queued else number + 1, opener=not joins)


def _newest(directory: Path, run_id: str, experiment: str, rank: int | None) -> tuple[int, bool, bool] | None:
    """The newest attempt's number, whether a new writer joins it, whether it waits to be begun; None for a new run."""
    if not there(directory):
        if (directory.parents[2] / names.tombstone(block.key(directory))).exists():
            raise StoreError(f"run {run_id} was deleted and removed; give the new run another id")
        return None
    from runstore.runs import state  # only where there is something to fold: a new run starts in milliseconds

    claimed = _wait_for_claim(directory)
    run = state.fold(directory)
    if not run.attempts and not claimed:
        return None
    if run.deleted is not None:
        raise StoreError(f"run {run_id} is deleted; `runstore restore {run_id}` brings it back")
    if run.experiment and run.experiment != experiment:
        raise StoreError(f"run {run_id} is in experiment {run.experiment!r}, not {experiment!r}; name that one")
    number = max([claimed, *(attempt.number for attempt in run.attempts)])
    newest = [writer for writer in run.writers if writer.attempt == number]
    live = any(
        writer.state in state.LIVE or (writer.state == state.NOT_RESPONDING and _begins(directory, writer))
        for writer in newest
    )
    queued = run.status == state.QUEUED and run.attempts[-1].number == number
    return number, live or (not queued and _lacks(newest, rank)), queued


def _lacks(newest: list[WriterState], rank: int | None) -> bool:
    """Whether an attempt that was begun has no writer of this rank yet. A writer without a rank has rank 0.

    What a single process without a rank began and didn't end is no attempt of several ranks: ranks resume it together.
    """
    began = any(writer.rank is not None or writer.end is not None for writer in newest)
    return rank is not None and began and rank not in {writer.rank or 0 for writer in newest}


def _begins(directory: Path, writer: WriterState) -> bool:
    """Whether a writer that nothing else tells of has just said its start: it makes its lock only then."""
    return lock.beating(directory / names.lock(writer.writer), writer.started)


def _wait_for_claim(directory: Path) -> int:
    """Give a process that has just claimed an attempt the moment it needs for its first line.

    Gives the newest attempt claimed, 0 for none. One whose claimer died in that moment counts, and is dead.
    """
    deadline = time.monotonic() + _CLAIM_SECONDS
    while True:
        found = [
            (Path(e.path), n) for e in files.listing(directory) if (n := names.parse(e.name)) and n.kind == "facts"
        ]
        if time.monotonic() > deadline or all(b"\n" in files.read(path).rstrip(b"\0") for path, _ in found):
            return max((name.attempt for _, name in found), default=0)
        time.sleep(0.005)


def there(directory: Path) -> bool:
    """Whether anything of a run is there: its directory, or what a block holds."""
    return directory.is_dir() or bool(block.holding(directory.parents[2], block.key(directory)))


def existing(directory: Path, run_id: str) -> None:
    """Refuse a run that isn't there.

    Raises:
        RunNotFound: it has no directory, and no block holds anything of it.
    """
    if not there(directory):
        raise RunNotFound(f"no run {run_id}; `runstore runs` lists them")
