"""Starts the sealer: a short-lived child process, one at a time, so that training never imports pyarrow or duckdb.

If it can't start nothing is lost: any later command seals.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

from runstore.disk.capabilities import CAN

_pending: dict[Path, set[str]] = {}
_lock = Lock()
_thread: Thread | None = None
_children: list[object] = []
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
            for at in range(0, len(runs), _AT_ONCE):
                _start(workspace, sorted(runs)[at : at + _AT_ONCE])
        _pending.clear()


def forget() -> None:
    """In a forked child: what is pending is the parent's."""
    global _pending, _lock, _thread
    _pending, _lock, _thread = {}, Lock(), None


def _work() -> None:
    global _thread
    while True:
        with _lock:  # taken off the list and started in one go: ``last`` sees every run that nobody has started
            if not _pending:
                _thread = None
                return
            workspace = next(iter(_pending))
            runs = sorted(_pending[workspace])[:_AT_ONCE]
            _pending[workspace].difference_update(runs)
            if not _pending[workspace]:
                del _pending[workspace]
            try:
                wait = _start(workspace, runs)
            except OSError:
                continue
        wait()


def _start(workspace: Path, runs: list[str]) -> Callable[[], object]:
    """Start one sealer; give the function that waits for it.

    Raises:
        OSError: it can't start.
    """
    if getattr(sys, "frozen", False) or not sys.executable:
        raise FileNotFoundError("no Python interpreter of its own")  # the executable is the user's program
    argv = [sys.executable, "-m", "runstore.query.sealer", str(workspace), *runs]
    return _spawn(argv) if CAN.spawn else _popen(argv)


def _environment() -> dict[str, str]:
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    # without the safe path a file in the current directory could stand in for any module
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONSAFEPATH": "1"}


def _spawn(argv: list[str]) -> Callable[[], object]:
    null = os.open(os.devnull, os.O_RDWR)
    try:
        actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
        pid = os.posix_spawn(argv[0], argv, _environment(), file_actions=actions, setpgroup=0)
    finally:
        os.close(null)

    def wait() -> None:
        with suppress(ChildProcessError):  # somebody else in this process reaps all children
            os.waitpid(pid, 0)

    return wait


def _popen(argv: list[str]) -> Callable[[], object]:
    import subprocess

    null = subprocess.DEVNULL
    child = subprocess.Popen(argv, stdin=null, stdout=null, stderr=null, env=_environment())
    _children.append(child)  # dropped unreaped it would complain
    return child.wait
