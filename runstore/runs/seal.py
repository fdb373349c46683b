"""Starts the sealer: a short-lived child process, one at a time, so that training never imports pyarrow or duckdb.

If it can't start nothing is lost: any later command seals.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

from runstore.disk.capabilities import CAN

_pending: dict[Path, set[str]] = {}
_lock = Lock()
_thread: Thread | None = None
_AT_ONCE = 200  # runs named on one command line


def request(workspace: Path, run_dir: Path) -> None:
    """Have a run's finished journals sealed soon."""
    global _thread
    with _lock:
        _pending.setdefault(workspace, set()).add(run_dir.relative_to(workspace).as_posix())
        if _thread is None:
            try:
                _thread = Thread(target=_work, name="runstore-sealer", daemon=True)
                _thread.start()
            except RuntimeError:  # the interpreter is ending: ``last`` starts what is left
                _thread = None


def last() -> None:
    """At exit: start what is pending and don't wait for it."""
    with _lock, suppress(OSError):
        for workspace, runs in _pending.items():
            _start(workspace, sorted(runs))
        _pending.clear()


def forget() -> None:
    """In a forked child: what is pending is the parent's."""
    global _pending, _lock, _thread
    _pending, _lock, _thread = {}, Lock(), None


def _work() -> None:
    global _thread
    while True:
        with _lock:
            if not _pending:
                _thread = None
                return
            workspace = next(iter(_pending))
            runs = sorted(_pending.pop(workspace))
        with suppress(OSError):
            _start(workspace, runs, wait=True)


def _start(workspace: Path, runs: list[str], wait: bool = False) -> None:
    for at in range(0, len(runs), _AT_ONCE):
        argv = [sys.executable, "-m", "runstore.query.sealer", str(workspace), *runs[at : at + _AT_ONCE]]
        if CAN.spawn:
            _spawn(argv, wait)
        else:
            _popen(argv, wait)


def _environment() -> dict[str, str]:
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _spawn(argv: list[str], wait: bool) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    try:
        actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
        pid = os.posix_spawn(argv[0], argv, _environment(), file_actions=actions, setpgroup=0)
    finally:
        os.close(null)
    if wait:
        with suppress(ChildProcessError):  # somebody else in this process reaps all children
            os.waitpid(pid, 0)


def _popen(argv: list[str], wait: bool) -> None:
    import subprocess

    null = subprocess.DEVNULL
    child = subprocess.Popen(argv, stdin=null, stdout=null, stderr=null, env=_environment())
    if wait:
        child.wait()
    else:
        child.returncode = 0  # never reaped here: the process is ending
