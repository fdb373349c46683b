"""Processes and pipes: what not every system can do with them, each with its plain form beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from runstore.disk.capabilities import CAN

PIPE_BYTES = 1 << 20  # what an unprivileged process may ask for on Linux


class Process(NamedTuple):
    """One living process. ``group`` and ``session`` are 0 where they can't be told."""

    pid: int
    parent: int
    group: int
    session: int
    environment: bytes  # NUL or blank between the variables; empty where it can't be read


def table() -> list[Process]:
    """Every living process that this one can see, zombies not among them; none where the system can't tell."""
    if CAN.proc:
        return list(_from_proc())
    return _from_ps() if os.name == "posix" else []


def _from_proc() -> Iterator[Process]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError, ValueError, IndexError):  # it has just ended
                yield _from_directory(int(name))


def _from_directory(pid: int) -> Process:
    """Read one process's entries.

    Raises:
        OSError, ValueError: it is gone, or is a zombie.
    """
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    if fields[0] in (b"Z", b"X"):
        raise ValueError("ended, not reaped")
    environment = b""
    with suppress(OSError):  # another user's
        environment = _read(f"/proc/{pid}/environ")
    return Process(pid, int(fields[1]), int(fields[2]), int(fields[3]), environment)


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        pieces = [os.read(fd, 1 << 16)]
        while len(pieces[-1]) > 0 and path.endswith("environ"):
            pieces.append(os.read(fd, 1 << 16))
        return b"".join(pieces)
    finally:
        os.close(fd)


def _from_ps() -> list[Process]:
    """What ``ps`` tells, with the environment behind the command line; nothing where there is no ``ps``."""
    which = ["-AEww"] if sys.platform == "darwin" else ["axeww"]
    columns = ["-o", "pid=", "-o", "ppid=", "-o", "pgid=", "-o", "stat=", "-o", "command="]
    try:
        told = subprocess.run(["ps", *which, *columns], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return []
    found = []
    for line in told.stdout.splitlines():
        with suppress(ValueError):
            pid, parent, group, state, *rest = line.split(None, 4)
            if not state.startswith(b"Z"):
                found.append(Process(int(pid), int(parent), int(group), 0, b" ".join(rest)))
    return found


def ask_to_end(pid: int) -> None:
    """Ask one process to end; wake it if it is stopped. One that has gone is no error."""
    with suppress(OSError):
        os.kill(pid, signal.SIGTERM)
        if os.name == "posix":
            os.kill(pid, signal.SIGCONT)


def destroy(pid: int) -> None:
    """End one process, whatever it says; on Windows with those it started. One that has gone is no error."""
    if os.name == "posix":
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        return
    command = ["taskkill", "/F", "/T", "/PID", str(pid)]
    with suppress(OSError):
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def ended(process: subprocess.Popen[Any]) -> int | None:
    """With what a child has ended; None while it lives. Where possible it isn't reaped, so that its id stays taken.

    Returns:
        The exit code, or the negative number of the signal that killed it.
    """
    if process.returncode is not None or not CAN.peek:
        return process.poll()
    try:
        told = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # somebody else has reaped it
        return process.poll()
    if told is None:
        return None
    return told.si_status if told.si_code == os.CLD_EXITED else -told.si_status


def widen(pipe: int) -> None:
    """Make a pipe hold as much as it may; one that can't grow stays as it is."""
    if CAN.pipe_size:
        import fcntl

        with suppress(OSError):  # the user's share of pipe memory is used up
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def hand_down(*fds: int) -> dict[str, Any]:
    """The arguments for ``subprocess.Popen`` by which a child gets these descriptors under the same numbers."""
    return {"pass_fds": fds} if CAN.hand_down else {}


def apart() -> dict[str, Any]:
    """The arguments for ``subprocess.Popen`` by which a child has a session and a group of its own."""
    if CAN.groups:
        return {"start_new_session": True}
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {}
