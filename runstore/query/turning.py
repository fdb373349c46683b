"""What running runs have logged up to now, sealed: their writers are asked to begin their next journals.

A writer that does not answer in time (stopped, or on a machine that sees it later) keeps its last journal open: what is
in that is sealed another time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from runstore.disk import files, lock, tail
from runstore.errors import RunstoreError
from runstore.format import lines, names
from runstore.query import sealing
from runstore.runs import state
from runstore.runs.state import WriterState

PATIENCE = 2.0  # seconds a writer has to answer: it looks once a second
SEALING = 60.0  # seconds to wait for another process that seals the run
_PAUSE = 0.02
_HEAD, _TAIL = 1 << 16, 1 << 8  # bytes: more than any header of ours, and than any closing line


@dataclass(frozen=True, slots=True)
class _Open:
    """A journal that its writer is to leave."""

    path: Path
    writer: WriterState

    def left(self) -> bool:
        """Whether it was left whole, sealed already, or has nobody any more who could do so."""
        if _closed(self.path):
            return True
        liveness = self.path.with_name(names.lock(self.writer.writer))
        return bool(self.writer.start) and lock.verdict(self.writer.start, liveness) == "dead"


def turn(workspace: Path, run_paths: Iterable[Path], patience: float = PATIENCE) -> dict[Path, str]:
    """Seal what is in the journals of runs, of those too that go on; their writers are asked to leave theirs.

    Args:
        workspace: the workspace's directory.
        run_paths: the directories of runs, finished ones and those in blocks among them.
        patience: seconds to wait for all writers together.

    Returns:
        The runs of which something could not be sealed for another reason than a silent writer, each with it.
    """
    unsealed = [run_path for run_path in run_paths if _journals(run_path)]
    trouble: dict[Path, str] = {}
    with asked(unsealed, trouble) as waiting:
        until = time.monotonic() + patience
        while waiting and time.monotonic() < until:
            time.sleep(_PAUSE)
            waiting = [one for one in waiting if not one.left()]
    for run_path in unsealed:
        try:
            sealing.seal(workspace, run_path, SEALING)
        except FileNotFoundError:
            continue  # removed meanwhile
        except (RunstoreError, OSError) as problem:
            trouble[run_path] = str(problem)
    return trouble


@contextmanager
def asked(run_paths: Iterable[Path], trouble: dict[Path, str]) -> Iterator[list[_Open]]:
    """Have the writers of runs asked to begin their next journals; gives what they are to leave.

    A request stays no longer than the block, unless another process has made a newer one.
    """
    requests: dict[Path, bytes] = {}
    waiting: list[_Open] = []
    try:
        for run_path in run_paths:
            try:
                found = list(_open(run_path))
                if found:
                    requests[run_path / names.ROTATE] = _ask(run_path)
                    waiting += found
            except FileNotFoundError:
                continue  # removed meanwhile
            except (RunstoreError, OSError) as problem:
                trouble[run_path] = str(problem)
        yield waiting
    finally:
        for path, token in requests.items():
            with suppress(OSError):  # one that stays is swept by `compact`
                if files.read(path) == token:
                    files.unlink(path)


def _ask(run_path: Path) -> bytes:
    """Put a request there; its token. One that another process makes at this moment does as well."""
    token = os.urandom(8).hex().encode()
    files.unlink(run_path / names.ROTATE)
    with suppress(FileExistsError):
        fd = files.create(run_path / names.ROTATE)
        try:
            files.write_all(fd, token)
        finally:
            files.close(fd)
    return token


def _open(run_path: Path) -> Iterator[_Open]:
    """The journals that hold something and that a live writer may have open: the last of each, and of its side."""
    last = {tail.order(path)[0]: path for path in _journals(run_path)}
    if not last:
        return
    for part in state.fold(run_path).writers:
        if not part.settled:
            for writer in (part.writer, names.side(part.writer)):
                if writer in last and not _closed(last[writer]) and _holding(last[writer]):
                    yield _Open(last[writer], part)


def _journals(run_path: Path) -> list[Path]:
    """The points and side journals of a run, in the order in which they were written."""
    listed = (names.parse(name) for name in files.names_in(run_path) if name.startswith("p-"))
    return sorted((run_path / one.text for one in listed if one is not None), key=tail.order)


def _holding(path: Path) -> bool:
    """Whether there is anything behind a journal's header."""
    try:
        with files.opened(path) as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        return False
    _, ended, rest = head.partition(b"\n")
    return rest.startswith(b"[") or not ended


def _closed(path: Path) -> bool:
    """Whether a journal has its closing line, or is gone: sealed by somebody else."""
    try:
        with files.opened(path) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            return file.read(_TAIL).rpartition(b"\n" + lines.END)[1] != b""
    except FileNotFoundError:
        return True
